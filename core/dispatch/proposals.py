"""What the dispatcher would assign: kept for a supervisor, and replaced at each look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import from_ms, to_ms
from core.domain.stage import Proposal
from core.store.schema import ProposalRow, TaskRow, WorkerRow, as_tuples
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.repo import Repo
    from core.domain.stage import Fit


def proposed(repo: Repo) -> tuple[Proposal, ...]:
    """Return what is proposed now, the best first."""
    query = (
        ProposalRow.select(TaskRow.key, WorkerRow.name, ProposalRow.why, ProposalRow.at_ms)
        .join(TaskRow, on=(ProposalRow.task == TaskRow.id))
        .join(WorkerRow, on=(ProposalRow.worker == WorkerRow.id))
        .where(ProposalRow.repo == repo.id)
        .order_by(ProposalRow.id)
    )
    return tuple(
        Proposal(task, worker, why, from_ms(at)) for task, worker, why, at in as_tuples(query)
    )


def replace_proposals(repo: Repo, fits: Sequence[Fit], *, now: datetime) -> bool:
    """Make *fits* what is proposed; return whether that is news.

    No event: a proposal changes nothing, and whoever accepts it is on record.
    """
    wanted = [(one.task, one.worker, one.why) for one in fits]
    if [(one.task, one.worker, one.why) for one in proposed(repo)] == wanted:
        return False
    with transaction():
        ProposalRow.delete().where(ProposalRow.repo == repo.id).execute()
        tasks = dict(
            as_tuples(
                TaskRow.select(TaskRow.key, TaskRow.id).where(
                    TaskRow.repo == repo.id, TaskRow.key.in_([one.task for one in fits])
                )
            )
        )
        workers = dict(
            as_tuples(
                WorkerRow.select(WorkerRow.name, WorkerRow.id).where(WorkerRow.repo == repo.id)
            )
        )
        for one in fits:
            if one.task in tasks and one.worker in workers:
                ProposalRow.create(
                    repo=repo.id,
                    task=tasks[one.task],
                    worker=workers[one.worker],
                    why=one.why,
                    at_ms=to_ms(now),
                )
    return True
