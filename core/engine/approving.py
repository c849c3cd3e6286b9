"""Guardians' words, as operations and for what lands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.conflicts.changed_files import changed_files
from core.queue import approvals as words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.domain.conflict import Contender
    from core.domain.stage import Approval
    from core.engine.context import Engine


def approvals(engine: Engine, key: str) -> tuple[Approval, ...]:
    """Return what guardians said of a task, oldest first."""
    return words.approvals(engine.repo, key)


def holds(
    engine: Engine, keys: Iterable[str], lands: Mapping[str, Iterable[str]] | None = None
) -> dict[str, str]:
    """Return key → why it may not land for its guardians, as the end of a sentence.

    *lands* has the files that branches change, by task; else what was last seen of them counts.
    """
    rules, seen = engine.approval(), lands or {}
    said = {
        key: words.hold_of_merge(engine.repo, key, rules, lands=seen.get(key, ())) for key in keys
    }
    return {key: why for key, why in said.items() if why}


async def held_back(engine: Engine, landing: Sequence[Contender]) -> tuple[Contender, ...]:
    """Note what guardians hold back, by what the branches' commits really change.

    Nobody need have watched the worktrees for that.
    """
    if not engine.approval().guardians:
        return tuple(landing)
    commits = [replace(one, worktree=None) for one in landing]
    lands = (await changed_files(engine.repo, commits)).files if commits else {}
    hold = holds(engine, [one.task for one in landing], lands)
    return tuple(replace(one, hold=hold.get(one.task, one.hold)) for one in landing)
