"""The editor adds and changes tasks, and offers what can be done with one as it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from core.domain.event import Event
from core.domain.overview import TaskDetails
from core.domain.run import RunStatus
from core.domain.task import TaskStatus
from core.errors import UserError
from gui.form import PlainField
from gui.navigation import Navigation
from gui.tasks.editor import TaskEditor, actions_for
from gui.tasks.history import RunsPanel
from gui.theme.theme import theme
from gui.widgets.label import ElidedLabel
from gui.widgets.message_bar import MessageBar
from tests.gui.fakes import NOW, make_run, make_task, sample_board
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from core.domain.run import Run

TASK = make_task(
    "issue-4", "Cart totals", TaskStatus.CLAIMED, worker="human-ana", files=("src/cart.py",)
)
RUN = make_run("run-1", "issue-4", "agent-claude-1", status=RunStatus.FAILED, ended_at=NOW)
EVENT = Event(1, NOW, "task.claimed", "/r", "issue-4", "human-ana", None, "human-ana", {})


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    theme().apply(qapp)


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(
        answers={
            "task_show": TaskDetails(TASK, (RUN,), ()),
            "log": (EVENT,),
            "task_add": make_task("task-16", "New", TaskStatus.BACKLOG),
            "task_edit": TASK,
            "start": TASK,
            "release": TASK,
            "task_remove": TASK,
        }
    )


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


def open_editor(qtbot: QtBot, client: RecordingClient, bar: MessageBar, key: str) -> TaskEditor:
    editor = TaskEditor(client, bar, Navigation(), key)
    qtbot.addWidget(editor)
    editor.resize(460, 700)
    editor.show_board(sample_board())
    editor.show()
    qtbot.waitExposed(editor)
    if key:
        qtbot.waitUntil(lambda: editor.task is not None and editor.history.isVisible())
    return editor


def test_a_task_without_a_title_is_not_added(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    editor = open_editor(qtbot, client, bar, "")

    editor.save.click()

    field = editor.form.fields["title"]
    qtbot.waitUntil(lambda: field.problem() == "A task needs a title.")
    assert client.named("task_add") == []


def test_a_new_task_is_added_with_all_that_was_typed(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    editor = open_editor(qtbot, client, bar, "")
    editor.form.title.setText("  Faster search ")
    editor.form.priority.setCurrentText("High")
    editor.form.estimate.setValue(45)
    editor.form.files.setPlainText("src/a.py\n\nsrc/b.py\n")
    editor.form.depends.setText("issue-4, issue-5")

    with qtbot.waitSignal(editor.finished):
        editor.save.click()

    call = client.named("task_add")[0]
    assert call.args == ("Faster search",)
    assert call.kwargs == {
        "description": "",
        "priority": "high",
        "file": ("src/a.py", "src/b.py"),
        "depends": ("issue-4", "issue-5"),
        "skill": (),
        "estimate": 45,
        "key": None,
    }
    assert bar.text() == "task-16 is in the backlog"


def test_a_task_is_shown_with_its_runs_and_its_history(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    editor = open_editor(qtbot, client, bar, "issue-4")

    assert editor.form.title.text() == "Cart totals"
    names = [b.accessibleName() for b in editor.runs.findChildren(QPushButton)]
    assert names == ["View attempt 1 by agent-claude-1"]
    visible = [name for name, button in editor.buttons.items() if button.isVisible()]
    assert visible == ["Start", "Done", "Release"]


def test_only_changes_are_saved(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    editor = open_editor(qtbot, client, bar, "issue-4")
    editor.form.title.setText("Cart totals, once")

    with qtbot.waitSignal(editor.finished):
        editor.save.click()

    assert client.named("task_edit")[0].kwargs == {"title": "Cart totals, once"}


def test_news_do_not_overwrite_what_is_being_typed(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    editor = open_editor(qtbot, client, bar, "issue-4")
    editor.form.title.setText("Half a sent")

    editor.show_details(TaskDetails(TASK, (), ()))

    assert editor.form.title.text() == "Half a sent"


def test_what_the_engine_refuses_is_told_and_the_editor_stays_open(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    client.answers["task_edit"] = UserError("issue-4 would wait for itself.", hint="Break it.")
    editor = open_editor(qtbot, client, bar, "issue-4")
    editor.form.depends.setText("issue-5")

    editor.save.click()

    qtbot.waitUntil(lambda: not bar.isHidden())
    assert bar.text() == "Save task: issue-4 would wait for itself."
    assert editor.isVisible()


def test_the_buttons_ask_the_engine(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    editor = open_editor(qtbot, client, bar, "issue-4")

    editor.buttons["Start"].click()
    editor.buttons["Release"].click()

    qtbot.waitUntil(lambda: bool(client.named("release")))
    assert client.named("start")[0].args == ("issue-4",)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_guardian_approves_a_task_that_needs_it(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    waits = make_task("issue-13", "Upgrade", TaskStatus.BACKLOG, needs_approval=True)
    client.answers["task_show"] = TaskDetails(waits, (), ("Needs a guardian's approval.",))
    client.answers["_guardians"] = ("ana", "bo")
    client.answers["task_approve"] = waits
    editor = open_editor(qtbot, client, bar, "issue-13")
    assert editor.buttons["Approve"].isVisible()

    editor.buttons["Approve"].click()
    qtbot.waitUntil(lambda: editor.menu() is not None)
    menu = editor.menu()
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["As ana", "As bo"]
    menu.actions()[1].trigger()
    menu.close()

    qtbot.waitUntil(lambda: bar.text() == "issue-13 is approved by bo")
    assert client.named("task_approve")[0].kwargs == {"by": "bo"}


def test_approval_is_offered_once_and_only_where_it_is_needed() -> None:
    waits = make_task("t", "T", TaskStatus.CLAIMED, needs_approval=True)

    assert "Approve" in actions_for(waits)
    assert "Approve" not in actions_for(replace(waits, approved_by="ana"))
    assert "Approve" in actions_for(replace(waits, approved_by="ana", worker="ana"))
    assert "Approve" not in actions_for(replace(waits, needs_approval=False))


def test_every_status_offers_something() -> None:
    offered = {status: actions_for(make_task("t", "T", status)) for status in TaskStatus}

    assert all(offered.values())
    failed = make_task("t", "T", TaskStatus.BACKLOG, last_error="It fell over.")
    assert "Retry" in actions_for(failed)


def test_a_long_description_has_more_room_without_end_it_scrolls(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, bar: MessageBar
) -> None:
    heights = {}
    for lines in (1, 10, 300):
        text = "\n".join(f"line {number}" for number in range(lines))
        client.answers["task_show"] = TaskDetails(replace(TASK, description=text), (), ())
        editor = open_editor(qtbot, client, bar, "issue-4")
        heights[lines] = editor.form.description.height()
        shown = editor.form.description
        assert shown.verticalScrollBar().isVisible() == (lines == 300)

    assert heights[1] == PlainField(6).height()
    assert heights[1] < heights[10] < heights[300] < 350


def test_a_click_on_a_run_outlives_its_news(qtbot: QtBot) -> None:
    navigation = Navigation()
    asked: list[Run] = []
    navigation.run_asked.connect(asked.append)
    panel = RunsPanel(navigation)
    qtbot.addWidget(panel)
    first = replace(RUN, status=RunStatus.WORKING, ended_at=None)
    panel.show_runs((first,))
    view = panel.findChildren(QPushButton)[0]
    later = replace(first, last_message="Now the tests", status=RunStatus.DONE, reason="all well")

    QTest.mousePress(view, Qt.MouseButton.LeftButton)
    panel.show_runs((later,))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton)

    assert asked == [later]
    said = [label.text() for label in panel.findChildren(ElidedLabel)]
    assert any(text.endswith("all well") for text in said)
    panel.show_runs((replace(RUN, id="run-2"), later))
    panel.show()
    QApplication.processEvents()
    names = [b.accessibleName() for b in panel.findChildren(QPushButton) if b.isVisible()]
    assert names == ["View attempt 2 by agent-claude-1", "View attempt 1 by agent-claude-1"]
