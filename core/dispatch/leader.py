"""One process runs a repository's loops: a row that its holder renews, and that lapses with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from core.clock import to_ms
from core.processes.identity import ProcessIdentity, is_alive, own_identity
from core.store.schema import LeaderRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo

LEAD: Final = timedelta(seconds=15)
"""How long the lead holds without renewal; a dead holder loses it at once."""


def loops_of(repo: Repo) -> str:
    """Return the name of the lead of what goes on by itself there: dispatch, recovery, watching.

    Each repository has its own: a process keeps the loops of the one that it works in alone.
    """
    return f"loops {repo.id}"


def take_lead(name: str, *, now: datetime) -> bool:
    """Become or stay the leader of the loops called *name*.

    Called every few seconds by each process that could run them.

    Returns:
        False while another live process leads.
    """
    me = own_identity()
    row = LeaderRow.get_or_none(LeaderRow.name == name)
    if row is not None and not _is_mine(row, me) and not _is_free(row, now):
        return False
    with transaction():
        row = LeaderRow.get_or_none(LeaderRow.name == name)
        if row is not None and not _is_mine(row, me) and not _is_free(row, now):
            return False
        LeaderRow.delete().where(LeaderRow.name == name).execute()
        LeaderRow.create(
            name=name,
            pid=me.pid,
            pid_started_ms=me.started_ms,
            expires_ms=to_ms(now + LEAD),
        )
    return True


def leads(name: str) -> bool:
    """Return whether this process is the leader of the loops called *name*."""
    row = LeaderRow.get_or_none(LeaderRow.name == name)
    return row is not None and _is_mine(row, own_identity())


def is_led(name: str, *, now: datetime) -> bool:
    """Return whether some living process leads the loops called *name*."""
    row = LeaderRow.get_or_none(LeaderRow.name == name)
    return row is not None and not _is_free(row, now)


def give_up_lead(name: str) -> None:
    """Let another process lead at once; harmless when this one does not."""
    me = own_identity()
    with transaction():
        LeaderRow.delete().where(
            LeaderRow.name == name,
            LeaderRow.pid == me.pid,
            LeaderRow.pid_started_ms == me.started_ms,
        ).execute()


def _is_mine(row: LeaderRow, me: ProcessIdentity) -> bool:
    return (row.pid, row.pid_started_ms) == (me.pid, me.started_ms)


def _is_free(row: LeaderRow, now: datetime) -> bool:
    holder = ProcessIdentity(row.pid, row.pid_started_ms)
    return row.expires_ms < to_ms(now) or not is_alive(holder)
