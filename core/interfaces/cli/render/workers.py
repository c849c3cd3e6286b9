"""Workers: what was changed, and the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, Span, Table, Tone, line, table
from core.interfaces.cli.render.words import NOTHING, listing, moment, state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.worker import Worker


def added(worker: Worker) -> list[Block]:
    """Say who was registered."""
    what = f"{worker.type.value}, {worker.agent}" if worker.agent else worker.type.value
    return [line(f"{worker.name} registered ({what})"), *_note(worker)]


def listed(workers: tuple[Worker, ...]) -> list[Block]:
    """One row for each worker."""
    if not workers:
        return [Remark("No workers. Register one: weft worker add NAME --type human")]
    return [worker_table(workers), *(note for worker in workers for note in _note(worker))]


def removed(worker: Worker) -> list[Block]:
    """Say who is gone."""
    return [line(f"{worker.name} removed")]


def heard(worker: Worker) -> list[Block]:
    """Say when the worker was heard of."""
    return [line(f"{worker.name} is {worker.status.value}, heard {moment(worker.last_heartbeat)}")]


def worker_table(workers: Iterable[Worker]) -> Table:
    """Return the table of workers."""
    rows = (
        (
            Span(worker.name, Tone.STRONG),
            worker.type.value,
            state(worker.status),
            worker.task or NOTHING,
            worker.agent or NOTHING,
            listing(worker.skills),
        )
        for worker in workers
    )
    return table("NAME TYPE STATUS TASK AGENT SKILLS", *rows)


def _note(worker: Worker) -> list[Block]:
    return [Remark(f"{worker.name}: {worker.note}")] if worker.note else []
