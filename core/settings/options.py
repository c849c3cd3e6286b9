"""Every option that exists: key, type, default, unit and help; dialogs are made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What a value may be."""

    TEXT = "text"
    LINES = "list of texts"
    BOOL = "true or false"
    INT = "whole number"
    NUMBER = "number"
    CHOICE = "one of"


Value = str | int | float | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One declared option.

    Attributes:
        key: Name in TOML; the environment's is `WEFT_` + upper case.
        kind: What values it takes.
        default: Value when nobody sets it.
        help: One sentence for people.
        section: Group in the settings dialog.
        unit: Unit of a number, or empty.
        choices: The values of a CHOICE.
        least: Smallest number allowed.
        most: Greatest number allowed; the default keeps times within what a date can hold.
        needs_trust: True when a repository's own file could run or reach something with it.
        only_extended: True when lower layers can only add to the repository's list.
        in_force: False for a key that files may hold already but nothing reads yet; dialogs
            leave it out.
    """

    key: str
    kind: Kind
    default: Value
    help: str
    section: str
    unit: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float = 1_000_000
    needs_trust: bool = False
    only_extended: bool = False
    in_force: bool = True


OPTIONS: Final = (
    Option(
        "base",
        Kind.TEXT,
        "",
        "Branch that everything lands on; empty is the one found at init.",
        "Repository",
    ),
    Option(
        "worktree_path",
        Kind.TEXT,
        "",
        "Where a task's worktree goes, relative to the repository.",
        "Repository",
        needs_trust=True,
    ),
    Option(
        "branch",
        Kind.TEXT,
        "worker/{worker}/{task}",
        "Name of a task's branch.",
        "Repository",
        needs_trust=True,
    ),
    Option(
        "copy",
        Kind.LINES,
        (),
        "Ignored files to copy into a new worktree, such as .env.",
        "Repository",
        needs_trust=True,
    ),
    Option(
        "setup",
        Kind.TEXT,
        "",
        "Command that is run once in a new worktree.",
        "Repository",
        needs_trust=True,
    ),
    Option(
        "check",
        Kind.TEXT,
        "",
        "Command that is run on the tree that will land.",
        "Merging",
        needs_trust=True,
    ),
    Option(
        "check_minutes",
        Kind.NUMBER,
        30.0,
        "How long one check may take.",
        "Merging",
        unit="min",
        least=0.01,
    ),
    Option(
        "strategy",
        Kind.CHOICE,
        "merge",
        "How branches land.",
        "Merging",
        choices=("merge", "squash", "rebase"),
    ),
    Option(
        "push",
        Kind.CHOICE,
        "no",
        "Whether the base is pushed to its remote after a landing; never over others' commits.",
        "Merging",
        choices=("no", "after_merge"),
        needs_trust=True,
    ),
    Option(
        "protect_base",
        Kind.BOOL,
        False,
        "Plan and check merges, but never move the base: it moves elsewhere.",
        "Merging",
    ),
    Option(
        "remove_landed",
        Kind.CHOICE,
        "keep",
        "What becomes of a worktree once its task has landed and the base holds all of it.",
        "Merging",
        choices=("keep", "ask", "auto"),
    ),
    Option(
        "critical_files",
        Kind.LINES,
        (),
        "Files and globs that need a guardian.",
        "Guardians",
        only_extended=True,
    ),
    Option(
        "guardians",
        Kind.LINES,
        (),
        "People who may approve critical tasks.",
        "Guardians",
        only_extended=True,
    ),
    Option(
        "approve_before",
        Kind.CHOICE,
        "claim",
        "When approval is asked for.",
        "Guardians",
        choices=("claim", "merge"),
    ),
    Option(
        "overlap",
        Kind.CHOICE,
        "ask",
        "What to do when a task's declared files meet another's.",
        "Coordination",
        choices=("wait", "ask", "allow"),
    ),
    Option(
        "dependency_satisfied_by",
        Kind.CHOICE,
        "done",
        "When a dependency no longer holds a task back.",
        "Coordination",
        choices=("done", "review"),
    ),
    Option(
        "wip_under_way",
        Kind.INT,
        0,
        "Tasks that are claimed or in progress at once; 0 is no limit.",
        "Coordination",
        least=0,
    ),
    Option(
        "wip_review",
        Kind.INT,
        0,
        "Tasks in review at which nothing new is begun; 0 is no limit.",
        "Coordination",
        least=0,
    ),
    Option(
        "wip_worker",
        Kind.INT,
        0,
        "Tasks of one worker that have not landed yet; 0 is no limit.",
        "Coordination",
        least=0,
    ),
    Option(
        "commit_guard",
        Kind.BOOL,
        True,
        "Refuse commits in worktrees that touch what another holds.",
        "Coordination",
    ),
    Option("max_workers", Kind.INT, 3, "Runs at once.", "Agents", least=1),
    Option(
        "max_attempts", Kind.INT, 2, "Attempts before a task waits for a person.", "Agents", least=1
    ),
    Option(
        "min_free_memory_mb",
        Kind.INT,
        500,
        "A start waits while less memory than this is free.",
        "Agents",
        unit="MB",
        least=0,
    ),
    Option(
        "max_load",
        Kind.NUMBER,
        0.0,
        "A start waits while the load average is as high as this; 0 is never.",
        "Agents",
        least=0,
    ),
    Option(
        "keep_transcripts_days",
        Kind.INT,
        0,
        "Transcripts of runs that ended longer ago are removed; 0 keeps them all.",
        "Agents",
        unit="days",
        least=0,
    ),
    Option(
        "lease_minutes",
        Kind.NUMBER,
        10.0,
        "How long an agent's claim holds without a sign of life.",
        "Agents",
        unit="min",
        least=0.01,
    ),
    Option(
        "stale_after_minutes",
        Kind.NUMBER,
        2.0,
        "When a silent worker counts as offline.",
        "Agents",
        unit="min",
        least=0.01,
    ),
    Option(
        "run_minutes",
        Kind.NUMBER,
        0.0,
        "Longest time of one run; 0 is no limit.",
        "Agents",
        unit="min",
        least=0,
    ),
    Option(
        "idle_minutes",
        Kind.NUMBER,
        0.0,
        "Longest silence of a working agent before its run is stopped; 0 is no limit.",
        "Agents",
        unit="min",
        least=0,
    ),
    Option(
        "budget_task_usd",
        Kind.NUMBER,
        0.0,
        "What all runs of one task may cost before a person is asked; 0 asks never.",
        "Agents",
        unit="$",
        least=0,
    ),
    Option(
        "budget_day_usd",
        Kind.NUMBER,
        0.0,
        "What all runs of a day (UTC) may cost before a person is asked; 0 asks never.",
        "Agents",
        unit="$",
        least=0,
    ),
    Option(
        "prompt_file",
        Kind.TEXT,
        "",
        "File on the base that replaces Weft's own prompt; empty keeps it.",
        "Agents",
        needs_trust=True,
    ),
    Option(
        "commit_leftovers",
        Kind.BOOL,
        True,
        "Commit what an agent leaves uncommitted when it ends well.",
        "Agents",
    ),
    Option(
        "lock_files",
        Kind.BOOL,
        False,
        "Mirror locks as files in .task-locks/.",
        "Coordination",
    ),
    Option(
        "dispatch",
        Kind.CHOICE,
        "supervisor",
        "Who gives tasks to idle agents: a person, the queue, or the queue in the person's order.",
        "Dispatcher",
        choices=("supervisor", "queue", "hybrid"),
        needs_trust=True,
    ),
    Option(
        "steal_after_minutes",
        Kind.NUMBER,
        0.0,
        "A claimed task that nobody began for so long goes to an idle agent; 0 is never.",
        "Dispatcher",
        unit="min",
        least=0,
    ),
    Option(
        "steal_notice_minutes",
        Kind.NUMBER,
        5.0,
        "How long before that its owner is told.",
        "Dispatcher",
        unit="min",
        least=0,
    ),
    Option(
        "agents_profile",
        Kind.TEXT,
        "",
        "Profile of the agents that the dispatcher registers and retires; empty is off.",
        "Dispatcher",
        needs_trust=True,
    ),
    Option(
        "agents_floor",
        Kind.INT,
        0,
        "So many of these agents are kept, work or not.",
        "Dispatcher",
        least=0,
        most=1000,
        needs_trust=True,
    ),
    Option(
        "agents_ceiling",
        Kind.INT,
        3,
        "At most so many of these agents.",
        "Dispatcher",
        least=0,
        most=1000,
        needs_trust=True,
    ),
    Option(
        "stages",
        Kind.LINES,
        (),
        "Stages of a task, one run each, such as analyze, build, review; none is one run.",
        "Stages",
    ),
    Option(
        "stage_profiles",
        Kind.LINES,
        (),
        "Profiles of stages, such as analyze=claude; without one the worker's own.",
        "Stages",
        needs_trust=True,
    ),
    Option(
        "stage_gates",
        Kind.LINES,
        (),
        "Stages after which a person must approve.",
        "Stages",
    ),
    Option(
        "stage_returns",
        Kind.INT,
        2,
        "How often a review may send the work back before a person decides.",
        "Stages",
        least=0,
    ),
    Option(
        "log_dir",
        Kind.TEXT,
        "",
        "Folder for readable daily logs; empty is off.",
        "Repository",
        needs_trust=True,
    ),
    Option(
        "notify",
        Kind.CHOICE,
        "all",
        "What the window tells while you look elsewhere: all, what needs you, or nothing.",
        "Window",
        choices=("all", "needs_me", "none"),
    ),
    Option(
        "editor",
        Kind.TEXT,
        "",
        "Program that opens a worktree; empty is the first known one that is found.",
        "Window",
    ),
    Option(
        "terminal",
        Kind.TEXT,
        "",
        "Program that opens a terminal in a worktree; empty is the first known one.",
        "Window",
    ),
    Option(
        "theme",
        Kind.CHOICE,
        "system",
        "Light, dark, or as the system says.",
        "Window",
        choices=("system", "light", "dark"),
    ),
)

BY_KEY: Final = MappingProxyType({option.key: option for option in OPTIONS})
PERSONAL: Final = frozenset({
    "theme", "notify", "editor", "terminal", "min_free_memory_mb", "max_load",
    "keep_transcripts_days",
})  # fmt: skip
"""Options that a repository's file cannot set."""
AGENTS: Final = "agents"
"""The table of profiles, `[agents.NAME]`; a repository's own needs trust."""
