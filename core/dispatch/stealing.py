"""Work stealing: a claimed task that nobody begins goes to an idle agent, with notice before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import from_ms, from_optional_ms, to_ms
from core.domain.task import TaskStatus
from core.errors import Refused
from core.events import log
from core.queue import claims, outcomes
from core.store.schema import ClaimRow, TaskRow
from core.store.transactions import transaction
from core.tasks.moves import shift
from core.tasks.records import row_of
from core.worktrees.repo_lock import is_being_provisioned

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.repo import Repo
    from core.queue.claims import ClaimTerms


@dataclass(frozen=True, slots=True)
class StealTerms:
    """When a claim is given away.

    Attributes:
        after: How long a claimed task may wait to be begun; zero is for ever.
        notice: How long before its owner is told.
    """

    after: timedelta
    notice: timedelta


@dataclass(frozen=True, slots=True)
class Idle:
    """A claimed task that nobody has begun: whose, since when, and since when that is known."""

    task: str
    worker: str
    claimed_at: datetime
    noticed_at: datetime | None

    def goes_at(self, terms: StealTerms) -> datetime:
        """Return when it goes to another: never sooner than a whole notice after the notice."""
        due = self.claimed_at + terms.after
        return due if self.noticed_at is None else max(due, self.noticed_at + terms.notice)

    def told(self, terms: StealTerms) -> str:
        """Return the sentence for the card."""
        return f"Goes to another at {self.goes_at(terms):%H:%M} UTC unless {self.worker} starts it."


def not_begun(repo: Repo) -> tuple[Idle, ...]:
    """Return the claimed tasks on which nobody works, the oldest claim first."""
    query = (
        ClaimRow.select(ClaimRow, TaskRow)
        .join(TaskRow, on=(ClaimRow.task == TaskRow.id))
        .where(TaskRow.repo == repo.id, TaskRow.status == TaskStatus.CLAIMED.value)
        .order_by(ClaimRow.claimed_ms, TaskRow.id)
    )
    return tuple(
        Idle(
            task=claim.task.key,
            worker=str(claim.worker.name),
            claimed_at=from_ms(claim.claimed_ms),
            noticed_at=from_optional_ms(claim.notice_ms),
        )
        for claim in query
        if outcomes.live_run(claim.task) is None and not _is_prepared(claim.task)
    )


def give_notice(repo: Repo, idle: Idle, terms: StealTerms, *, now: datetime) -> bool:
    """Tell the owner that the task will go to another; False when it was told or has begun."""
    with transaction():
        row = row_of(repo, idle.task)
        told = (
            ClaimRow.update(notice_ms=to_ms(now))
            .where(
                ClaimRow.task == row.id,
                ClaimRow.claimed_ms == to_ms(idle.claimed_at),
                ClaimRow.notice_ms.is_null(),
            )
            .execute()
        )
        if not told or row.status != TaskStatus.CLAIMED:
            return False
        sentence = Idle(idle.task, idle.worker, idle.claimed_at, now).told(terms)
        log.record(
            "task.notice",
            now,
            actor="weft",
            repo=str(repo.path),
            task=row.key,
            worker=idle.worker,
            sentence=sentence,
        )
    return True


def take_over(repo: Repo, idle: Idle, thief: str, terms: ClaimTerms, *, now: datetime) -> Claim:
    """Give a task that its owner never began to *thief*, in one transaction.

    What the owner left in its branch and worktree stays there.

    Raises:
        Refused: It was begun meanwhile, or *thief* cannot claim it.
    """
    with transaction():
        row = row_of(repo, idle.task)
        claim = ClaimRow.get_or_none(ClaimRow.task == row.id)
        same = claim is not None and claim.claimed_ms == to_ms(idle.claimed_at)
        if not same or row.status != TaskStatus.CLAIMED or outcomes.live_run(row) is not None:
            raise Refused(f"{idle.task} was begun meanwhile.")
        minutes = int((now - idle.claimed_at) / timedelta(minutes=1))
        why = f"{idle.worker} did not start it for {minutes} min."
        shift(repo, row, TaskStatus.BACKLOG, now=now, actor="weft", data={"why": why})
        made = claims.claim_task(repo, idle.task, thief, terms, now=now, actor="weft", auto=True)
        log.record(
            "task.stolen",
            now,
            actor="weft",
            repo=str(repo.path),
            task=row.key,
            worker=thief,
            owner=idle.worker,
            why=why,
        )
    return made


def _is_prepared(row: TaskRow) -> bool:
    """Whether its worktree is being made now: a long set-up is no idleness."""
    return row.worktree is not None and is_being_provisioned(Path(row.worktree))
