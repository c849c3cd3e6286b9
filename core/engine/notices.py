"""Give away claimed tasks that nobody begins, and tell their owners before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.dispatch import stealing
from core.dispatch.stealing import StealTerms
from core.engine.claim_terms import terms
from core.errors import Refused
from core.queue.assignment import best_workers
from core.queue.outlook import read_outlook
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.dispatch.stealing import Idle
    from core.domain.worker import Worker
    from core.engine.context import Engine


def steal(engine: Engine, free: Sequence[Worker], everybody: Sequence[Worker]) -> None:
    """Tell owners of tasks that nobody begins, and give to *free* those whose notice is over."""
    under = steal_terms(engine)
    if not under.after:
        return
    now = engine.now()
    for idle in stealing.not_begun(engine.repo):
        if now < idle.claimed_at + under.after - under.notice:
            continue
        if idle.noticed_at is None:
            stealing.give_notice(engine.repo, idle, under, now=now)
        elif now >= idle.goes_at(under):
            _take_over(engine, idle, free, everybody)


def _take_over(
    engine: Engine, idle: Idle, free: Sequence[Worker], everybody: Sequence[Worker]
) -> None:
    task = board.get_task(engine.repo, idle.task, rules=engine.approval())
    outlook = read_outlook(engine.repo, (task,), everybody, now=engine.now())
    skilled = [one for one in free if set(task.skills) <= set(one.skills)]
    for one in best_workers(task, skilled, outlook):
        if one.worker == idle.worker:
            continue
        try:
            stealing.take_over(engine.repo, idle, one.worker, terms(engine), now=engine.now())
        except Refused:
            continue
        return


def steal_terms(engine: Engine) -> StealTerms:
    """Return when claimed tasks that nobody begins are given away here."""
    settings = engine.settings()
    return StealTerms(
        after=timedelta(minutes=settings.number("steal_after_minutes")),
        notice=timedelta(minutes=settings.number("steal_notice_minutes")),
    )


def notices(engine: Engine) -> dict[str, str]:
    """Return for each claimed task that will be given away the sentence that says when."""
    under = steal_terms(engine)
    if not under.after:
        return {}
    return {
        idle.task: idle.told(under)
        for idle in stealing.not_begun(engine.repo)
        if idle.noticed_at is not None
    }
