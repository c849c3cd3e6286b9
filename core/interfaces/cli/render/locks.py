"""Locks: what was taken or given back, and the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.lock import LockOrigin
from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line, table
from core.interfaces.cli.render.words import moment

if TYPE_CHECKING:
    from core.domain.lock import Lock


def listed(locks: tuple[Lock, ...]) -> list[Block]:
    """One row for each lock."""
    if not locks:
        return [Remark("Nothing is locked.")]
    rows = (
        (
            Span(lock.path, Tone.STRONG),
            lock.worker,
            lock.task,
            "exclusive" if lock.exclusive else "shared",
            Span(lock.origin.value, _TONES.get(lock.origin, Tone.FAINT)),
            Span(_until(lock), Tone.FAINT),
        )
        for lock in locks
    )
    return [table("PATH WORKER TASK KIND ORIGIN UNTIL", *rows, flexible="PATH")]


def locked(locks: tuple[Lock, ...]) -> list[Block]:
    """Say what is held now."""
    return [line(f"{lock.path} locked for {lock.task} by {lock.worker}") for lock in locks]


def unlocked(locks: tuple[Lock, ...]) -> list[Block]:
    """Say what is free again."""
    return [line(f"{lock.path} unlocked ({lock.worker}, {lock.task})") for lock in locks]


def _until(lock: Lock) -> str:
    return "its claim ends" if lock.expires_at is None else moment(lock.expires_at)


_TONES = {LockOrigin.CRITICAL: Tone.ATTENTION}
