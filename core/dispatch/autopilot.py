"""Whether the dispatcher of a repository may act: it can be paused with one word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.events import log
from core.store.schema import SettingRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo


def paused_by(repo: Repo) -> str:
    """Return who paused the dispatcher of *repo*; empty while it works."""
    row = SettingRow.get_or_none(SettingRow.name == _name(repo))
    return "" if row is None else str(row.value)


def why_paused(repo: Repo) -> str:
    """Return the sentence that whatever would start by itself waits with; empty while it works."""
    by = paused_by(repo)
    if not by:
        return ""
    who = "a person" if by == "person" else by
    return f"Waits until the dispatcher goes on: {who} paused it."


def pause(repo: Repo, *, now: datetime, actor: str) -> None:
    """Have the dispatcher claim and start nothing until `resume`; what runs goes on."""
    with transaction():
        if paused_by(repo):
            return
        SettingRow.create(name=_name(repo), value=actor)
        log.record("dispatch.paused", now, actor=actor, repo=str(repo.path))


def resume(repo: Repo, *, now: datetime, actor: str) -> None:
    """Let the dispatcher go on."""
    with transaction():
        if not SettingRow.delete().where(SettingRow.name == _name(repo)).execute():
            return
        log.record("dispatch.resumed", now, actor=actor, repo=str(repo.path))


def _name(repo: Repo) -> str:
    return f"dispatch.paused/{repo.id}"
