"""What a face shows at one look: the board, the repositories, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.event import JsonValue
    from core.domain.lock import Lock, TaskWarning
    from core.domain.question import Question
    from core.domain.repo import Repo
    from core.domain.run import Run
    from core.domain.stage import Proposal, Stage
    from core.domain.task import Task
    from core.domain.worker import Worker


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why a task waits; the first reason is the one that a card shows.

    `blocks` is false when a person may claim it all the same, having read the reasons.
    `identity` names the first reason while its sentence may tell another time; empty where the
    sentence itself does.
    """

    task: str
    reasons: tuple[str, ...]
    blocks: bool = True
    identity: str = ""


@dataclass(frozen=True, slots=True)
class StatusView:
    """The contract's `status`: who works on what, how many wait, and why."""

    workers: tuple[Worker, ...]
    runs: tuple[Run, ...]
    queue: Mapping[str, int]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class BoardView:
    """Everything that the board needs, read at one moment.

    `runs` holds the live runs and the newest ended one of each worker; `last_event` is the id up
    to which the log is contained.
    """

    repo: Repo
    tasks: tuple[Task, ...]
    workers: tuple[Worker, ...]
    runs: tuple[Run, ...]
    waiting: tuple[Waiting, ...]
    last_event: int
    max_workers: int
    free_memory_mb: int
    questions: tuple[Question, ...] = ()
    """Unanswered, oldest first."""
    locks: tuple[Lock, ...] = ()
    warnings: tuple[TaskWarning, ...] = ()
    """What worktrees changed past a declaration or a lock; of tasks that have not landed."""
    stages: tuple[Stage, ...] = ()
    proposals: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskDetails:
    """`task show`: the task with its runs, newest first, its stages and what it waits for."""

    task: Task
    runs: tuple[Run, ...]
    reasons: tuple[str, ...]
    stages: tuple[Stage, ...] = ()


class Severity(StrEnum):
    """How bad a finding of the doctor is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the doctor looked at; `fixed` when `--fix` put it right."""

    check: str
    severity: Severity
    message: str
    hint: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class TrustView:
    """What a repository's own settings would run or reach, and whether a person allowed it."""

    repo: str
    asks: Mapping[str, JsonValue]
    trusted: bool
    digest: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """A profile that can be chosen for a worker; `problem` says why it cannot run, else empty.

    `program` is the file that it would start and `version` that program's; empty where unknown.
    `install` is the command that would put the problem right, where there is one.
    """

    name: str
    title: str
    driver: str
    problem: str
    permissions: str = "watched"
    program: str = ""
    version: str = ""
    install: str = ""


@dataclass(frozen=True, slots=True)
class PromptView:
    """What an agent of a task would be told; `template` is the repository's own, or empty."""

    task: str
    worker: str
    template: str
    text: str


@dataclass(frozen=True, slots=True)
class PermitView:
    """How far a profile is let go in a repository; `allowed` counts only when it is open."""

    repo: str
    profile: str
    permissions: str
    allowed: bool
