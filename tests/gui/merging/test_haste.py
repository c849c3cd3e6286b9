"""One press is one step: nobody merges by pressing a little too long, or twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.merging.wizard import WizardStep
from tests.gui.merging.test_page import settle, walk

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.merging.page import MergePage
    from tests.gui.recording_client import RecordingClient


def test_a_double_click_does_not_press_what_comes_to_stand_there(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, WizardStep.ORDER)
    forward = page.footer.forward
    assert forward.text() == "Show the dry run"

    QTest.mouseClick(forward, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(forward, Qt.MouseButton.LeftButton)  # the second press alone
    QTest.mouseRelease(forward, Qt.MouseButton.LeftButton)

    settle(qtbot, page)
    assert page.wizard.step is WizardStep.DRY_RUN
    assert forward.text().startswith("Merge ")
    assert not client.named("merge")
    QTest.mouseClick(forward, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(client.named("merge")))
    qtbot.waitUntil(lambda: page.wizard.step is WizardStep.RESULT)


def test_a_key_that_is_held_goes_one_step(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, WizardStep.ORDER)
    page.order_page.list.setFocus(Qt.FocusReason.TabFocusReason)
    no_key = Qt.KeyboardModifier.NoModifier

    for _ in range(3):
        focused = QApplication.focusWidget()
        assert focused is not None
        held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, no_key, "\r", True)
        QApplication.sendEvent(focused, held)

    assert page.wizard.step is WizardStep.ORDER
    assert not client.named("merge")
    assert not any(key.autoRepeat() for key in page.findChildren(QShortcut))
