"""What people allowed beyond a budget of the day. Apart from `budgets`: runners load this."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.store.plain import change, select
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import date

_READ: Final = "SELECT value FROM setting WHERE name = ?"
_KEEP: Final = """\
INSERT INTO setting (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the runs of one day may cost in all, in micro-dollars, and who said so."""

    micro: int
    actor: str


def allow_day(repo_id: int, day: date, micro: int, *, actor: str) -> None:
    """Keep what a person allowed for all runs of one day (UTC) in place of the settings' figure.

    It never lowers what was allowed before: two who answer at once both get what they said.
    """
    with transaction():
        before = day_allowance(repo_id, day)
        if before is None or before.micro < micro:
            change(_KEEP, _key(repo_id, day), json.dumps({"micro": micro, "actor": actor}))


def day_allowance(repo_id: int, day: date) -> Allowance | None:
    """Return what a person allowed for one day (UTC), if anybody did."""
    found = select(_READ, _key(repo_id, day))
    return Allowance(**json.loads(found[0][0])) if found else None


def _key(repo_id: int, day: date) -> str:
    return f"budget:{repo_id}:{day.isoformat()}"
