"""Locks as operations, and what decides about claims here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.locks import leases, mirror
from core.queue.situation import read_board

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.lock import Lock
    from core.domain.task import Task
    from core.engine.context import Engine
    from core.queue.eligibility import Board, Limits


def locks(engine: Engine) -> tuple[Lock, ...]:
    """Return every lock, by path; one whose time is over is there until it was cleaned."""
    return leases.list_locks(engine.repo)


def lock(
    engine: Engine,
    paths: tuple[str, ...],
    *,
    worker: str,
    task: str,
    minutes: int | None = None,
    shared: bool = False,
) -> tuple[Lock, ...]:
    """Lock files or globs for a task, all or none.

    Raises:
        Refused: Another holds one; each reason says who, for what and until when.
    """
    mirror_locks(engine)
    return leases.acquire(
        engine.repo,
        task,
        worker,
        paths,
        rules=engine.rules().locks,
        shared=shared,
        duration=None if minutes is None else timedelta(minutes=minutes),
        now=engine.now(),
        actor=engine.actor,
    )


def unlock(
    engine: Engine,
    paths: tuple[str, ...],
    *,
    worker: str | None = None,
    force: bool = False,
    task: str | None = None,
) -> tuple[Lock, ...]:
    """Give locks back, all or none; return what they were.

    Raises:
        NotFound: Nothing of that name is locked.
        Refused: Another holds it, and *force* was not given.
    """
    mirror_locks(engine)
    return leases.release(
        engine.repo,
        paths,
        worker=worker,
        key=task,
        force=force,
        now=engine.now(),
        actor=engine.actor,
    )


def mirror_locks(engine: Engine) -> None:
    """Keep the files in `.task-locks/`, or remove them, as the settings want it."""
    mirror.switch(engine.repo, on=engine.settings().flag("lock_files"))


def situation(engine: Engine, tasks: Sequence[Task], limits: Limits | None = None) -> Board:
    """Return what decides about *tasks*, which hold what they depend on."""
    return read_board(
        engine.repo, tasks, engine.rules(), now=engine.now(), limits=limits or engine.limits()
    )
