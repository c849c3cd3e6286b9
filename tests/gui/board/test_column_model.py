"""The column's model changes only where the board did."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.domain.task import TaskStatus
from gui.board.cards import Card
from gui.board.column_model import ColumnModel, Role
from gui.task_drag import dragged_key
from tests.gui.fakes import make_task

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


def card(key: str, title: str = "") -> Card:
    return Card(make_task(key, title or f"Title of {key}", TaskStatus.BACKLOG))


class Watch:
    """Counts what a model tells its views."""

    def __init__(self, model: ColumnModel) -> None:
        self.told: list[tuple[str, Any]] = []
        model.rowsInserted.connect(lambda _p, a, b: self.told.append(("inserted", (a, b))))
        model.rowsRemoved.connect(lambda _p, a, b: self.told.append(("removed", (a, b))))
        model.rowsMoved.connect(lambda _p, a, b, _q, to: self.told.append(("moved", (a, to))))
        model.dataChanged.connect(
            lambda a, b, _r: self.told.append(("changed", (a.row(), b.row())))
        )
        model.modelReset.connect(lambda: self.told.append(("reset", None)))


@pytest.fixture
def model(qapp: QApplication) -> ColumnModel:
    made = ColumnModel(TaskStatus.BACKLOG)
    made.show_cards([card(key) for key in "abcde"])
    made.tester = QAbstractItemModelTester(  # type: ignore[attr-defined]  # lives as long
        made, QAbstractItemModelTester.FailureReportingMode.Warning, made
    )
    return made


def keys(model: ColumnModel) -> str:
    return "".join(shown.key for shown in model.cards())


def test_a_changed_card_repaints_itself_alone(model: ColumnModel) -> None:
    watch = Watch(model)

    model.show_cards([card("a"), card("b"), card("c", "New title"), card("d"), card("e")])

    assert watch.told == [("changed", (2, 2))]


def test_the_same_cards_tell_nothing(model: ColumnModel) -> None:
    watch = Watch(model)

    model.show_cards([card(key) for key in "abcde"])

    assert watch.told == []


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("abde", [("removed", (2, 2))]),
        ("ae", [("removed", (1, 3))]),
        ("abxcde", [("inserted", (2, 2))]),
        ("abcdexy", [("inserted", (5, 6))]),
        ("ebacd", None),
        ("bcdea", [("moved", (0, 5))]),
        ("eabcd", [("moved", (4, 0))]),
        ("", [("removed", (0, 4))]),
    ],
)
def test_the_new_order_is_reached_by_single_steps(
    model: ColumnModel, wanted: str, told: list[tuple[str, Any]] | None
) -> None:
    watch = Watch(model)

    model.show_cards([card(key) for key in wanted])

    assert keys(model) == wanted
    assert ("reset", None) not in watch.told
    if told is not None:
        assert watch.told == told


def test_any_board_follows_any_other(model: ColumnModel) -> None:
    dice = random.Random(7)
    for _ in range(60):
        wanted = dice.sample("abcdefghijkl", dice.randint(0, 12))
        model.show_cards([card(key) for key in wanted])
        assert keys(model) == "".join(wanted)


def test_a_held_card_keeps_its_place_through_many_moves(qapp: QApplication) -> None:
    model = ColumnModel(TaskStatus.BACKLOG)
    model.show_cards([card(f"t{number}") for number in range(200)])
    held = QPersistentModelIndex(model.index(17))
    shuffled = [card(f"t{number}") for number in range(200)]
    random.Random(3).shuffle(shuffled)

    model.show_cards(shuffled)

    assert held.data(Role.KEY) == "t17"


def test_a_card_says_its_key_title_and_state(model: ColumnModel) -> None:
    waiting = replace(card("a"), reasons=("Waits for b (backlog).", "Nobody has the skill."))
    model.show_cards([waiting])
    index = model.index(0)

    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "a Title of a"
    said = index.data(Qt.ItemDataRole.AccessibleDescriptionRole)
    assert said == "Backlog, medium priority, Waits for b (backlog)"
    tip = index.data(Qt.ItemDataRole.ToolTipRole)
    assert "Waits for b (backlog)." in tip
    assert "Nobody has the skill." in tip


def test_a_dragged_card_carries_its_key(model: ColumnModel) -> None:
    assert dragged_key(model.mimeData([model.index(3)])) == "d"
