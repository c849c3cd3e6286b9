"""The small pieces: pills, avatars, steps, figures, labels, search, empty places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gui.theme.tokens import LIGHT, Glyph, Tone
from gui.widgets.avatar import initial_of
from gui.widgets.empty_state import EmptyState
from gui.widgets.figure_card import FigureCard
from gui.widgets.label import ElidedLabel
from gui.widgets.panel import Panel
from gui.widgets.pill import Pill, paint_pill, pill_size
from gui.widgets.progress_line import ProgressLine
from gui.widgets.search_field import SearchField
from gui.widgets.shortcut_hint import shortcut_text
from gui.widgets.spin_box import SpinBox
from gui.widgets.step_bar import StepBar, StepState

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.gui.widgets.conftest import Show


def test_a_pill_fills_exactly_the_size_it_announces() -> None:
    image = QImage(200, 30, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)

    width = paint_pill(painter, QPoint(0, 0), "3 files", Tone.BAD, Glyph.CROSS)
    painter.end()

    painted = [x for x in range(200) if image.pixelColor(x, 9).alpha()]
    assert width == pill_size("3 files", Glyph.CROSS).width() == painted[-1] + 1
    assert image.pixelColor(4, 9) == LIGHT.bad_ground


def test_a_pill_that_has_less_room_stays_inside_it() -> None:
    image = QImage(300, 30, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)

    width = paint_pill(painter, QPoint(0, 0), "meets a-very-long-key-1", max_width=60)
    painter.end()

    assert width == 60
    assert not any(image.pixelColor(x, 9).alpha() for x in range(60, 300))


def test_a_pill_says_its_word_to_assistive_tools(qtbot: QtBot) -> None:
    pill = Pill()
    qtbot.addWidget(pill)

    pill.show_state("waiting")

    assert pill.accessibleName() == pill.text() == "Asks you"


def test_the_initial_is_the_persons() -> None:
    assert [initial_of("human-ana"), initial_of("bo"), initial_of("human-")] == ["A", "B", "H"]


def test_steps_before_the_current_one_lead_back(show: Show, qtbot: QtBot) -> None:
    bar = StepBar(["Choose branches", "Order", "Dry run"])
    show(bar)
    bar.set_current(1)

    with qtbot.waitSignal(bar.step_requested, check_params_cb=lambda index: index == 0):
        QTest.mouseClick(bar.step(0), Qt.MouseButton.LeftButton)

    assert bar.current() == 1
    assert [bar.step(i).state() for i in range(3)] == list(StepState)
    assert bar.accessibleName() == "Step 2 of 3: Order"
    assert bar.step(2).accessibleName() == "Step 3: Dry run, to come"
    assert not bar.step(2).isEnabled()


def test_after_landing_no_step_leads_back(show: Show) -> None:
    bar = StepBar(["Choose branches", "Merge"])
    show(bar)

    bar.set_current(1, may_go_back=False)

    assert not bar.step(0).isEnabled()


def test_a_figure_is_read_as_one_sentence(show: Show) -> None:
    card = FigureCard("Will land")
    show(card)

    card.show_figure("3 of 5", "20 files", fraction=0.6)

    assert card.accessibleName() == "Will land: 3 of 5. 20 files"
    assert card.findChildren(ProgressLine)[0].fraction() == 0.6


def test_progress_never_leaves_its_line(qtbot: QtBot) -> None:
    line = ProgressLine("Checks")
    qtbot.addWidget(line)

    line.set_fraction(1.7)

    assert line.fraction() == 1.0
    assert line.accessibleName() == "Checks: 100%"


def test_a_label_without_room_has_the_whole_in_its_tool_tip(show: Show) -> None:
    label = ElidedLabel("in src/cart/totals.py, lines 40 to 52")
    show(label, width=90)
    assert label.toolTip() == label.text()

    label.setText("short")

    assert label.toolTip() == ""


def test_the_search_field_that_only_opens_something_asks_for_it(show: Show, qtbot: QtBot) -> None:
    field = SearchField("Search tasks", "Ctrl+K", opens_only=True)
    show(field)

    with qtbot.waitSignal(field.opened):
        QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(field.opened):
        QTest.keyClick(field, Qt.Key.Key_Return)

    assert field.accessibleName() == "Search tasks"


def test_escape_empties_a_search(show: Show) -> None:
    field = SearchField("Search tasks")
    show(field)
    QTest.keyClicks(field, "cart")

    QTest.keyClick(field, Qt.Key.Key_Escape)

    assert field.text() == ""


def test_a_shortcut_is_shown_without_plus_signs() -> None:
    assert shortcut_text("Ctrl+K") == "Ctrl K"


def test_an_empty_place_offers_the_one_thing_that_helps(show: Show) -> None:
    pressed: list[bool] = []
    empty = EmptyState("board", "No tasks yet.", "Add a task", lambda: pressed.append(True))
    show(empty)
    assert empty.button is not None

    QTest.mouseClick(empty.button, Qt.MouseButton.LeftButton)

    assert pressed == [True]
    assert empty.accessibleName() == "No tasks yet."


def test_a_panel_opens_no_window_of_its_own_while_it_is_built(qtbot: QtBot) -> None:
    panel = Panel("Who meets whom", "31 ms")
    qtbot.addWidget(panel)

    assert all(child.window() is panel for child in panel.findChildren(QWidget))
    assert (panel.title(), panel.accessibleName()) == ("Who meets whom", "Who meets whom")


def test_a_number_has_its_unit_and_its_name(show: Show) -> None:
    box = SpinBox("Estimate", 1, 600, 45, "min")
    show(box)

    assert (box.text(), box.accessibleName(), box.height()) == ("45 min", "Estimate", 30)
