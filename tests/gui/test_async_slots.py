"""A coroutine as a slot: its errors end in the message bar, and it ends with the window."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from core.errors import EnvironmentFault, Refused
from gui.async_slots import async_slot, cancel_all, start
from gui.theme.tokens import Tone
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from tests.gui.conftest import Complete


class View(QWidget):
    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.message_bar = MessageBar()
        self.error = error
        self.ended: list[str] = []

    @async_slot("Do it")
    async def act(self) -> None:
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        self.ended.append("done")

    @async_slot("Wait")
    async def wait(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append("cancelled")


def make(qtbot: QtBot, error: Exception | None = None) -> View:
    view = View(error)
    qtbot.addWidget(view)
    qtbot.addWidget(view.message_bar)
    return view


def test_a_click_runs_the_coroutine_without_its_argument(qtbot: QtBot, qt_loop: QEventLoop) -> None:
    view = make(qtbot)
    button = QPushButton("Go")
    qtbot.addWidget(button)
    button.clicked.connect(view.act)

    button.click()

    qtbot.waitUntil(lambda: view.ended == ["done"])


def test_the_persons_mistake_is_said_with_its_reasons(qtbot: QtBot, qt_loop: QEventLoop) -> None:
    view = make(qtbot, Refused("No.", reasons=("Busy.", "Locked."), hint="Wait."))

    view.act()

    qtbot.waitUntil(lambda: view.message_bar.text() == "Do it: No.")
    assert view.message_bar.detail() == "Busy. Locked. Wait."
    assert view.message_bar.tone() is Tone.WARN


def test_a_fault_of_the_world_is_told_as_a_failure(qtbot: QtBot, qt_loop: QEventLoop) -> None:
    view = make(qtbot, EnvironmentFault("The disk is full."))

    view.act()

    qtbot.waitUntil(lambda: view.message_bar.text() == "Do it failed: The disk is full.")
    assert view.message_bar.tone() is Tone.BAD


@pytest.mark.logs_errors
def test_a_bug_is_told_and_logged_with_its_traceback(
    qtbot: QtBot, qt_loop: QEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    view = make(qtbot, ZeroDivisionError("division by zero"))

    view.act()

    qtbot.waitUntil(lambda: view.message_bar.text() == "Do it failed because of a bug")
    assert caplog.records[-1].exc_info


def test_what_still_runs_is_cancelled_at_the_end(
    qtbot: QtBot, qt_loop: QEventLoop, complete: Complete
) -> None:
    view = make(qtbot)
    view.wait()
    complete(asyncio.sleep(0))

    complete(cancel_all())

    assert view.ended == ["cancelled"]
    assert view.message_bar.isHidden()


def test_work_that_is_cancelled_before_its_first_step_is_closed(
    qtbot: QtBot, complete: Complete
) -> None:
    view = make(qtbot)

    async def never() -> None:
        raise AssertionError("it must not begin")

    async def cancel_at_once() -> None:
        start(view, "Read", work)
        await cancel_all()

    work = never()

    complete(cancel_at_once())

    assert inspect.getcoroutinestate(work) == inspect.CORO_CLOSED  # else Python warns of it
