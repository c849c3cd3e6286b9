"""The whole window on a real engine: it opens, shows the board, goes round, and ends clean."""

from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QSettings, Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from core.domain.task import TaskStatus
from core.engine.context import open_engine
from core.engine.repos import init
from core.engine.tasks import task_add
from core.engine.workers import worker_add
from core.store.connection import close_database
from gui.async_slots import cancel_all
from gui.main_window import MainWindow
from gui.navigation import Place
from gui.opening import Opening
from gui.settings.page import SettingsPage
from gui.theme.theme import theme
from gui.welcome.page import WelcomePage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from gui.workspace import Workspace
    from tests.gui.conftest import Complete
    from tests.scenarios import Repo

LONG_MS = 20_000
NAMED = (
    QAbstractButton,
    QLineEdit,
    QComboBox,
    QAbstractSpinBox,
    QPlainTextEdit,
    QAbstractItemView,
)


@pytest.fixture(autouse=True)
def settings(home: Path, qapp: QApplication) -> None:
    """Window settings of this test alone."""
    QCoreApplication.setOrganizationName("Weft")
    QCoreApplication.setApplicationName("Weft")
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(home))
    theme().apply(qapp)


@pytest.fixture
def board(repo: Repo) -> Path:
    """A registered repository with two tasks and two workers."""
    engine = open_engine(repo.path)
    init(engine, str(repo.path))
    task_add(engine, "Write the manual", priority="high")
    task_add(engine, "Read the manual", depends=("task-1",))
    worker_add(engine, "human-ana", type="human")
    worker_add(engine, "human-bo", type="human")
    close_database()
    return repo.path


@pytest.fixture
def window(qtbot: QtBot, qt_loop: QEventLoop) -> Iterator[MainWindow]:
    made = MainWindow()
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made  # not given to qtbot, which would delete it before what lives in it has ended
    made.leave()
    made.deleteLater()


@pytest.fixture
def opening(window: MainWindow, complete: Complete) -> Iterator[Opening]:
    made = Opening(window)
    yield made
    complete(_end(made))


async def _end(opening: Opening) -> None:
    await opening.end()
    await cancel_all()


@pytest.fixture
def workspace(opening: Opening, board: Path, window: MainWindow, qtbot: QtBot) -> Workspace:
    """The window with the board, every page made."""
    opening.begin(board)
    qtbot.waitUntil(lambda: window.page(Place.SETTINGS) is not None, timeout=LONG_MS)
    made = opening.workspace
    assert made is not None
    qtbot.waitUntil(lambda: made.feed.view is not None, timeout=LONG_MS)
    return made


def _holds_keyboard(page: QWidget) -> bool:
    return page.isAncestorOf(page.window().focusWidget())


def in_sight(window: QWidget) -> set[QWidget]:
    return {
        widget
        for widget in window.findChildren(QWidget)
        if isinstance(widget, NAMED)
        and widget.isVisible()
        and not isinstance(widget.parent(), QComboBox | QAbstractSpinBox | QAbstractItemView)
    }


def differs(window: QWidget, before: set[QWidget]) -> bool:
    return in_sight(window) != before


def nameless(window: QWidget) -> list[str]:
    return [
        repr(widget)
        for widget in in_sight(window)
        if not QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
    ]


def test_the_window_opens_on_the_repository_it_is_given(
    workspace: Workspace, window: MainWindow
) -> None:
    assert window.windowTitle() == f"Weft — {workspace.repo.name}"
    backlog = workspace.board.columns[TaskStatus.BACKLOG].model
    assert [card.key for card in backlog.cards()] == ["task-1", "task-2"]
    assert backlog.cards()[1].reason == "Waits for task-1 (backlog)."
    assert list(workspace.strip.cards) == ["human-ana", "human-bo"]
    assert window.rail.button(Place.WORKERS).count() == "2"


