"""The palette finds by a few letters, and the keyboard alone is enough."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gui.palette.commands import Command, fitting
from gui.palette.palette import Palette
from gui.theme.theme import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


def names(typed: str, *texts: str) -> list[str]:
    return [found.text for found in fitting([Command(text, print) for text in texts], typed)]


def test_nothing_typed_offers_everything_in_order() -> None:
    assert names("", "New task", "Board") == ["New task", "Board"]


def test_the_front_of_a_word_fits_better_than_its_middle() -> None:
    assert names("task", "Ask a person to attask", "New task", "task-1 Totals") == [
        "task-1 Totals",
        "New task",
        "Ask a person to attask",
    ]


def test_every_word_must_fit() -> None:
    assert names("pause ada", "Pause agent-ada", "Pause agent-bo") == ["Pause agent-ada"]


def test_letters_in_order_fit_at_last() -> None:
    assert names("nwtsk", "New task", "Board") == ["New task"]


@pytest.fixture
def palette(qtbot: QtBot, qapp: QApplication) -> Palette:
    theme().apply(qapp)
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(900, 700)
    host.show()
    qtbot.waitExposed(host)
    host.activateWindow()
    made = Palette(host)
    made.keep = host  # type: ignore[attr-defined]  # the host lives as long as the palette
    return made


def test_typing_arrows_and_enter_run_a_command(palette: Palette, qtbot: QtBot) -> None:
    ran: list[str] = []
    texts = ("Pause agent-ada", "Pause agent-bo", "Board")
    palette.open_with([Command(text, partial(ran.append, text)) for text in texts])

    QTest.keyClicks(palette.field, "pause")
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert ran == ["Pause agent-bo"]
    assert palette.isHidden()


def test_escape_closes_and_runs_nothing(palette: Palette, qtbot: QtBot) -> None:
    ran: list[int] = []
    palette.open_with([Command("Board", lambda: ran.append(1))])

    QTest.keyClick(palette.field, Qt.Key.Key_Escape)

    assert palette.isHidden()
    assert ran == []


def test_enter_on_nothing_does_nothing(palette: Palette, qtbot: QtBot) -> None:
    palette.open_with([Command("Board", print)])

    QTest.keyClicks(palette.field, "zzz")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)

    assert palette.model.rowCount() == 0
    assert palette.isVisible()
