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
        "theme": "Theme",
    }
)


def title_of(key: str) -> str:
    """Return the title of an option; one without is called by its key, in words."""
    return TITLES.get(key) or key.replace("_", " ").capitalize()
