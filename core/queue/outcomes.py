"""What the stages of a run do to run, task and claim: each in one transaction with its event."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from core.clock import from_ms, from_optional_ms, to_ms
from core.domain.run import LIVE, Run, RunStatus, check_run_move
from core.domain.stage import StageKind
from core.domain.task import OPEN, TaskStatus
from core.domain.worker import WorkerType
from core.errors import NotFound, Refused
from core.events import log
from core.paths import run_folder
from core.queue import questions, stages
from core.queue.renewal import note_life
from core.store.plain import fetch_one
from core.store.schema import ClaimRow, RunRow, TaskRow
from core.store.transactions import transaction
from core.tasks.moves import shift
from core.tasks.records import row_of
from core.workers import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from core.domain.claim import Claim
    from core.domain.repo import Repo

_LIVE = tuple(status.value for status in LIVE)
_MARKS = ", ".join("?" * len(_LIVE))
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""32 of them, so that a random byte picks each as often."""


class Overtaken(Refused):
    """The task was started, ended or given to another by somebody else a moment before."""


def new_run_id() -> str:
    """Return an id that is unique without asking anyone, such as `run-7k3f9qx2`."""
    return "run-" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(8))


def run_created(
    repo: Repo,
    claim: Claim,
    *,
    agent: str,
    profile: Mapping[str, object],
    now: datetime,
    actor: str,
    stage: str = "build",
) -> tuple[str, str]:
    """Record a run that is about to start; return its id and the token its runner must show.

    *stage* is the one that it does, of a task that has any.

    Raises:
        Overtaken: The claim is no longer the caller's, or a run is already live on the task.
    """
    with transaction():
        row = row_of(repo, claim.task)
        owned = ClaimRow.get_or_none(ClaimRow.task == row.id, ClaimRow.fence == claim.fence)
        if owned is None:
            raise Overtaken(f"{claim.worker} no longer owns {claim.task}.")
        if live_run(row) is not None:
            raise Overtaken(f"A run is already at work on {claim.task}.")
        run_id, token = new_run_id(), os.urandom(24).hex()
        RunRow.create(
            id=run_id,
            repo=repo.id,
            task=row.id,
            worker_name=claim.worker,
            agent=agent,
            stage=stage,
            status=RunStatus.STARTING.value,
            fence=claim.fence,
            token=token,
            worktree=claim.worktree,
            branch=claim.branch,
            base_sha=claim.base_sha,
            started_ms=to_ms(now),
            profile=json.dumps(profile),
            permissions=str(profile.get("permissions", "watched")),
        )
        stages.begun(row, stage, run_id, now=now)
        log.record(
            "run.created",
            now,
            actor=actor,
            repo=str(repo.path),
            task=row.key,
            worker=claim.worker,
            run=run_id,
            agent=agent,
        )
    return run_id, token


def run_done(
    repo: Repo,
    run_id: str,
    *,
    exit_code: int | None,
    message: str,
    now: datetime,
    reason: str = "",
) -> bool:
    """Record a run that ended well: run → done, task → review, its worker is free.

    The run of a stage leaves its task where it is: what comes next is the dispatcher's to judge.
    *reason* says why a person should look twice at what was built.

    Returns:
        False when the claim is no longer this run's (it was reaped): nothing was written.
    """
    with transaction():
        run = run_row(run_id)
        if not _still_owns(run):
            return False
        if StageKind.of(run.stage) is not StageKind.BUILD:
            reason = ""  # it is not there to change anything
        _end_run(run, RunStatus.DONE, exit_code=exit_code, message=message, reason=reason, now=now)
        _record(repo, run, "run.ended", now, status="done", exit_code=exit_code, reason=reason)
        note_life(repo.id, run.worker_name, now=now)
        row = run.task
        if row.status == TaskStatus.CLAIMED:
            shift(repo, row, TaskStatus.IN_PROGRESS, now=now, actor=run.worker_name, run=run_id)
        if stages.keeps_claim(run):
            stages.run_over(run, now=now)
            return True
        why = {"why": reason} if reason else None
        shift(repo, row, TaskStatus.REVIEW, now=now, actor=run.worker_name, run=run_id, data=why)
    return True


def run_ended(
    repo: Repo,
    run_id: str,
    status: RunStatus,
    *,
    reason: str,
    max_attempts: int,
    now: datetime,
    actor: str,
    exit_code: int | None = None,
    preserved_ref: str = "",
) -> bool:
    """Record a run that failed, was aborted or lost: its task returns to the backlog.

    `attempts` grows (not for an abort, which is a person's wish and no failure of the task:
    after one nobody takes the task by itself, until a person gives it to somebody or retries it);
    at *max_attempts* the task is escalated. `reason` becomes the task's `last_error`.

    Returns:
        False when the run had already ended, or the claim is no longer its own; then only what
        is still true is written.
    """
    with transaction():
        run = run_row(run_id)
        if run.status not in {live.value for live in LIVE}:
            return False
        owns = _still_owns(run)
        _end_run(run, status, exit_code=exit_code, message="", reason=reason, now=now)
        facts = {"status": status.value, "reason": reason, "preserved_ref": preserved_ref}
        _record(repo, run, "run.ended", now, actor=actor, **facts)
        stages.run_failed(run, now=now)
        if not owns:
            return False
        row = run.task
        row.last_error = reason
        row.stopped = status is RunStatus.ABORTED
        if status is not RunStatus.ABORTED:
            row.attempts += 1
            row.escalated = row.attempts >= max_attempts
        shift(
            repo,
            row,
            TaskStatus.BACKLOG,
            now=now,
            actor=actor,
            run=run_id,
            data={"why": reason, "attempts": row.attempts, "escalated": row.escalated},
        )
    return True


