"""The message bar makes room for itself, but never between a press and its release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from gui.messages import MessagePlace, WindowMessages
from gui.widgets.button import Button, make_button

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class Foot(QWidget):
    """A page whose button stands just above the messages."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed = 0
        self.bar = WindowMessages()
        self.place = MessagePlace(self.bar)
        self.button: Button = make_button("Merge 2 branches", on_click=self._count)
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self.button)
        column.addWidget(self.place)
        self.resize(600, 300)

    def _count(self) -> None:
        self.pressed += 1


@pytest.fixture
def foot(qtbot: QtBot) -> Foot:
    made = Foot()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def test_a_press_under_way_meets_its_button(qtbot: QtBot, foot: Foot) -> None:
    window = foot.windowHandle()
    spot = foot.button.mapTo(foot, foot.button.rect().center())

    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=spot)
    foot.bar.show_message("agent-ada asks", "Which rounding?")
    QApplication.processEvents()
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=spot)

    assert foot.pressed == 1
    qtbot.waitUntil(foot.bar.isVisible)
    assert foot.button.geometry().bottom() < foot.place.geometry().top()


def test_a_message_that_goes_waits_for_the_release_too(qtbot: QtBot, foot: Foot) -> None:
    foot.bar.show_message("Landed", "2 branches")
    qtbot.waitUntil(foot.bar.isVisible)
    window = foot.windowHandle()
    spot = foot.button.mapTo(foot, foot.button.rect().center())

    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=spot)
    foot.bar.dismiss()
    QApplication.processEvents()
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=spot)

    assert foot.pressed == 1
    qtbot.waitUntil(foot.place.isHidden)
