from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.domain.resolution import Decision, FileDecision, Take
from core.errors import Refused
from gui.conflicts.resolution import Resolution
from tests.gui.conflicts import samples

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.conflicts.page import ConflictsPage
    from gui.conflicts.resolve_panel import ResolvePanel
    from gui.widgets.message_bar import MessageBar
    from tests.gui.conftest import Complete
    from tests.gui.recording_client import RecordingClient

Key = Qt.Key


@pytest.fixture
def panel(qtbot: QtBot, page: ConflictsPage) -> ResolvePanel:
    """The resolve panel, opened by the button of the pair."""
    page.pair.head.buttons[1].click()
    qtbot.waitUntil(page.resolve.isVisible)
    qtbot.waitUntil(lambda: "rewrote" in page.resolve.words())
    return page.resolve


def press(panel: ResolvePanel, key: Qt.Key) -> None:
    """Press a key where the keyboard is."""
    focused = panel.window().focusWidget()
    assert isinstance(focused, QWidget)
    QTest.keyClick(focused, key)


def test_keys_decide_and_what_will_stand_there_is_shown(panel: ResolvePanel) -> None:
    assert panel.words() == "Hunk 1 of 2 · both rewrote total()"
    assert panel.progress() == "0 of 3 decided"
    assert not panel.commit.isEnabled()

    press(panel, Key.Key_3)

    assert panel.progress() == "1 of 3 decided"
    shown = [line.text for line in panel.outcome.code.lines()]
    assert shown == [*samples.sides().hunks[0].a_lines, *samples.sides().hunks[0].b_lines]
    assert panel.outcome.words() == "issue-4 and issue-5, in this order:"


def test_every_place_decided_makes_a_commit_on_the_branch_that_pays(
    qtbot: QtBot,
    page: ConflictsPage,
    panel: ResolvePanel,
    client: RecordingClient,
    message_bar: MessageBar,
) -> None:
    press(panel, Key.Key_1)
    panel.step(1)
    press(panel, Key.Key_2)
    panel.step(1)
    press(panel, Key.Key_2)
    assert panel.outcome.words() == "The file goes, as in issue-5."

    panel.commit.click()

    qtbot.waitUntil(lambda: page.pair.isVisible())
    page.feed.pacer.stop()
    opened, decisions = client.named("commit_decisions")[0].args
    assert opened.task == "issue-4"
    assert decisions == (
        FileDecision(samples.TOTALS, (Decision(Take.LEFT), Decision(Take.RIGHT))),
        FileDecision(samples.GONE, whole=Decision(Take.RIGHT)),
    )
    assert message_bar.text() == "issue-5 is in issue-4 now: 2 files changed"


def test_an_own_text_is_begun_from_the_left_and_takes_digits(panel: ResolvePanel) -> None:
    press(panel, Key.Key_4)
    editor = panel.outcome.editor
    assert editor.toPlainText() == "\n".join(samples.sides().hunks[0].a_lines)

    editor.setPlainText("    return ")
    editor.moveCursor(editor.textCursor().MoveOperation.End)
    QTest.keyClick(editor, Key.Key_1)

    resolution = panel.resolution()
    assert resolution is not None
    assert resolution.decision(resolution.places[0]) == Decision(Take.OWN, "    return 1")


def test_a_whole_file_is_taken_from_one_side_only(panel: ResolvePanel) -> None:
    panel.step(2)

    press(panel, Key.Key_3)

    assert panel.progress() == "0 of 3 decided"
    assert not panel.choices.buttons[Take.BOTH].isVisible()


def test_a_refused_commit_keeps_every_decision(
    qtbot: QtBot, panel: ResolvePanel, client: RecordingClient, message_bar: MessageBar
) -> None:
    client.answers["commit_decisions"] = Refused(
        "The worktree of issue-4 has uncommitted changes.", reasons=("cart.py",)
    )
    for _ in range(3):
        press(panel, Key.Key_1)
        panel.step(1)

    panel.commit.click()

    qtbot.waitUntil(lambda: bool(message_bar.text()))
    assert panel.isVisible()
    assert panel.progress() == "3 of 3 decided"
    assert panel.commit.isEnabled()


def test_escape_goes_back_and_what_was_decided_is_there_again(
    qtbot: QtBot, page: ConflictsPage, panel: ResolvePanel
) -> None:
    press(panel, Key.Key_2)

    press(panel, Key.Key_Escape)
    assert page.pair.isVisible()
    page.pair.head.buttons[1].click()

    qtbot.waitUntil(panel.isVisible)
    assert panel.progress() == "1 of 3 decided"


def test_uncommitted_work_of_the_branch_that_pays_is_told_before(
    page: ConflictsPage, panel: ResolvePanel, client: RecordingClient, complete: Complete
) -> None:
    assert panel.note() == "issue-4 will be built on issue-5, and land after it."
    matrix = samples.storefront()
    dirty = replace(matrix.branches[1], dirty=True)
    branches = (matrix.branches[0], dirty, *matrix.branches[2:])
    client.answers["compute_matrix"] = (replace(matrix, branches=branches), samples.board())

    complete(page.refresh())

    assert panel.note().startswith("issue-4 has uncommitted work")
    assert panel.isVisible()


def test_another_pair_leaves_the_panel(page: ConflictsPage, panel: ResolvePanel) -> None:
    page.choose("issue-5", "issue-9")

    assert not panel.isVisible()
    assert page.pair.isVisible()


def test_the_merge_tool_is_a_way_too(
    qtbot: QtBot, page: ConflictsPage, panel: ResolvePanel, client: RecordingClient
) -> None:
    client.hold.add("resolve_in_tool")
    panel.tool.click()
    qtbot.waitUntil(lambda: bool(client.named("resolve_in_tool")))
    assert panel.work.text().startswith("Your merge tool is open")
    assert not panel.tool.isEnabled()

    client.let_go()

    qtbot.waitUntil(lambda: page.pair.isVisible())
    page.feed.pacer.stop()


def test_controls_of_the_panel_have_names(panel: ResolvePanel) -> None:
    for child in panel.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisibleTo(panel):
            name = QAccessible.queryAccessibleInterface(child).text(QAccessible.Text.Name)
            assert name, child


def test_decisions_outlive_a_dispute_that_is_opened_anew() -> None:
    before = Resolution(samples.dispute())
    before.decide(before.places[1], Decision(Take.BOTH))

    after = Resolution(samples.dispute(), before)

    assert after.decided == 1
    assert after.next_open(after.places[0]) == after.places[2]


def test_no_choice_moves_away_from_under_the_pointer(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient
) -> None:
    client.hold.add("read_sides")
    page.pair.head.buttons[1].click()
    panel = page.resolve
    qtbot.waitUntil(panel.isVisible)
    qtbot.waitUntil(lambda: len(client.named("read_sides")) == 2)
    QApplication.processEvents()
    both = panel.choices.buttons[Take.BOTH]
    place, window = both.mapTo(page, both.rect().center()), page.window().windowHandle()

    QTest.mousePress(window, Qt.MouseButton.LeftButton, pos=place)
    client.let_go()
    qtbot.waitUntil(lambda: "rewrote" in panel.words())
    QApplication.processEvents()
    QTest.mouseRelease(window, Qt.MouseButton.LeftButton, pos=place)

    assert panel.progress() == "1 of 3 decided"
    for step in (1, 1, -1, -1):
        panel.step(step)
        QApplication.processEvents()
        assert page.childAt(place) in {both, panel.choices}
