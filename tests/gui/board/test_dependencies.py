"""The board by what waits for what."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.domain.task import TaskStatus
from gui.board.graph_layout import layered
from gui.board.graph_view import DependencyView
from tests.gui.fakes import make_task, sample_board

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from core.domain.overview import BoardView


def board(**needs: tuple[str, ...]) -> BoardView:
    tasks = tuple(
        make_task(key, f"Do {key}", TaskStatus.BACKLOG, depends_on=wanted)
        for key, wanted in needs.items()
    )
    return replace(sample_board(), tasks=tasks, waiting=())


def test_a_task_stands_right_of_all_that_it_needs() -> None:
    graph = layered({"d": ("b", "c"), "a": (), "b": ("a",), "c": (), "alone": ()})

    assert graph.layers[0] == ("a",) or set(graph.layers[0]) == {"a", "c"}
    assert set(graph.layers[1]) == {"b"}
    assert graph.layers[2] == ("d",)
    assert set(graph.edges) == {("b", "d"), ("c", "d"), ("a", "b")}


def test_lines_that_need_not_cross_do_not() -> None:
    graph = layered({"a": (), "b": (), "c": ("b",), "d": ("a",)})

    assert [graph.layers[1].index("d"), graph.layers[1].index("c")] == [
        graph.layers[0].index("a"),
        graph.layers[0].index("b"),
    ]


def test_relatives_are_what_it_needs_and_what_waits_for_it() -> None:
    graph = layered({"a": (), "b": ("a",), "c": ("b",), "x": ("a",)})

    assert graph.relatives("b") == {"a", "b", "c"}


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40))
def test_every_arrow_points_right_in_every_graph_without_a_cycle(
    pairs: list[tuple[int, int]],
) -> None:
    needs: dict[str, list[str]] = {str(n): [] for n in range(13)}
    for one, other in pairs:
        if one < other:
            needs[str(other)].append(str(one))
    graph = layered(needs)

    layer = {key: n for n, keys in enumerate(graph.layers) for key in keys}
    assert all(layer[needed] < layer[waiting] for needed, waiting in graph.edges)


def test_a_cycle_does_not_hang_it() -> None:
    graph = layered({"a": ("c",), "b": ("a",), "c": ("b",)})

    assert {key for layer in graph.layers for key in layer} == {"a", "b", "c"}


@pytest.fixture
def view(qtbot: QtBot) -> DependencyView:
    made = DependencyView()
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show_board(board(a=(), b=("a",), c=("b",), d=("a",)))
    made.show()
    qtbot.waitExposed(made)
    return made


def test_arrows_walk_and_enter_opens(view: DependencyView) -> None:
    opened: list[str] = []
    view.opened.connect(opened.append)
    picture = view.picture
    picture.setFocus()

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(picture, key)

    assert opened == ["c"]
    assert picture.accessibleDescription() == "c  Do c, Backlog, Needs b"


def test_a_click_chooses_and_a_double_click_opens(view: DependencyView) -> None:
    opened: list[str] = []
    view.opened.connect(opened.append)
    place = view.picture.rooms()["d"].center().toPoint()

    QTest.mouseClick(view.picture, Qt.MouseButton.LeftButton, pos=place)
    assert view.picture.chosen() == "d"
    QTest.mouseDClick(view.picture, Qt.MouseButton.LeftButton, pos=place)
    assert opened == ["d"]


def test_no_two_tasks_stand_on_one_place(view: DependencyView) -> None:
    rooms = list(view.picture.rooms().values())

    assert not any(one.intersects(other) for n, one in enumerate(rooms) for other in rooms[n + 1 :])


def test_a_task_that_goes_is_no_longer_chosen(view: DependencyView) -> None:
    view.picture.setFocus()
    QTest.keyClick(view.picture, Qt.Key.Key_Right)

    view.show_board(board(b=(), c=("b",)))

    assert view.picture.chosen() == ""
    assert set(view.picture.rooms()) == {"b", "c"}
