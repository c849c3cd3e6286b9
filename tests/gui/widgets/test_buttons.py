"""Buttons have a name, a height, a kind, and a ring for the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from gui.theme.tokens import DARK, LIGHT
from gui.widgets.button import ICON_GAP, Button, ButtonKind, IconButton, make_button
from gui.widgets.rail_button import RailButton
from gui.widgets.segmented import Segmented

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from gui.theme.theme import Theme
    from tests.gui.widgets.conftest import Show


def colors_of(image: QImage) -> set[str]:
    across = range(image.width())
    return {image.pixelColor(x, y).name() for x in across for y in range(image.height())}


@pytest.mark.parametrize(("small", "height"), [(False, 30), (True, 24)])
@pytest.mark.parametrize("kind", list(ButtonKind))
def test_every_kind_has_the_heights_of_the_design(
    show: Show, kind: ButtonKind, *, small: bool, height: int
) -> None:
    button = make_button("Merge 3 branches", kind, small=small)
    show(button)

    assert button.height() == height


def test_a_click_and_a_key_call_the_same(show: Show) -> None:
    pressed: list[str] = []
    button = make_button("Pause all", icon="pause", on_click=lambda: pressed.append("yes"))
    show(button)

    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    QTest.keyClick(button, Qt.Key.Key_Space)

    assert pressed == ["yes", "yes"]


def test_an_icon_button_says_what_it_does(qtbot: QtBot) -> None:
    button = IconButton("close", "Dismiss")
    qtbot.addWidget(button)

    assert (button.accessibleName(), button.toolTip()) == ("Dismiss", "Dismiss")


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_button("Merge"),
        lambda: IconButton("close", "Dismiss"),
        lambda: RailButton("board", "Board"),
    ],
)
def test_the_keyboard_draws_a_ring_and_the_mouse_does_not(
    show: Show, make: Callable[[], Button | IconButton | RailButton]
) -> None:
    button = make()
    other = make_button("Other")
    window = show(other, button)
    window.activateWindow()
    ring = QColor(LIGHT.accent).name()

    button.setFocus(Qt.FocusReason.MouseFocusReason)
    by_mouse = colors_of(button.grab().toImage().copy(1, 8, 1, 8))
    other.setFocus(Qt.FocusReason.OtherFocusReason)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    by_keyboard = colors_of(button.grab().toImage().copy(1, 8, 1, 8))

    assert ring not in by_mouse
    assert ring in by_keyboard


def test_the_ring_is_all_that_the_keyboard_draws(show: Show) -> None:
    button, other = make_button("Take both"), make_button("Other")
    show(other, button).activateWindow()
    inside = button.rect().adjusted(6, 6, -6, -6)
    other.setFocus(Qt.FocusReason.TabFocusReason)
    without = button.grab(inside).toImage()

    QTest.keyClick(other, Qt.Key.Key_Tab)

    assert button.hasFocus()
    assert button.grab(inside).toImage() == without


def test_a_scheme_change_tints_the_icon_anew(show: Show, dressed: Theme, qtbot: QtBot) -> None:
    button = make_button("Pause all", icon="pause")
    show(button)

    dressed.choose("dark")
    qtbot.waitUntil(lambda: dressed.is_worn)

    drawn = colors_of(button.icon().pixmap(16, 16).toImage())
    assert DARK.text.name() in drawn
    assert LIGHT.text.name() not in drawn


def test_the_rail_shows_a_number_only_where_there_is_one(qtbot: QtBot) -> None:
    button = RailButton("conflicts", "Conflicts")
    qtbot.addWidget(button)

    button.set_count(2)
    assert (button.count(), button.accessibleDescription()) == ("2", "2")
    button.set_count(0)
    assert button.count() == ""


def test_a_collapsed_rail_keeps_its_names_as_tool_tips(qtbot: QtBot) -> None:
    button = RailButton("board", "Board")
    qtbot.addWidget(button)

    button.set_collapsed(True)

    assert button.toolTip() == button.accessibleName() == "Board"
    assert button.sizeHint().width() < RailButton("board", "Board").sizeHint().width()


def test_one_segment_is_chosen_at_a_time(show: Show, qtbot: QtBot) -> None:
    choice = Segmented("Filter", ["Ready", "All"])
    show(choice)

    with qtbot.waitSignal(choice.chosen, check_params_cb=lambda index: index == 1):
        QTest.mouseClick(choice.segment(1), Qt.MouseButton.LeftButton)

    assert choice.current() == 1
    assert not choice.segment(0).isChecked()


def test_a_word_stands_off_its_icon_whatever_the_icon_fills(qtbot: QtBot) -> None:
    with_word, alone = Button("View", icon="eye"), Button("", icon="eye")
    qtbot.addWidget(with_word)
    qtbot.addWidget(alone)

    assert with_word.iconSize().width() - with_word.iconSize().height() == ICON_GAP
    assert alone.iconSize().width() == alone.iconSize().height()
    alone.setText("View")
    assert alone.iconSize() == with_word.iconSize()
