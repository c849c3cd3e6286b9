"""Tasks that wait because the unlanded work below them conflicts, and where stacked ones begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.clock import to_ms
from core.store.plain import change, select
from core.store.transactions import transaction
from core.tasks.records import row_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from core.domain.repo import Repo

_NOTED = "SELECT key, stack_problem FROM task WHERE repo_id = ? AND stack_problem <> ''"


def stack_problems(repo: Repo) -> dict[str, str]:
    """Return key → why the work below a task cannot be put together."""
    return dict(select(_NOTED, repo.id))


def note_problems(repo: Repo, found: Mapping[str, str], *, now: datetime) -> None:
    """Keep exactly what was found; the event is `task.waits`, recorded when it is told."""
    before = stack_problems(repo)
    if before == found:
        return
    with transaction():
        for key in before.keys() - found.keys():
            row = row_of(repo, key)
            change(
                "UPDATE task SET stack_problem = '', ready_ms = ? WHERE id = ?", to_ms(now), row.id
            )
        for key, problem in found.items():
            change("UPDATE task SET stack_problem = ? WHERE id = ?", problem, row_of(repo, key).id)


def note_start(repo: Repo, key: str, fence: int, commit: str) -> None:
    """Keep which commit a claimed task begins from, unless its claim is over."""
    with transaction():
        change(
            "UPDATE task SET base_sha = ? WHERE id = ? AND fence = ?",
            commit,
            row_of(repo, key).id,
            fence,
        )
