"""Why a task cannot be claimed now: codes, and the sentences that need nothing but the records.

What needs the whole board is said in `core.queue.eligibility`, with these among it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.domain.task import OPEN, TaskStatus
from core.domain.worker import WorkerStatus

if TYPE_CHECKING:
    from core.domain.task import Task
    from core.domain.worker import Worker


class ReasonCode(StrEnum):
    """What kind of reason it is; the sentence is for people."""

    STATUS = "status"
    DEPENDENCY = "dependency"
    DEPENDENCY_FAILED = "dependency_failed"
    STACK = "stack"
    APPROVAL = "approval"
    REJECTED = "rejected"
    ESCALATED = "escalated"
    ATTEMPTS = "attempts"
    STOPPED = "stopped"
    CRITICAL_FILE = "critical_file"
    FILE_HELD = "file_held"
    WIP_LIMIT = "wip_limit"
    BUDGET = "budget"
    CAPACITY = "capacity"
    WORKER_BUSY = "worker_busy"
    WORKER_PAUSED = "worker_paused"
    WORKER_OFFLINE = "worker_offline"
    WORKER_PROGRAM = "worker_program"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `about` is the task, worker or path that it hangs on, or empty.

    Code and `about` say whether it is still the same reason: the sentence may tell another time.
    """

    code: ReasonCode
    sentence: str
    about: str = ""

    @property
    def identity(self) -> str:
        """Return what stays the same while the reason does."""
        return f"{self.code.value} {self.about}".rstrip()


def times(count: int) -> str:
    """Return how often: `once`, `2 times`."""
    return "once" if count == 1 else f"{count} times"


def status_reason(task: Task, worker: Worker | None) -> Reason | None:
    """Return why a task that is not in the backlog cannot be claimed; None for one that is."""
    if task.status is TaskStatus.BACKLOG:
        return None
    stands = "in review" if task.status is TaskStatus.REVIEW else task.status.label.lower()
    if task.status in OPEN:
        whose = "this worker already" if worker and worker.name == task.worker else task.worker
        said = f"{task.key} is {stands}: it belongs to {whose}."
        return Reason(ReasonCode.STATUS, said, task.worker or "")
    said = f"{task.key} is {stands}, not in the backlog."
    return Reason(ReasonCode.STATUS, said, task.status.value)


def worker_reasons(task: Task, worker: Worker) -> tuple[Reason, ...]:
    """Return what keeps *worker* from claiming whatever asks for the skills of *task*."""
    reasons = []
    standing = _standing(worker)
    if standing is not None:
        reasons.append(standing)
    if worker.note:
        said = f"{worker.name}: {worker.note}"
        reasons.append(Reason(ReasonCode.WORKER_PROGRAM, said, worker.name))
    missing = sorted(set(task.skills) - set(worker.skills))
    if missing:
        said = f"{worker.name} lacks the skill {', '.join(missing)}."
        reasons.append(Reason(ReasonCode.SKILL, said, ",".join(missing)))
    return tuple(reasons)


def _standing(worker: Worker) -> Reason | None:
    at_work = f"{worker.name} is busy with {worker.task}"
    if worker.status is WorkerStatus.OFFLINE:
        beat = worker.last_heartbeat
        heard = f" since {beat:%H:%M} UTC" if beat else ""
        said = f"{worker.name} is offline: nothing was heard of it{heard}."
        return Reason(ReasonCode.WORKER_OFFLINE, said, worker.name)
    if worker.status is WorkerStatus.PAUSED or worker.paused:
        said = f"{at_work}, and paused." if worker.task else f"{worker.name} is paused."
        return Reason(ReasonCode.WORKER_PAUSED, said, worker.name)
    if worker.task is not None:
        return Reason(ReasonCode.WORKER_BUSY, f"{at_work}.", worker.name)
    return None
