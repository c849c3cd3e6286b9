"""What an option is called on the settings page; its key stands below, as files have it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

TITLES: Final = MappingProxyType(
    {
        "base": "Base branch",
        "worktree_path": "Place of worktrees",
        "branch": "Names of branches",
        "copy": "Files to copy",
        "setup": "Set-up command",
        "check": "Check command",
        "check_minutes": "Time for a check",
        "strategy": "Way to land",
        "push": "Push after landing",
        "protect_base": "Protect the base",
        "remove_landed": "Landed worktrees",
        "critical_files": "Critical files",
        "guardians": "Guardians",
        "approve_before": "Approval",
        "overlap": "Overlapping files",
        "dependency_satisfied_by": "Dependencies",
        "max_workers": "Agents at once",
        "max_attempts": "Attempts",
        "min_free_memory_mb": "Memory to keep free",
        "lease_minutes": "Length of a claim",
        "stale_after_minutes": "Silence until offline",
        "run_minutes": "Time for a run",
        "commit_leftovers": "Commit leftovers",
        "lock_files": "Lock files",
        "log_dir": "Folder of logs",
        "wip_under_way": "Tasks under way",
        "wip_review": "Tasks in review",
        "wip_worker": "Unlanded of a worker",
        "commit_guard": "Commit guard",
        "max_load": "Highest load",
        "keep_transcripts_days": "Days of transcripts",
        "idle_minutes": "Time without a sign",
        "budget_task_usd": "Budget of a task",
        "budget_day_usd": "Budget of a day",
        "prompt_file": "Prompt",
        "dispatch": "Who gives out tasks",
        "steal_after_minutes": "Time to begin a task",
        "steal_notice_minutes": "Notice before it goes",
        "agents_profile": "Agents to register",
        "agents_floor": "Fewest of them",
        "agents_ceiling": "Most of them",
        "stages": "Stages",
        "stage_profiles": "Agents of stages",
        "stage_gates": "Gates",
        "stage_returns": "Returns by a review",
        "notify": "News",
        "editor": "Editor",
        "terminal": "Terminal",
        "theme": "Theme",
    }
)


def title_of(key: str) -> str:
    """Return the title of an option; one without is called by its key, in words."""
    return TITLES.get(key) or key.replace("_", " ").capitalize()
