"""When claimed tasks that nobody begins are given away, and the sentences that say so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.dispatch import stealing
from core.dispatch.stealing import StealTerms

if TYPE_CHECKING:
    from core.engine.context import Engine


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
