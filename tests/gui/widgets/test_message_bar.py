"""News is one line, never in the way, and heard as well as seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from gui.theme.tokens import Tone
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.gui.widgets.conftest import Show


@pytest.fixture
def bar(show: Show) -> MessageBar:
    made = MessageBar()
    show(made, width=900)
    return made


def labels(bar: MessageBar) -> list[str]:
    return [button.text() for button in bar.findChildren(QPushButton) if not button.isHidden()]


def test_it_is_hidden_while_there_is_no_news(bar: MessageBar) -> None:
    assert not bar.isVisible()


def test_it_says_what_and_why(bar: MessageBar) -> None:
    bar.show_message("issue-4 and issue-5 will collide", "in totals.py", Tone.WARN)

    assert bar.isVisible()
    assert (bar.text(), bar.detail(), bar.tone()) == (
        "issue-4 and issue-5 will collide",
        "in totals.py",
        Tone.WARN,
    )
    spoken = QAccessible.queryAccessibleInterface(bar).text(QAccessible.Text.Name)
    assert spoken == "issue-4 and issue-5 will collide. in totals.py"


def test_a_sentence_is_spoken_with_one_full_stop(bar: MessageBar) -> None:
    bar.show_message("Assign: agent-bo cannot claim issue-6.", "Waits for issue-2.")

    assert bar.accessibleName() == "Assign: agent-bo cannot claim issue-6. Waits for issue-2."


def test_an_action_closes_the_bar_before_it_runs(bar: MessageBar) -> None:
    seen: list[bool] = []
    bar.show_message("Landed", actions=[("Undo", lambda: seen.append(bar.isVisible()))])

    button = bar.findChildren(QPushButton)[0]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert seen == [False]


def test_an_action_may_show_the_next_message(bar: MessageBar) -> None:
    bar.show_message("Landed", actions=[("Undo", lambda: bar.show_message("Put back"))])

    QTest.mouseClick(bar.findChildren(QPushButton)[0], Qt.MouseButton.LeftButton)

    assert bar.isVisible()
    assert bar.text() == "Put back"
    assert labels(bar) == []


def test_the_newest_message_replaces_the_one_before(bar: MessageBar) -> None:
    bar.show_message("First", actions=[("Show", lambda: None), ("Do it", lambda: None)])
    bar.show_message("Second", actions=[("Undo", lambda: None)])

    assert bar.text() == "Second"
    assert labels(bar) == ["Undo"]


def test_more_than_two_actions_are_refused(bar: MessageBar) -> None:
    with pytest.raises(ValueError, match="at most 2"):
        bar.show_message("Choose", actions=[("A", int), ("B", int), ("C", int)])


def test_escape_dismisses_it(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_message("News")

    with qtbot.waitSignal(bar.dismissed):
        QTest.keyClick(bar, Qt.Key.Key_Escape)

    assert not bar.isVisible()


def test_names_of_tasks_are_text_not_markup(bar: MessageBar) -> None:
    bar.show_message("<b>issue-4</b>", "<img src=x>")

    assert bar.text() == "<b>issue-4</b>"
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in bar.labels())


def test_what_is_shown_without_a_full_stop_whoever_says_it(bar: MessageBar) -> None:
    bar.show_message("Assign: agent-bo cannot claim shop-6.", "It has a task.")

    assert [label.text() for label in bar.labels()] == [
        "Assign: agent-bo cannot claim shop-6",
        "It has a task.",
    ]
