"""Stages of a task in the database: planned, begun, ended, approved or sent back.

A task whose settings name stages is worked on in several runs, one a stage, under one claim and
in one worktree. Between two of them nobody renews the lease, so the claim carries none then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import from_optional_ms, to_ms
from core.domain.claim import Claim
from core.domain.stage import Stage, StageStatus, check_stage_move
from core.domain.task import OPEN, TaskStatus
from core.errors import NotFound, Refused
from core.events import log
from core.locks import expiry
from core.store.schema import ClaimRow, RunRow, StageRow, TaskRow
from core.store.transactions import transaction
from core.tasks.moves import shift
from core.tasks.records import row_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.repo import Repo

_S = StageStatus


def plan(repo: Repo, key: str, names: Sequence[str]) -> None:
    """Give a task the stages *names* unless it has begun with others; nothing for fewer than two.

    Stages of which none has begun are replaced when the settings have changed.
    """
    with transaction():
        task = row_of(repo, key)
        rows = rows_of(task)
        if [row.name for row in rows] == list(names) or any(_has_begun(row) for row in rows):
            return
        StageRow.delete().where(StageRow.task == task.id).execute()
        if len(names) < 2:
            return
        for position, name in enumerate(names):
            StageRow.create(task=task.id, position=position, name=name, status=_S.WAITING.value)


def rows_of(task: TaskRow) -> list[StageRow]:
    """Return the stages of a task in their order."""
    return list(StageRow.select().where(StageRow.task == task.id).order_by(StageRow.position))


def of_task(repo: Repo, key: str) -> tuple[Stage, ...]:
    """Return the stages of a task in their order; none for a task of one run."""
    return tuple(_record(row, row.task.key) for row in rows_of(row_of(repo, key)))


def of_repo(repo: Repo) -> tuple[Stage, ...]:
    """Return the stages of every task that is not done."""
    query = (
        StageRow.select(StageRow, TaskRow)
        .join(TaskRow)
        .where(TaskRow.repo == repo.id, TaskRow.status != TaskStatus.DONE.value)
        .order_by(TaskRow.id, StageRow.position)
    )
    return tuple(_record(row, row.task.key) for row in query)


def next_stage(stages: Sequence[Stage]) -> Stage | None:
    """Return the first stage that is not done; it need not be free to begin."""
    return next((stage for stage in stages if stage.status is not _S.DONE), None)


def branch_of(stage: Stage) -> str:
    """Return the branch that a stage's run worked on, empty before it ran."""
    row = RunRow.get_or_none(RunRow.id == stage.run) if stage.run else None
    return "" if row is None else str(row.branch)


def begun(task: TaskRow, name: str, run_id: str, *, now: datetime) -> None:
    """Note that *run_id* is at work on the stage; only inside the transaction of its creation.

    A task without such a stage is worked on as a whole, and nothing is noted.
    """
    row = StageRow.get_or_none(StageRow.task == task.id, StageRow.name == name)
    if row is None:
        return
    _move(row, _S.RUNNING, now=now, run_id=run_id)
    row.attempts += 1
    row.started_ms, row.ended_ms = to_ms(now), None
    row.save()


def keeps_claim(run: RunRow) -> bool:
    """Return whether the task stays with its worker when this run ends well: it has stages."""
    return _row_of_run(run) is not None


def run_over(run: RunRow, *, now: datetime) -> None:
    """Note that the run of a stage ended well; only inside that transaction.

    What it comes to is judged by the dispatcher. Nobody renews the lease until then.
    """
    row = _row_of_run(run)
    if row is not None:
        row.ended_ms = to_ms(now)
        row.save()
        ClaimRow.update(lease_expires_ms=None).where(ClaimRow.task == run.task.id).execute()
        expiry.renew(run.task.id, run.fence, None)


def run_failed(run: RunRow, *, now: datetime) -> None:
    """Note that the run of a stage did not end well; only inside that transaction."""
    row = _row_of_run(run)
    if row is not None:
        _move(row, _S.FAILED, now=now)
        row.save()


def unjudged(repo: Repo) -> tuple[Stage, ...]:
    """Return the stages whose run has ended well and that nobody has judged yet."""
    query = (
        StageRow.select(StageRow, TaskRow)
        .join(TaskRow)
        .where(
            TaskRow.repo == repo.id,
            TaskRow.status.in_([status.value for status in OPEN]),
            StageRow.status == _S.RUNNING.value,
            StageRow.ended_ms.is_null(False),
        )
    )
    return tuple(_record(row, row.task.key) for row in query)


def decide(
    repo: Repo,
    stage: Stage,
    new: StageStatus,
    *,
    note: str = "",
    artifact: str | None = None,
    kind: str,
    now: datetime,
    actor: str,
) -> Stage:
    """Move a stage to *new* with the event *kind*; after the last one the task goes to review.

    Args:
        repo: The repository.
        stage: As it was read; refused when it has moved since.
        new: `done`, `gate`, or `waiting` to have it done again.
        note: Words that go with it.
        artifact: Where what it handed on is kept; None leaves that.
        kind: Dotted kind of the event.
        now: Current time.
        actor: Who decides.

    Raises:
        Refused: Somebody else has decided meanwhile.
    """
    with transaction():
        row = _same(repo, stage)
        _move(row, new, now=now)
        row.note = note
        row.artifact = row.artifact if artifact is None else artifact
        row.save()
        _tell(repo, row, kind, note, now=now, actor=actor)
        TaskRow.update(escalated=False).where(TaskRow.id == row.task.id).execute()
        if new is _S.DONE:
            _maybe_over(repo, row.task, now=now, actor=actor)
    return _record(row, stage.task)


