"""Every reason why a task cannot be claimed now: one pure function, sentences for all faces.

The card shows the first, its tool tip all; the command line, MCP and the event say the same words.
What the function needs is read by `core.queue.situation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.domain.lock import Lock, LockOrigin, LockRules
from core.domain.reason import Reason, ReasonCode, status_reason, times, worker_reasons
from core.domain.task import OPEN, Task, TaskStatus
from core.domain.worker import Worker, WorkerType
from core.locks.meeting import meeting, told
from core.locks.patterns import may_meet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NONE: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that decide.

    Attributes:
        overlap: What declared files that meet another's do: `wait`, `ask` or `allow`.
        satisfied_by: Status in which a dependency no longer holds back: `done` or `review`.
        max_attempts: Attempts after which a task waits for a person.
        approve_before: `claim` or `merge`.
        critical_files: Files and globs that one task alone may hold at a time.
    """

    overlap: str = "ask"
    satisfied_by: TaskStatus = TaskStatus.DONE
    max_attempts: int = 2
    approve_before: str = "claim"
    critical_files: tuple[str, ...] = ()

    @property
    def locks(self) -> LockRules:
        """Return what decides about locks."""
        return LockRules(self.overlap, self.critical_files)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be under way; figures of 0 are no limit.

    Attributes:
        wip_under_way: Tasks that are claimed or in progress at once.
        wip_review: Tasks in review, at which nothing new is begun.
        wip_worker: Tasks of one worker that have not landed.
        budget: The sentence of a spent budget, which holds every start of an agent.
        budgets: Key → sentence, for a task whose own budget is spent.
    """

    wip_under_way: int = 0
    wip_review: int = 0
    wip_worker: int = 0
    budget: str = ""
    budgets: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @property
    def counts_work(self) -> bool:
        """Whether some limit asks how much there is."""
        return bool(self.wip_under_way or self.wip_review or self.wip_worker)


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much there is, for the limits."""

    under_way: int = 0
    review: int = 0
    of_worker: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Board:
    """What a decision is made among.

    Attributes:
        tasks: By key: those in question, what they depend on, and all that is under way.
        rules: The settings.
        locks: Every lock that holds now.
        limits: How much may be under way.
        amounts: How much is.
        rejected: Key → the sentence of a guardian who said no.
        stacks: Key → why its dependencies' branches cannot be put together.
    """

    tasks: Mapping[str, Task]
    rules: Rules = field(default_factory=Rules)
    locks: Sequence[Lock] = ()
    limits: Limits = NO_LIMITS
    amounts: Amounts = field(default_factory=Amounts)
    rejected: Mapping[str, str] = field(default_factory=lambda: _NONE)
    stacks: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @classmethod
    def of(cls, tasks: Sequence[Task], rules: Rules, locks: Sequence[Lock] = ()) -> Board:
        """Return the board of *tasks*."""
        return cls({task.key: task for task in tasks}, rules, locks)


def reasons_for(
    task: Task, worker: Worker | None, board: Board, *, auto: bool = False
) -> tuple[Reason, ...]:
    """Return each reason why *worker* cannot claim *task*; empty when it can.

    Args:
        task: The task in question.
        worker: Who would claim it; None asks for what holds whoever comes.
        board: What decides.
        auto: True when nobody can be asked: files that meet another's then hold the task back
            under `overlap = "ask"` too, and what holds agents back counts for whoever comes.
    """
    elsewhere = status_reason(task, worker)
    if elsewhere is not None:
        return (elsewhere,)
    agent = worker.type is WorkerType.AGENT if worker is not None else auto
    return (
        *_dependency_reasons(task, board),
        *_approval_reasons(task, board),
        *_attempt_reasons(task, board),
        *(stop_reasons(task) if auto else ()),
        *_file_reasons(task, board, auto=auto),
        *_limit_reasons(board),
        *(_budget_reasons(task, board) if agent else ()),
        *(() if worker is None else _own_reasons(task, worker, board)),
    )


def reasons_of(task: Task, worker: Worker, board: Board) -> tuple[Reason, ...]:
    """Return what alone keeps *worker* from claiming a task that nothing else holds back."""
    is_agent = worker.type is WorkerType.AGENT
    return (
        *(_budget_reasons(task, board) if is_agent else ()),
        *_own_reasons(task, worker, board),
    )


def reasons_against(
    task: Task, worker: Worker | None, board: Board, *, auto: bool = False
) -> tuple[str, ...]:
    """Return the sentences of `reasons_for`."""
    return tuple(reason.sentence for reason in reasons_for(task, worker, board, auto=auto))


def overlaps(task: Task, board: Board) -> tuple[str, ...]:
    """Return a sentence for each lock that *task*'s files meet and that a person may agree to."""
    return tuple(
        told(lock, path)
        for path, lock in meeting(board.locks, task.files, task.key)
        if not _is_firm(path, lock, board.rules)
    )


