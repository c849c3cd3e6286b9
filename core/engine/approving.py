"""Guardians' words, as operations and for what lands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.queue import approvals as words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.stage import Approval
    from core.engine.context import Engine


def approvals(engine: Engine, key: str) -> tuple[Approval, ...]:
    """Return what guardians said of a task, oldest first."""
    return words.approvals(engine.repo, key)


def holds(engine: Engine, keys: Iterable[str]) -> dict[str, str]:
    """Return key → why it may not land for its guardians, as the end of a sentence."""
    rules = engine.approval()
    said = {key: words.hold_of_merge(engine.repo, key, rules) for key in keys}
    return {key: why for key, why in said.items() if why}
