"""Claims: the atomic act by which one worker owns a task, as a lease with a fencing token."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.domain.claim import Claim
from core.domain.names import fold
from core.domain.reason import ReasonCode
from core.domain.task import Task, TaskStatus
from core.domain.worker import Worker, WorkerType
from core.errors import NotFound, Refused
from core.locks import expiry
from core.locks.declared import take_declared
from core.locks.rows import Tenure
from core.queue import outcomes
from core.queue.eligibility import (
    NO_LIMITS,
    Board,
    Limits,
    Rules,
    overlaps,
    reasons_against,
    reasons_for,
)
from core.queue.situation import read_board
from core.store.plain import change, insert, select
from core.store.schema import ClaimRow, TaskRow
from core.store.transactions import transaction
from core.tasks import board as tasks
from core.tasks.moves import shift
from core.tasks.records import NO_RULES, ApprovalRules, row_of
from core.workers import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime, timedelta

    from core.domain.reason import Reason
    from core.domain.repo import Repo


_LEASED: Final = """\
SELECT claim.task_id, claim.fence FROM claim JOIN worker ON worker.id = claim.worker_id
WHERE worker.repo_id = ? AND worker.name_folded = ? AND claim.lease_expires_ms IS NOT NULL
"""
_AT_WORK: Final = """\
SELECT 1 FROM run WHERE task_id = ? AND status IN ('starting', 'working', 'waiting', 'paused')
"""
_LAPSED: Final = """\
SELECT 1 FROM claim WHERE task_id = ? AND fence = ? AND lease_expires_ms < ?
"""
_FIRST: Final = 3
_STRETCH: Final = 32
"""Tasks of the backlog that are looked at together; of the first few one nearly always fits."""
_TRIES: Final = 20
"""How often what was found without the lock may be gone under it."""
_OF_WORKER: Final = frozenset(
    {
        ReasonCode.WORKER_BUSY,
        ReasonCode.WORKER_PAUSED,
        ReasonCode.WORKER_OFFLINE,
        ReasonCode.WORKER_PROGRAM,
    }
)
"""They hold for every task: no more of the backlog need be looked at."""


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """What a claim is made under.

    Attributes:
        rules: What holds a task back.
        approval: Who must approve what.
        lease: How long an agent's claim holds without renewal.
        stale_after: When a silent worker counts as offline.
        base_sha: Commit of the base from which the branch will be made.
        place: Names branch and worktree of a task for a worker; pure.
        limits: How much may be under way.
    """

    rules: Rules
    approval: ApprovalRules
    lease: timedelta
    stale_after: timedelta
    base_sha: str
    place: Callable[[Task, Worker], tuple[str, str]]
    limits: Limits = NO_LIMITS


def claim_task(
    repo: Repo,
    key: str | None,
    worker_name: str,
    terms: ClaimTerms,
    *,
    now: datetime,
    actor: str,
    without: Collection[str] = (),
    auto: bool = False,
) -> Claim:
    """Claim one task, or without a key the most urgent one that fits and is not in *without*.

    One transaction: reasons are looked at under the write lock, then task, claim and event are
    written together. A claim of what the worker already owns returns it again. With *auto* nobody
    can be asked, so that declared files that meet another's hold back under `overlap = "ask"`
    too, as they always do without a key.

    Raises:
        NotFound: Unknown task or worker.
        Refused: Every reason is in `reasons`; without a key, those of the most urgent task.
    """
    if key is None:
        return _claim_best(repo, worker_name, terms, without, now=now, actor=actor)
    with transaction():
        worker, worker_id = _claimant(repo, worker_name, terms, now)
        task = tasks.get_task(repo, key, rules=terms.approval)
        if task.worker == worker.name and task.status is TaskStatus.CLAIMED:
            return _existing(repo, task)
        board = _board(repo, [task], terms, now)
        reasons = reasons_against(task, worker, board, auto=auto)
        if reasons:
            raise Refused(f"{worker.name} cannot claim {task.key}.", reasons=reasons)
        return _take(repo, task, worker, worker_id, terms, board, now=now, actor=actor)


def _claim_best(
    repo: Repo,
    worker_name: str,
    terms: ClaimTerms,
    without: Collection[str],
    *,
    now: datetime,
    actor: str,
) -> Claim:
    """Claim the most urgent task that fits.

    The foremost of the backlog, one of which nearly always fits, are looked at under the write
    lock; all of it without, for others must not wait for that. What is found there is looked at
    once more under the lock.
    """
    found: str | None = None
    for _ in range(_TRIES):
        with transaction():
            worker, worker_id = _claimant(repo, worker_name, terms, now)
            among = _foremost(repo, terms) if found is None else _one(repo, found, terms)
            for stretch in among:
                board = _board(repo, stretch, terms, now)
                for task in stretch:
                    if task.key not in without and not reasons_for(task, worker, board, auto=True):
                        return _take(
                            repo, task, worker, worker_id, terms, board, now=now, actor=actor
                        )
        found = _best(repo, worker, terms, without, now)
    raise Refused(
        f"Others were quicker than {worker_name} each time.", hint="Ask for a task again."
    )


def _claimant(repo: Repo, name: str, terms: ClaimTerms, now: datetime) -> tuple[Worker, int]:
    return registry.claimant(repo, name, now=now, stale_after=terms.stale_after)


def _foremost(repo: Repo, terms: ClaimTerms) -> Iterator[Sequence[Task]]:
    yield tasks.candidates(repo, offset=0, limit=_FIRST, rules=terms.approval)
    yield tasks.candidates(repo, offset=_FIRST, limit=_STRETCH, rules=terms.approval)


def _one(repo: Repo, key: str, terms: ClaimTerms) -> Iterator[Sequence[Task]]:
    with suppress(NotFound):  # removed in this moment
        yield [tasks.get_task(repo, key, rules=terms.approval)]


def extend(repo: Repo, worker: str, *, now: datetime, lease: timedelta) -> bool:
    """Note a sign of life of a worker; the lease of an agent that works without a run goes on.

    A run's lease is its runner's to renew.

    Returns:
        False when the worker owns nothing whose lease this could extend.

    Raises:
        NotFound: Unknown worker.
    """
    with transaction():
        registry.heartbeat(repo, worker, now=now)
        for task_id, fence in select(_LEASED, repo.id, fold(worker)):
            if select(_AT_WORK, task_id):
                continue
            expires_ms = to_ms(now + lease)
            change("UPDATE claim SET lease_expires_ms = ? WHERE task_id = ?", expires_ms, task_id)
            expiry.renew(task_id, fence, expires_ms)
            return True
    return False


def _best(
    repo: Repo, worker: Worker, terms: ClaimTerms, without: Collection[str], now: datetime
) -> str:
    """Return the key of the most urgent task that fits, looking at a stretch at a time.

    Raises:
        Refused: None does.
    """
    first: tuple[str, tuple[Reason, ...]] | None = None
    for offset in count(0, _STRETCH):
        stretch = tasks.candidates(repo, offset=offset, limit=_STRETCH, rules=terms.approval)
        if not stretch or (first and _OF_WORKER.intersection(one.code for one in first[1])):
            break
        board = _board(repo, stretch, terms, now)
        for task in stretch:
            if task.key in without:
                continue
            reasons = reasons_for(task, worker, board, auto=True)
            if not reasons:
                return task.key
            first = first or (task.key, reasons)
    if first is None:
        raise Refused("There is nothing in the backlog.", hint="Add a task: weft task add TITLE")
    raise Refused(
        f"No task fits {worker.name} now.",
        reasons=tuple(f"{first[0]}: {reason.sentence}" for reason in first[1]),
        hint="`weft status` shows what each task waits for.",
    )


def _board(repo: Repo, chosen: Sequence[Task], terms: ClaimTerms, now: datetime) -> Board:
    among = tasks.around(repo, chosen, rules=terms.approval)
    return read_board(repo, among, terms.rules, now=now, limits=terms.limits)


def _take(
    repo: Repo,
    task: Task,
    worker: Worker,
    worker_id: int,
    terms: ClaimTerms,
    board: Board,
    *,
    now: datetime,
    actor: str,
) -> Claim:
    branch, worktree = terms.place(task, worker)
    row = row_of(repo, task.key)
    latency_ms = _latency_ms(row, worker, now)
    row.fence += 1
    row.worker_name = worker.name
    row.branch, row.worktree = branch, worktree
    row.base_sha = terms.base_sha
    row.claimed_ms = to_ms(now)
    row.last_error, row.waits, row.stopped = None, "", False
    warnings = () if terms.rules.overlap == "allow" else overlaps(task, board)
    agent = worker.type is WorkerType.AGENT
    tenure = Tenure(
        row.id,
        row.key,
        worker_id,
        worker.name,
        row.fence,
        to_ms(now + terms.lease) if agent else None,
    )
    shift(
        repo,
        row,
        TaskStatus.CLAIMED,
        now=now,
        actor=actor,
        data={
            "branch": branch,
            "fence": row.fence,
            "warnings": warnings,
            "latency_ms": latency_ms,
        },
    )
    open_claim(tenure, now=now)
    take_declared(repo, tenure, task.files, terms.rules.locks, board.locks, now=now, actor=actor)
    return _claim(repo, row, warnings)


def owns(row: TaskRow, fence: int) -> bool:
    """Whether the claim of *fence* is the task's present one."""
    return bool(select("SELECT 1 FROM claim WHERE task_id = ? AND fence = ?", row.id, fence))