def test_dropping_a_card_on_a_person_claims_it(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    workspace.strip.dropped.emit("task-1", "human-ana")

    claimed = workspace.board.columns[TaskStatus.CLAIMED].model
    qtbot.waitUntil(lambda: claimed.rowCount() == 1, timeout=LONG_MS)
    qtbot.waitUntil(lambda: window.message_bar.text() == "human-ana has task-1", timeout=LONG_MS)
    assert "worker/human-ana/task-1" in window.message_bar.detail()


def test_a_refused_move_is_said_and_the_card_stays(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    workspace.board.move_card("task-1", TaskStatus.DONE)

    qtbot.waitUntil(lambda: not window.message_bar.isHidden(), timeout=LONG_MS)
    assert window.message_bar.text() == "Move card: task-1 is in the backlog and cannot go to Done."
    assert workspace.board.columns[TaskStatus.BACKLOG].model.rowCount() == 2


def test_a_task_is_added_in_the_drawer(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    window.top_bar.new_task.click()
    editor = window.drawer.content()
    assert editor is not None
    QTest.keyClicks(editor.form.title, "Third")  # type: ignore[attr-defined]
    editor.save.click()  # type: ignore[attr-defined]

    backlog = workspace.board.columns[TaskStatus.BACKLOG].model
    qtbot.waitUntil(lambda: backlog.rowCount() == 3, timeout=LONG_MS)
    qtbot.waitUntil(window.drawer.isHidden)


def test_every_page_is_reached_by_its_key_and_everything_in_it_has_a_name(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for number, place in enumerate(Place, start=1):
        key = Qt.Key(Qt.Key.Key_0 + number)
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.place is place
        assert window.rail.button(place).isChecked()
        assert nameless(window) == []


def test_everything_in_the_drawer_has_a_name(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    for ask in (
        partial(window.navigation.task_asked.emit, "task-1"),
        window.navigation.new_task_asked.emit,
        window.navigation.worker_asked.emit,
        workspace.open_palette,
    ):
        before = in_sight(window)
        ask()
        qtbot.waitUntil(partial(differs, window, before))
        assert nameless(window) == []


def test_escape_closes_the_drawer_and_gives_the_keyboard_back(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    workspace.board.select("task-2")
    window.navigation.task_asked.emit("task-2")
    assert window.drawer.isVisible()
    assert window.drawer.graphicsEffect() is None  # it would paint all of it for each change

    QTest.keyClick(window.drawer, Qt.Key.Key_Escape)

    assert window.drawer.isHidden()
    assert workspace.board.selected_key() == "task-2"


def test_what_another_process_does_is_shown(
    workspace: Workspace, qtbot: QtBot, complete: Complete
) -> None:
    complete(workspace.client.do(task_add, "From elsewhere"))

    backlog = workspace.board.columns[TaskStatus.BACKLOG].model
    qtbot.waitUntil(lambda: backlog.rowCount() == 3, timeout=LONG_MS)


def test_the_theme_changes_under_an_open_window(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    theme().choose("dark")
    qtbot.waitUntil(lambda: theme().is_worn)
    dark = window.grab().toImage().pixelColor(600, 600).lightness()
    theme().choose("light")
    qtbot.waitUntil(lambda: theme().is_worn)
    light = window.grab().toImage().pixelColor(600, 600).lightness()

    assert dark < 60 < 200 < light


def test_a_window_without_a_repository_shows_the_first_page(
    opening: Opening, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    opening.begin(empty)

    qtbot.waitUntil(lambda: window.findChild(WelcomePage) is not None, timeout=LONG_MS)
    assert window.windowTitle() == "Weft"
    assert nameless(window) == []


def test_a_folder_that_was_named_and_cannot_be_opened_is_told(
    opening: Opening, window: MainWindow, qtbot: QtBot, tmp_path: Path, board: Path
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()

    opening.begin(plain, named=True)

    qtbot.waitUntil(lambda: window.findChild(WelcomePage) is not None, timeout=LONG_MS)
    assert str(plain) in window.message_bar.text()
    assert "git init" in window.message_bar.detail()


def test_without_a_repository_the_settings_are_a_step_away_and_back(
    opening: Opening, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    opening.begin(tmp_path)
    qtbot.waitUntil(lambda: window.findChild(WelcomePage) is not None, timeout=LONG_MS)

    welcome = window.findChild(WelcomePage)
    assert welcome is not None
    welcome.settings_asked.emit()

    page = window.findChild(SettingsPage)
    assert page is not None
    qtbot.waitUntil(lambda: page.isVisible() and bool(page.rows), timeout=LONG_MS)
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.top_bar.title() == "Welcome")
    assert nameless(window) == []


def test_the_keyboard_begins_on_the_first_card_and_comes_back_to_it(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    backlog = workspace.board.columns[TaskStatus.BACKLOG].view
    qtbot.waitUntil(lambda: window.focusWidget() is backlog)
    assert workspace.board.selected_key() == "task-1"

    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    workspace.board.select("task-2")
    window.rail.button(Place.SETTINGS).setFocus()
    QTest.keyClick(window, Qt.Key.Key_F6)

    assert window.focusWidget() is backlog
    assert workspace.board.selected_key() == "task-2"


def test_a_page_that_is_gone_to_by_its_key_gets_the_keyboard(
    workspace: Workspace, window: MainWindow, qtbot: QtBot
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for number, place in enumerate(Place, start=1):
        key = Qt.Key(Qt.Key.Key_0 + number)
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        page = window.page(place)
        assert page is not None
        qtbot.waitUntil(partial(_holds_keyboard, page))


def test_closing_while_runs_go_on_says_so_first(window: MainWindow, qtbot: QtBot) -> None:
    window.live_runs = lambda: 3

    window.close()

    assert window.isVisible()
    assert window.message_bar.text() == "3 runs go on without the window"
    with qtbot.waitSignal(window.closed):
        window.close()


def test_who_stays_has_the_whole_time_to_stay_again(window: MainWindow) -> None:
    window.live_runs = lambda: 3
    goodbye = window.findChild(QTimer, "goodbye")
    assert goodbye is not None

    window.close()
    assert goodbye.isActive()
    (stay,) = (b for b in window.message_bar.findChildren(QPushButton) if b.text() == "Stay")
    QTest.mouseClick(stay, Qt.MouseButton.LeftButton)
    assert not goodbye.isActive()

    window.close()
    assert window.isVisible()
    assert goodbye.isActive()


def test_the_end_leaves_no_task_and_no_thread(
    workspace: Workspace,
    opening: Opening,
    window: MainWindow,
    complete: Complete,
    qt_loop: QEventLoop,
) -> None:
    window.leave()
    complete(_end(opening))

    assert not window.isVisible()
    left = [task for task in asyncio.all_tasks(qt_loop) if not task.done()]
    assert left == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("weft")]
