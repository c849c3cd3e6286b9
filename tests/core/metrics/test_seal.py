"""The audit trail in hash-chained blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.events import log
from core.metrics import seal
from core.store.schema import EventRow, SealRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.conftest import SteadyClock

pytestmark = pytest.mark.usefixtures("store")


def happen(clock: SteadyClock, times: int) -> None:
    with transaction():
        for number in range(times):
            log.record("task.added", clock.now(), actor="person", task=f"task-{number}", n=number)


def test_a_block_holds_what_happened_since_the_last(
    clock: SteadyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "BLOCK", 4)
    happen(clock, 10)

    assert seal.seal(clock.now()) == 3
    assert seal.seal(clock.now()) == 0
    happen(clock, 1)
    assert seal.seal(clock.now()) == 1

    blocks = [(row.first_event, row.last_event) for row in SealRow.select().order_by(SealRow.id)]
    assert blocks == [(1, 4), (5, 8), (9, 10), (11, 11)]
    assert seal.verify() is None
    assert seal.sealed_up_to() == log.last_id() == 11


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda: EventRow.update(actor="mallory").where(EventRow.id == 6).execute(), "5 to 8"),
        (lambda: EventRow.delete().where(EventRow.id == 8).execute(), "misses its first or"),
        (lambda: EventRow.delete().where(EventRow.id == 2).execute(), "1 to 4"),
        (lambda: SealRow.delete().where(SealRow.id == 2).execute(), "a block was removed"),
    ],
    ids=["changed", "last removed", "removed", "block removed"],
)
def test_what_was_altered_is_found(
    clock: SteadyClock, monkeypatch: pytest.MonkeyPatch, change: object, said: str
) -> None:
    monkeypatch.setattr(seal, "BLOCK", 4)
    happen(clock, 12)
    seal.seal(clock.now())

    change()  # type: ignore[operator]

    altered = seal.verify()
    assert altered is not None
    assert said in altered.sentence


def test_an_empty_trail_is_sound(store: Path, clock: SteadyClock) -> None:
    assert seal.seal(clock.now()) == 0
    assert seal.verify() is None
    assert seal.sealed_up_to() == 0
    assert store.exists()