def preserved_ref(repo: Repo, task: str, run_id: str) -> str:
    """Return the ref that keeps what an ended run left; empty when it left nothing."""
    return log.fact(repo, task, run_id, kind="run.ended", name="preserved_ref")


def run_row(run_id: str) -> RunRow:
    """Return the row of a run.

    Raises:
        NotFound: There is none.
    """
    row: RunRow | None = RunRow.get_or_none(RunRow.id == run_id)
    if row is None:
        raise NotFound(f"There is no run {run_id!r}.", hint="`weft status` shows the runs.")
    return row


def get_run(run_id: str) -> Run:
    """Return one run.

    Raises:
        NotFound: There is none.
    """
    return run_records([run_row(run_id)])[0]


def live_run(task: TaskRow) -> RunRow | None:
    """Return the live run of a task, or None."""
    return fetch_one(RunRow, f"task_id = ? AND status IN ({_MARKS})", task.id, *_LIVE)


def list_runs(
    repo: Repo, *, live_only: bool = False, task: str | None = None, limit: int = 200
) -> tuple[Run, ...]:
    """Return runs, newest first."""
    query = RunRow.select(RunRow, TaskRow).join(TaskRow).where(RunRow.repo == repo.id)
    if live_only:
        query = query.where(RunRow.status.in_([status.value for status in LIVE]))
    if task is not None:
        query = query.where(RunRow.task == row_of(repo, task).id)
    return run_records(query.order_by(RunRow.started_ms.desc(), RunRow.id).limit(limit))


def run_records(rows: Iterable[RunRow]) -> tuple[Run, ...]:
    """Turn rows into records."""
    return tuple(
        Run(
            id=row.id,
            task=row.task.key,
            worker=row.worker_name,
            agent=row.agent,
            stage=row.stage,
            status=RunStatus(row.status),
            pid=row.pid,
            runner_pid=row.runner_pid,
            started_at=from_ms(row.started_ms),
            ended_at=from_optional_ms(row.ended_ms),
            exit_code=row.exit_code,
            session=row.session,
            input_tokens=row.input_tokens,
            output_tokens=row.output_tokens,
            cost_usd=None if row.cost_micro is None else row.cost_micro / 1_000_000,
            last_message=row.last_message,
            transcript=str(run_folder(row.id) / "transcript.jsonl"),
            heartbeat_at=from_optional_ms(row.heartbeat_ms),
            reason=row.reason,
            permissions=row.permissions,
            model=row.model,
            cached_tokens=row.cached_tokens,
            cost_source=row.cost_source,
            tool=row.tool,
            plan_done=row.plan_done,
            plan_total=row.plan_total,
            activity=tuple(json.loads(row.activity)),
            retry_at=from_optional_ms(row.retry_ms),
        )
        for row in rows
    )


def _still_owns(run: RunRow) -> bool:
    claim = ClaimRow.get_or_none(ClaimRow.task == run.task.id)
    return claim is not None and claim.fence == run.fence


def _move_run(run: RunRow, new: RunStatus) -> None:
    check_run_move(run.id, RunStatus(run.status), new)
    run.status = new.value


def _end_run(
    run: RunRow,
    status: RunStatus,
    *,
    exit_code: int | None,
    message: str,
    reason: str,
    now: datetime,
) -> None:
    _move_run(run, status)
    run.ended_ms, run.exit_code, run.reason = to_ms(now), exit_code, reason
    run.tool, run.retry_ms = "", None
    questions.close_all(run.id, why="the end of the run", now=now)
    run.last_message = message[:500] or run.last_message
    run.save()


def _record(
    repo: Repo, run: RunRow, kind: str, now: datetime, *, actor: str | None = None, **data: object
) -> None:
    log.record(
        kind,
        now,
        actor=actor or run.worker_name,
        repo=str(repo.path),
        task=run.task.key,
        worker=run.worker_name,
        run=run.id,
        **data,
    )


def is_agent(repo: Repo, worker_name: str | None) -> bool:
    """Return whether the named worker is an agent that Weft starts (False when unknown)."""
    row = registry.find_row(repo, worker_name or "")
    return row is not None and row.type == WorkerType.AGENT and bool(row.agent)


def owner_of(repo: Repo, key: str) -> str | None:
    """Return the worker that holds the live claim on a task, or None."""
    claim = ClaimRow.get_or_none(ClaimRow.task == row_of(repo, key).id)
    return None if claim is None else str(claim.worker.name)


def give_back(
    repo: Repo, key: str, *, why: str, now: datetime, actor: str, stopped: bool = False
) -> None:
    """Put a task that was claimed and has no live run back into the backlog with *why*.

    What a person has *stopped* is taken by nobody by itself.
    """
    with transaction():
        row = row_of(repo, key)
        if row.status not in OPEN or live_run(row) is not None:
            return
        row.last_error, row.stopped = why, stopped
        shift(repo, row, TaskStatus.BACKLOG, now=now, actor=actor, data={"why": why})
