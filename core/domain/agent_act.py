"""What an agent is told when it asks after its own work, and a supervisor after an agent's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.lock import Lock
    from core.domain.plan import MergePlan, MergeResult
    from core.domain.task import Task


class Standing(StrEnum):
    """Whether an agent should go on: the answer to `worker_status`."""

    WORKING = "working"
    PAUSED = "paused"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class MyTask:
    """What a worker has to do: everything is None or empty while it owns no task."""

    worker: str
    task: Task | None
    claim: Claim | None
    locks: tuple[Lock, ...] = ()
    run: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerState:
    """Whether a worker should go on; `reason` says why not, in a sentence, or is empty."""

    worker: str
    task: str | None
    status: Standing
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question to a person; `answer` is empty until it is `answered`."""

    question: int
    answered: bool
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """A worker said that it is done; `status` is the task's status now.

    Within a run the task moves to review when the run has ended, so it is `in_progress` still.
    """

    task: str
    worker: str
    status: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Spawned:
    """An agent that was put to work; `run` is None while it waits for a place."""

    worker: str
    task: str
    branch: str
    worktree: str
    run: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerMerge:
    """What merging a worker's reviewed tasks came to: `plan` for review, `merged` for auto."""

    worker: str
    tasks: tuple[str, ...]
    plan: MergePlan | None = None
    merged: MergeResult | None = None