def send_back(
    repo: Repo, stage: Stage, to: Stage, *, words: str, artifact: str, now: datetime, actor: str
) -> Stage:
    """Have *to* and all after it done again, with *words* for who does it; return *to*.

    Raises:
        Refused: Somebody else has decided meanwhile.
    """
    with transaction():
        task = _same(repo, stage).task
        TaskRow.update(escalated=False).where(TaskRow.id == task.id).execute()
        for row in rows_of(task):
            if not to.position <= row.position <= stage.position:
                continue
            _move(row, _S.WAITING, now=now)
            if row.position == stage.position:
                row.artifact = artifact or row.artifact
            if row.position == to.position:
                row.sent_back, row.note = row.sent_back + 1, words
                _tell(repo, row, "stage.returned", words, now=now, actor=actor)
            row.save()
    return find(repo, stage.task, to.name)


def escalate(repo: Repo, stage: Stage, *, words: str, now: datetime, actor: str) -> Stage:
    """Put a stage that waits for a person's word before all of them: its task is escalated.

    Raises:
        Refused: Somebody has decided meanwhile.
    """
    with transaction():
        row = _same(repo, stage)
        row.note = words or row.note
        row.save()
        TaskRow.update(escalated=True).where(TaskRow.id == row.task.id).execute()
        _tell(repo, row, "stage.escalated", words, now=now, actor=actor)
    return _record(row, stage.task)


def note_wait(repo: Repo, stage: Stage, words: str) -> None:
    """Say on a stage what it waits for; no event: it is said again until it goes on."""
    if stage.note == words:
        return
    with transaction():
        row = _same(repo, stage)
        row.note = words
        row.save()


def redo_from(repo: Repo, key: str, name: str | None) -> None:
    """Have the stage *name* and all after it done anew; without one, the whole task.

    Raises:
        NotFound: The task has no such stage.
    """
    with transaction():
        start = find(repo, key, name).position if name is not None else 0
        for row in rows_of(row_of(repo, key)):
            if row.position >= start and row.status != _S.WAITING:
                row.status, row.run_id, row.sent_back = _S.WAITING.value, "", 0
                row.started_ms = row.ended_ms = None
                row.save()


def find(repo: Repo, key: str, name: str) -> Stage:
    """Return one stage of a task.

    Raises:
        NotFound: The task has no such stage.
    """
    stages = of_task(repo, key)
    for stage in stages:
        if stage.name == name:
            return stage
    names = ", ".join(stage.name for stage in stages) or "none"
    raise NotFound(f"{key} has no stage {name!r}.", hint=f"Its stages: {names}.")


def current_claim(repo: Repo, key: str) -> Claim | None:
    """Return the live claim on a task, or None."""
    row = row_of(repo, key)
    claim = ClaimRow.get_or_none(ClaimRow.task == row.id)
    if claim is None:
        return None
    return Claim(
        task=row.key,
        worker=str(claim.worker.name),
        branch=row.branch or "",
        worktree=row.worktree or "",
        base=repo.base,
        base_sha=row.base_sha or "",
        fence=claim.fence,
    )


def _maybe_over(repo: Repo, task: TaskRow, *, now: datetime, actor: str) -> None:
    if any(row.status != _S.DONE for row in rows_of(task)):
        return
    if task.status == TaskStatus.CLAIMED:
        shift(repo, task, TaskStatus.IN_PROGRESS, now=now, actor=actor)
    task.escalated = False
    shift(repo, task, TaskStatus.REVIEW, now=now, actor=actor)


def _same(repo: Repo, stage: Stage) -> StageRow:
    row = StageRow.get_or_none(
        StageRow.task == row_of(repo, stage.task).id, StageRow.position == stage.position
    )
    if row is None or row.status != stage.status or row.run_id != stage.run:
        raise Refused(f"Stage {stage.name} of {stage.task} has moved on meanwhile.")
    found: StageRow = row
    return found


def _row_of_run(run: RunRow) -> StageRow | None:
    row: StageRow | None = StageRow.get_or_none(
        StageRow.task == run.task.id,
        StageRow.run_id == run.id,
        StageRow.status == _S.RUNNING.value,
    )
    return row


def _has_begun(row: StageRow) -> bool:
    return bool(row.run_id) or row.status != _S.WAITING


def _move(row: StageRow, new: StageStatus, *, now: datetime, run_id: str | None = None) -> None:
    old = StageStatus(row.status)
    if old is not new:
        check_stage_move(row.task.key, row.name, old, new)
    row.status = new.value
    if run_id is not None:
        row.run_id = run_id
    if new is not _S.RUNNING:
        row.ended_ms = row.ended_ms or to_ms(now)


def _tell(repo: Repo, row: StageRow, kind: str, words: str, *, now: datetime, actor: str) -> None:
    log.record(
        kind,
        now,
        actor=actor,
        repo=str(repo.path),
        task=row.task.key,
        worker=row.task.worker_name,
        run=row.run_id or None,
        stage=row.name,
        status=row.status,
        words=words,
    )


def _record(row: StageRow, key: str) -> Stage:
    return Stage(
        task=key,
        position=row.position,
        name=row.name,
        status=StageStatus(row.status),
        run=row.run_id,
        attempts=row.attempts,
        sent_back=row.sent_back,
        note=row.note,
        artifact=row.artifact,
        started_at=from_optional_ms(row.started_ms),
        ended_at=from_optional_ms(row.ended_ms),
    )
