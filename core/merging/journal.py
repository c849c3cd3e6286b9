"""The journal of merge runs: who works on one now, how far it is, and what it did.

A row is written before anything is done, and the last word is written in one transaction with the
tasks and the event. So whoever finds a run whose process is dead can finish it or drop it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.clock import to_ms
from core.domain.merge_run import RUN_MOVES, UNDER_WAY, MergeRunState, StepState
from core.domain.task import TaskStatus
from core.errors import IllegalTransition, Refused
from core.events import log
from core.merging.journal_entry import MERGES, JournalStep, MergeEntry, entry_of, unfinished
from core.processes.identity import is_alive, own_identity
from core.store.schema import MergeRunRow, MergeStepRow
from core.store.transactions import transaction
from core.tasks.moves import land, unland
from core.tasks.records import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.plan import Strategy
    from core.domain.repo import Repo


_here: set[int] = set()
"""Runs that this process works on now; one that failed to say its last word is not among them."""


def is_abandoned(entry: MergeEntry) -> bool:
    """Whether a run is under way by its state, but nobody works on it."""
    if entry.state not in UNDER_WAY or entry.id in _here:
        return False
    return entry.owner is None or entry.owner == own_identity() or not is_alive(entry.owner)


def release(run: int) -> None:
    """Say that this process does not work on the run any more; safe to repeat."""
    _here.discard(run)


def begin(
    repo: Repo, *, strategy: Strategy, before: str, check: str, actor: str, now: datetime
) -> MergeEntry:
    """Start a run of this process; there is one at a time in a repository. `release` it.

    Raises:
        Refused: Another run is under way; it says whose and since when.
    """
    own = own_identity()
    with transaction():
        refuse_if_busy(repo)
        row = MergeRunRow.create(
            repo=repo.id,
            state=MergeRunState.PLANNED.value,
            strategy=strategy.value,
            base=repo.base,
            before_sha=before,
            check_command=check,
            actor=actor,
            owner_pid=own.pid,
            owner_started_ms=own.started_ms,
            started_ms=to_ms(now),
        )
        # With the time, because a new database starts its numbers anew beside old refs.
        row.backup_ref = f"{MERGES}/{now:%Y%m%dT%H%M%SZ}-{row.id}/before"
        row.save()
        _record("merge.started", repo, row, now, actor=actor)
    _here.add(row.id)
    return entry_of(row)


def refuse_if_busy(repo: Repo) -> None:
    """Raise when a merge run of the repository is under way.

    Raises:
        Refused: It says whose and since when.
    """
    for other in unfinished(repo):
        pid = other.owner.pid if other.owner else 0
        raise Refused(
            f"A merge run of {repo.name} is under way.",
            reasons=(
                f"{other.actor} started it at {other.started_at:%H:%M:%S} UTC (process {pid}).",
            ),
            hint="Wait for it to end, or cancel it where it was started.",
        )


def advance(run: int, state: MergeRunState) -> None:
    """Write how far a run is; the same state again is no change.

    Raises:
        IllegalTransition: `RUN_MOVES` does not allow it.
    """
    with transaction():
        row = MergeRunRow.get_by_id(run)
        _move(row, state)
        row.save()


def keep_steps(run: int, steps: Sequence[JournalStep], *, before: str, after: str) -> None:
    """Write what the run did with each branch, and from what to what the base shall move."""
    with transaction():
        MergeRunRow.update(before_sha=before, after_sha=after).where(
            MergeRunRow.id == run
        ).execute()
        MergeStepRow.delete().where(MergeStepRow.merge_run == run).execute()
        for position, step in enumerate(steps, start=1):
            MergeStepRow.create(
                merge_run=run,
                position=position,
                task_key=step.task,
                branch=step.branch,
                head=step.head,
                outcome=step.state.value,
                tree=step.tree,
                commit=step.commit,
                reason=step.reason,
                files=json.dumps(step.files),
                log=step.log,
            )


def close_landed(
    repo: Repo, run: int, *, notes: Sequence[str], actor: str, now: datetime
) -> MergeEntry:
    """Write that the base has moved: tasks to done, run to landed, one event; all or nothing."""
    with transaction():
        row = MergeRunRow.get_by_id(run)
        _move(row, MergeRunState.LANDED)
        said = list(notes)
        for step in entry_of(row).steps:
            if step.state is StepState.MERGED:
                said += _land_task(repo, step, run, actor=actor, now=now)
        row.notes = json.dumps(said)
        row.ended_ms = to_ms(now)
        row.save()
        _record("merge.landed", repo, row, now, actor=actor)
    return entry_of(row)


def _land_task(
    repo: Repo, step: JournalStep, run: int, *, actor: str, now: datetime
) -> tuple[str, ...]:
    """Move the task to done; a note when somebody moved it elsewhere at the last moment."""
    status = TaskStatus(row_of(repo, step.task).status)
    if status is not TaskStatus.REVIEW:
        return (f"{step.task} has landed, but is {status.words} now: look at it.",)
    land(repo, step.task, step.commit, now=now, actor=actor, merge=run)
    return ()


def close_failed(repo: Repo, run: int, why: str, *, actor: str, now: datetime) -> MergeEntry:
    """Write that a run ended without moving the base, and why; no change if it has ended."""
    with transaction():
        row = MergeRunRow.get_by_id(run)
        if MergeRunState(row.state) in UNDER_WAY:
            _move(row, MergeRunState.FAILED)
            row.notes = json.dumps([why])
            row.ended_ms = to_ms(now)
            row.save()
            _record("merge.failed", repo, row, now, actor=actor, reason=why)
    return entry_of(row)


def close_undone(repo: Repo, run: int, *, actor: str, now: datetime) -> MergeEntry:
    """Write that a landed run was taken back: its tasks to review, one event."""
    with transaction():
        row = MergeRunRow.get_by_id(run)
        for step in entry_of(row).steps:
            task = row_of(repo, step.task)
            mine = step.state is StepState.MERGED and task.landed_commit == step.commit
            if mine and task.status == TaskStatus.DONE:
                unland(repo, step.task, now=now, actor=actor, merge=run)
        row.undone_ms = to_ms(now)
        row.save()
        _record("merge.undone", repo, row, now, actor=actor)
    return entry_of(row)


def take_over(entry: MergeEntry) -> bool:
    """Make an abandoned run this process's; False when another was quicker. `release` it."""
    own = own_identity()
    pid = entry.owner.pid if entry.owner else None
    started = entry.owner.started_ms if entry.owner else None
    with transaction():
        changed = (
            MergeRunRow.update(owner_pid=own.pid, owner_started_ms=own.started_ms)
            .where(
                MergeRunRow.id == entry.id,
                MergeRunRow.owner_pid.is_null() if pid is None else MergeRunRow.owner_pid == pid,
                MergeRunRow.owner_started_ms.is_null()
                if started is None
                else MergeRunRow.owner_started_ms == started,
                MergeRunRow.state.in_([state.value for state in UNDER_WAY]),
            )
            .execute()
        )
    if changed:
        _here.add(entry.id)
    return bool(changed)


def _move(row: MergeRunRow, new: MergeRunState) -> None:
    old = MergeRunState(row.state)
    if old is not new and new not in RUN_MOVES[old]:
        raise IllegalTransition(f"A merge run that is {old} cannot become {new}.")
    row.state = new.value


def _record(
    kind: str, repo: Repo, row: MergeRunRow, now: datetime, *, actor: str, reason: str = ""
) -> None:
    entry = entry_of(row)
    log.record(
        kind,
        now,
        actor=actor,
        repo=str(repo.path),
        merge=entry.id,
        base=entry.base,
        before=entry.before,
        after=entry.after,
        strategy=entry.strategy,
        merged=[step.task for step in entry.steps if step.state is StepState.MERGED],
        put_aside=[step.task for step in entry.steps if step.state is StepState.PUT_ASIDE],
        **({"reason": reason} if reason else {}),
    )