def open_claim(tenure: Tenure, *, now: datetime) -> None:
    """Write the row of a claim; only inside the transaction that gives the task to its owner."""
    insert(
        ClaimRow,
        {
            "task": tenure.task_id,
            "worker": tenure.worker_id,
            "fence": tenure.fence,
            "claimed_ms": to_ms(now),
            "lease_expires_ms": tenure.expires_ms,
        },
    )


def _latency_ms(row: TaskRow, worker: Worker, now: datetime) -> int:
    """Return how long task and worker have both been free."""
    idle = worker.idle_since
    since = max(row.moved_ms, row.ready_ms or 0, 0 if idle is None else to_ms(idle))
    return max(0, to_ms(now) - since)


def _existing(repo: Repo, task: Task) -> Claim:
    return _claim(repo, row_of(repo, task.key), ())


def _claim(repo: Repo, row: TaskRow, warnings: tuple[str, ...]) -> Claim:
    return Claim(
        task=row.key,
        worker=row.worker_name or "",
        branch=row.branch or "",
        worktree=row.worktree or "",
        base=repo.base,
        base_sha=row.base_sha or "",
        fence=row.fence,
        warnings=warnings,
    )


def release(repo: Repo, key: str, *, why: str, now: datetime, actor: str) -> Task:
    """Give a task back to the backlog; its branch and worktree stay.

    Raises:
        Refused: A run is at work on it (abort that), or nobody owns it.
    """
    with transaction():
        row = row_of(repo, key)
        live = outcomes.live_run(row)
        if live is not None:
            raise Refused(
                f"{row.key} cannot be released while its run {live.id} is {live.status}.",
                hint=f"Stop it first: weft abort {row.key}",
            )
        if row.status not in (TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS):
            raise Refused(f"{row.key} is {TaskStatus(row.status).words}: nobody owns it.")
        shift(repo, row, TaskStatus.BACKLOG, now=now, actor=actor, data={"why": why})
    return tasks.get_task(repo, key)