def _dependency_reasons(task: Task, board: Board) -> list[Reason]:
    satisfied = {TaskStatus.DONE, board.rules.satisfied_by}
    reasons = []
    for key in task.depends_on:
        other = board.tasks.get(key)
        if other is None or other.status in satisfied:
            continue
        if other.escalated:
            failed = f"which failed {times(other.attempts)} and waits for a person"
            said = f"Waits for {key}, {failed}."
            reasons.append(Reason(ReasonCode.DEPENDENCY_FAILED, said, key))
            continue
        reasons.append(Reason(ReasonCode.DEPENDENCY, f"Waits for {key} ({_stands(other)}).", key))
    if not reasons and task.key in board.stacks:
        reasons.append(Reason(ReasonCode.STACK, board.stacks[task.key]))
    return reasons


def _stands(other: Task) -> str:
    """Return where a task stands, in brackets: whose it is, or that its last attempt failed."""
    where = other.status.label.lower()
    if other.stopped:
        return f"{where}, stopped by a person"
    if other.status in OPEN:
        return f"{other.worker}, {where}" if other.worker else where
    failed = other.status is TaskStatus.BACKLOG and other.attempts and other.last_error
    return f"{where}, failed {times(other.attempts)}" if failed else where


def _approval_reasons(task: Task, board: Board) -> list[Reason]:
    if task.key in board.rejected:
        return [Reason(ReasonCode.REJECTED, board.rejected[task.key])]
    if task.needs_approval and not task.approved_by and board.rules.approve_before == "claim":
        return [Reason(ReasonCode.APPROVAL, "Needs a guardian's approval.")]
    return []


def _attempt_reasons(task: Task, board: Board) -> list[Reason]:
    if task.escalated:
        said = f"Failed {times(task.attempts)} and waits for a person: retry it."
        return [Reason(ReasonCode.ESCALATED, said)]
    if task.attempts >= board.rules.max_attempts > 0:
        most = board.rules.max_attempts
        said = f"Its attempts are used up ({task.attempts} of {most}): retry it."
        return [Reason(ReasonCode.ATTEMPTS, said)]
    return []


def stop_reasons(task: Task) -> list[Reason]:
    """Return that a person ended its last run: who names the task may have it all the same."""
    said = "A person stopped it: run it, or retry it."
    return [Reason(ReasonCode.STOPPED, said)] if task.stopped else []


def _file_reasons(task: Task, board: Board, *, auto: bool) -> list[Reason]:
    overlap = board.rules.overlap
    holds = overlap == "wait" or (auto and overlap == "ask")
    reasons = []
    for path, lock in meeting(board.locks, task.files, task.key):
        if not holds and not _is_firm(path, lock, board.rules):
            continue
        critical = _is_critical(path, lock, board.rules)
        code = ReasonCode.CRITICAL_FILE if critical else ReasonCode.FILE_HELD
        reasons.append(Reason(code, told(lock, path), lock.task))
    return reasons


def _is_firm(path: str, lock: Lock, rules: Rules) -> bool:
    """Whether nobody can agree to meet *lock*: it was asked for alone, or is critical."""
    asked = lock.origin is LockOrigin.ASKED and lock.exclusive
    return asked or _is_critical(path, lock, rules)


def _is_critical(path: str, lock: Lock, rules: Rules) -> bool:
    return lock.origin is LockOrigin.CRITICAL or any(
        may_meet(path, critical) for critical in rules.critical_files
    )


def _limit_reasons(board: Board) -> list[Reason]:
    limits, amounts = board.limits, board.amounts
    said = []
    if 0 < limits.wip_under_way <= amounts.under_way:
        said.append(f"The limit of work under way is reached ({limits.wip_under_way}).")
    if 0 < limits.wip_review <= amounts.review:
        said.append(f"The limit of work in review is reached ({limits.wip_review}).")
    return [Reason(ReasonCode.WIP_LIMIT, sentence) for sentence in said]


def _budget_reasons(task: Task, board: Board) -> list[Reason]:
    spent = board.limits.budgets.get(task.key) or board.limits.budget
    return [Reason(ReasonCode.BUDGET, spent)] if spent else []


def _own_reasons(task: Task, worker: Worker, board: Board) -> tuple[Reason, ...]:
    most = board.limits.wip_worker
    if not 0 < most <= board.amounts.of_worker.get(worker.name, 0):
        return worker_reasons(task, worker)
    said = f"{worker.name} has reached the limit of work that has not landed ({most})."
    full = Reason(ReasonCode.WIP_LIMIT, said, worker.name)
    return (*worker_reasons(task, worker), full)