def reap(repo: Repo, key: str, *, fence: int, now: datetime) -> bool:
    """Give back a task whose claim lapsed while no run was at work on it: it was abandoned.

    Everything is looked at again under the write lock, so that a claim that was renewed, or given
    to another, in the meantime stays.

    Returns:
        False when the claim of *fence* is over, was renewed, or has a live run.
    """
    with transaction():
        row = row_of(repo, key)
        lapsed = select(_LAPSED, row.id, fence, to_ms(now))
        if not lapsed or outcomes.live_run(row) is not None:
            return False
        why = {"why": "The lease ran out.", "outcome": "abandoned"}
        shift(repo, row, TaskStatus.BACKLOG, now=now, actor="weft", data=why)
    return True


def begin(repo: Repo, key: str, *, now: datetime, actor: str) -> Task:
    """Move a claimed task to in_progress: a person has begun."""
    with transaction():
        shift(repo, row_of(repo, key), TaskStatus.IN_PROGRESS, now=now, actor=actor)
    return tasks.get_task(repo, key, rules=NO_RULES)


def finish(repo: Repo, key: str, *, now: datetime, actor: str, fence: int | None = None) -> Task:
    """Move a task to review; from claimed both steps are recorded, in one transaction.

    Args:
        repo: The repository.
        key: The task.
        now: Current time.
        actor: Who says so.
        fence: That of the caller's claim; who comes late with an old one is refused.

    Raises:
        Refused: A run is at work on it, or the claim of *fence* is over.
        IllegalTransition: It is neither claimed nor in progress.
    """
    with transaction():
        row = row_of(repo, key)
        if fence is not None and not owns(row, fence):
            raise Refused(f"{actor} no longer owns {row.key}.")
        live = outcomes.live_run(row)
        if live is not None:
            raise Refused(
                f"{row.key} cannot be finished by hand while its run {live.id} is {live.status}.",
                hint=f"Let it end, or stop it first: weft abort {row.key}",
            )
        if row.status == TaskStatus.CLAIMED:
            shift(repo, row, TaskStatus.IN_PROGRESS, now=now, actor=actor)
        shift(repo, row, TaskStatus.REVIEW, now=now, actor=actor)
    return tasks.get_task(repo, key)
