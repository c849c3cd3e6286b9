"""The real window over a full board, used all over: how long each step holds its loop up.

Usage: used_window.py REPO RUN. Opens pages, panels and menus by their buttons and keys, with the
transcript of RUN among them, and prints as JSON, by step, what `tests.benchmarks.beat` noted.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from gui.app import make_application
from gui.main_window import MainWindow
from gui.navigation import Place
from gui.theme.theme import theme
from tests.benchmarks.beat import Beat

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from core.merging.wizard import WizardStep
    from gui.board.column import Column
    from gui.merging.page import MergePage
    from gui.workspace import Workspace

QUIET_BEATS: Final = 20
"""So many beats in time end a step: some 0.1 s in which nothing was to be done."""
LEAST_S: Final = 0.35
MOST_S: Final = 2.0
LIMIT_S: Final = 60.0
PLACES: Final = tuple(Place)
IMPORTED: Final = 50
ORDER: Final = Qt.SortOrder.DescendingOrder


class Walk:
    """Goes through the window step by step."""

    def __init__(self, window: MainWindow, run: str, beat: Beat) -> None:
        self.window = window
        self.beat = beat
        self._run = run

    async def go(self) -> None:
        """Do all steps."""
        await self.wait_until(lambda: self.window.page(Place.BOARD) is not None)
        await self.wait_until(lambda: self.workspace.feed.view is not None)
        self.beat.begin("start: the other pages")
        await self.wait_until(lambda: self.window.page(Place.SETTINGS) is not None)
        await self.wait_for_quiet()
        for round_ in ("first", "second"):
            await self.pages(round_)
        await self.board()
        await self.drawer()
        await self.transcript()
        await self.palette()
        await self.workers_page()
        await self.activity()
        await self.conflicts()
        await self.looks()
        await self.merging()
        self.beat.begin("close")
        self.window.leave()

    @property
    def workspace(self) -> Workspace:
        """What the window holds."""
        from gui.workspace import Workspace

        found = self.window.findChild(Workspace)
        assert found is not None
        return found

    # -- steps -----------------------------------------------------------------------------

    async def pages(self, round_: str) -> None:
        """Go to each page by its button."""
        for place in PLACES[1:] + PLACES[:1]:
            await self.step(f"{place.value}, {round_} look", self.window.rail.button(place).click)

    async def board(self) -> None:
        """Scroll, choose, lift, look at dependencies, and let tasks come and change."""
        from core.engine.tasks import task_edit, task_import

        board, workspace = self.workspace.board, self.workspace
        view = self.column("backlog").view
        bar = view.verticalScrollBar()
        await self.step("board: scroll to the end", lambda: bar.setValue(bar.maximum()))
        await self.step("board: scroll back", lambda: bar.setValue(0))
        await self.step("board: next card", self.press(Qt.Key.Key_Down, view))
        await self.step("board: menu of a card", lambda: board._open_menu(self.key(), "context"))
        await self.step("board: close the menu", self.shut_popup)
        await self.step("board: menu of places", lambda: board._open_menu(self.key(), "assign"))
        await self.step("board: close it", self.shut_popup)
        task = board.task_of(self.key())
        assert task is not None
        await self.step("board: lift a card", lambda: workspace.session.begin(task))
        await self.step("board: drop it", workspace.session.end)
        views = self.window.top_bar.views
        await self.step("board: dependencies", views.segment(1).click)
        await self.step("board: columns again", views.segment(0).click)
        await self.step("board: a worker chosen", lambda: workspace.strip.choose("agent-2"))
        strip = workspace.strip.horizontalScrollBar()
        await self.step("board: strip scrolled", lambda: strip.setValue(strip.maximum()))
        title = f"Another title, of {time.time():.0f}"
        text = "".join(f"- [ ] imported task {n}\n" for n in range(IMPORTED))
        await self.ask(f"board: {IMPORTED} tasks come", task_import, "more.md", text=text)
        await self.ask("board: a title changes", task_edit, self.key(), title=title)
        await self.step("menu of the dispatcher", self.window.top_bar.dispatch.click)
        await self.step("close it", self.shut_popup)
        await self.step("menu of repositories", self.window.rail.repo.click)
        await self.step("close that", self.shut_popup)

    async def drawer(self) -> None:
        """Open what the drawer holds, each twice."""
        view = self.column("backlog").view
        for round_ in ("first", "second"):
            await self.step(f"new task, {round_}", self.window.top_bar.new_task.click)
            await self.step(f"new task typed, {round_}", self.write_title)
            await self.step(f"new task closed, {round_}", self.window.drawer.close_content)
            await self.step(f"task opened, {round_}", self.press(Qt.Key.Key_Return, view))
            await self.step(f"task closed, {round_}", self.window.drawer.close_content)
            await self.step(f"new worker, {round_}", self.workspace.strip.add_button().click)
            await self.step(f"new worker closed, {round_}", self.window.drawer.close_content)
        reviewed = self.column("review").model.cards()[0].key
        opened = partial(self.window.navigation.task_asked.emit, reviewed)
        await self.step("task in review opened", opened)
        await self.step("task in review closed", self.window.drawer.close_content)

    async def transcript(self) -> None:
        """Read 10,000 lines, and use them."""
        from gui.workers.transcript_panel import TranscriptPanel

        view = self.workspace.feed.view
        assert view is not None
        run = next(run for run in view.runs if run.id == self._run)
        await self.step("transcript opened", partial(self.workspace.panels.open_run, run))
        panel = self.window.drawer.content()
        assert isinstance(panel, TranscriptPanel)
        bar = panel.text.verticalScrollBar()
        await self.step("transcript: half way", lambda: bar.setValue(bar.maximum() // 2))
        await self.step("transcript: search typed", lambda: panel.search.setText("line 9"))
        await self.step("transcript: found", panel.find_next)
        await self.step("transcript: found backwards", lambda: panel.find_next(backwards=True))
        panel.search.setText("no such words")
        await self.step("transcript: nothing found", panel.find_next)
        await self.step("transcript: words", panel.shown.segment(1).click)
        await self.step("transcript: output", panel.shown.segment(3).click)
        await self.step("transcript: all", panel.shown.segment(0).click)
        await self.step("transcript: copied", panel.copy_all)
        await self.step("transcript: end", panel.text.go_to_end)
        await self.theme("over a transcript")
        await self.sizes("with a transcript")
        await self.step("transcript closed", self.window.drawer.close_content)

    async def palette(self) -> None:
        """Type into the palette."""
        palette = self.workspace.palette
        for round_ in ("first", "second"):
            await self.step(f"palette, {round_}", self.window.top_bar.search.opened.emit)
            for letter in "task-2":
                key = partial(QTest.keyClicks, palette.field, letter)
                await self.step(f"palette typed, {round_}", key)
            await self.step(f"palette closed, {round_}", palette.close_palette)

    async def workers_page(self) -> None:
        """Choose a worker, and look at the locks."""
        page = self.workspace.workers
        assert page is not None
        self.window.show_place(Place.WORKERS)
        await self.wait_for_quiet()
        await self.step("workers: one chosen", lambda: page.table.selectRow(2))
        await self.step("workers: sorted", lambda: page.table.sortByColumn(1, ORDER))
        await self.step("workers: locks", page.views.segment(1).click)
        await self.step("workers: table", page.views.segment(0).click)

    async def activity(self) -> None:
        """Filter the log, and look at the timeline."""
        page = self.workspace.activity
        assert page is not None
        self.window.show_place(Place.ACTIVITY)
        await self.wait_for_quiet()
        await self.step("activity: details", page.details.click)
        await self.step("activity: filter typed", lambda: page.search.setText("task-2"))
        await self.step("activity: filter gone", lambda: page.search.setText(""))
        bar = page.view.verticalScrollBar()
        await self.step("activity: scrolled", lambda: bar.setValue(bar.maximum()))
        await self.step("activity: a kind", page.areas.segment(1).click)
        await self.step("activity: all", page.areas.segment(0).click)
        await self.step("activity: timeline", page.views.segment(1).click)
        await self.step("activity: an hour", page.timeline.ranges.segment(0).click)
        await self.step("activity: log", page.views.segment(0).click)

    async def conflicts(self) -> None:
        """Choose cells, and resolve one."""
        page = self.workspace.conflicts
        assert page is not None
        self.window.show_place(Place.CONFLICTS)
        await self.wait_until(lambda: bool(page.badge()))
        await self.wait_for_quiet()
        found = [facts.pair for facts in page.feed.facts.collisions] if page.feed.facts else []
        for number, pair in enumerate(found[:3]):
            await self.step(f"conflicts: cell {number + 1}", partial(page.choose, *pair))
        await self.step("conflicts: re-check", page.recheck.click)

    async def looks(self) -> None:
        """Change theme and size on each page."""
        for place in PLACES:
            self.window.show_place(place)
            await self.wait_for_quiet()
            await self.theme(f"on {place.value}")
        for place in (Place.BOARD, Place.CONFLICTS, Place.ACTIVITY):
            self.window.show_place(place)
            await self.wait_for_quiet()
            await self.sizes(f"on {place.value}")

    async def merging(self) -> None:
        """Go through the wizard, and land what can land."""
        from core.merging.wizard import WizardStep  # late: the start is measured as it is

        page = self.workspace.merging
        assert page is not None
        self.window.show_place(Place.MERGE)
        await self.wait_for_quiet()
        for wanted in (WizardStep.ORDER, WizardStep.DRY_RUN, WizardStep.RESULT):
            await self.wait_until(page.footer.forward.isEnabled)
            self.beat.begin(f"merge wizard: to {wanted.value}")
            page.footer.forward.click()
            await self.wait_until(partial(_has_come_to, page, wanted))
            await self.wait_for_quiet()
        await self.step("merge wizard: anew", page.conductor.begin_anew)
        self.window.show_place(Place.BOARD)
        await self.wait_for_quiet()

    # -- ways ------------------------------------------------------------------------------

    async def step(self, name: str, act: Callable[[], object]) -> None:
        """Do *act*, and note the loop until it is quiet again."""
        self.beat.begin(name)
        await asyncio.sleep(0)
        act()
        await self.wait_for_quiet()

    async def ask(self, name: str, operation: object, *args: object, **words: object) -> None:
        """Have the engine do something that the window then tells of."""
        self.beat.begin(name)
        await self.workspace.client.do(operation, *args, **words)  # type: ignore[call-overload]
        await self.wait_for_quiet()

    async def theme(self, where: str) -> None:
        """Change to dark and back."""
        for scheme in ("dark", "light"):
            await self.step(f"theme {where}", partial(theme().choose, scheme))

    async def sizes(self, where: str) -> None:
        """Make the window narrow, wide and as it was."""
        for size in ((960, 620), (1900, 1000), (1280, 800)):
            await self.step(f"resized {where}", partial(self.window.resize, *size))

    async def wait_for_quiet(self) -> None:
        """Wait until the loop has had nothing to do for a moment."""
        began = time.monotonic()
        self.beat.quiet = 0
        while time.monotonic() < began + MOST_S:
            await asyncio.sleep(0.02)
            if self.beat.quiet >= QUIET_BEATS and time.monotonic() > began + LEAST_S:
                return

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(LIMIT_S):
            while not holds():  # noqa: ASYNC110  what a person would see, not what is signalled
                await asyncio.sleep(0.01)

    def press(self, key: Qt.Key, on: QWidget) -> Callable[[], None]:
        """Return what presses *key* on a widget; without a window manager none is active."""
        return lambda: QTest.keyClick(on, key)

    def write_title(self) -> None:
        """Type into the field of a new task's title."""
        from gui.tasks.editor import TaskEditor

        editor = self.window.drawer.content()
        assert isinstance(editor, TaskEditor)
        QTest.keyClicks(editor.form.title, "A new task")

    def key(self) -> str:
        """Return the task of the first card in the backlog."""
        return self.column("backlog").model.cards()[0].key

    def column(self, name: str) -> Column:
        """Return a column of the board."""
        from core.domain.task import TaskStatus  # late: the start is measured as it is

        return self.workspace.board.columns[TaskStatus(name)]

    def shut_popup(self) -> None:
        """Close the menu that is open."""
        popup = QApplication.activePopupWidget()
        if isinstance(popup, QMenu):
            popup.close()


def _has_come_to(page: MergePage, step: WizardStep) -> bool:
    return page.wizard.step is step and page.wizard.work is None


def told(beat: Beat) -> dict[str, dict[str, object]]:
    """Return what was noted, by step."""
    return {
        phase: {
            "wall": max(beat.late[phase]),
            "own": block.own,
            "whole": block.whole,
            "where": block.where,
        }
        for phase, block in beat.longest.items()
        if phase
    }


def main(repo: str, run: str) -> None:
    app = make_application()
    beat = Beat()
    beat.look()
    beat.begin("start: the board")
    window = MainWindow()
    window.resize(1280, 800)
    window.show()
    from gui.startup import live

    walk = Walk(window, run, beat)
    tasks: list[asyncio.Task[None]] = []

    def begin() -> None:
        task = asyncio.get_running_loop().create_task(walk.go())
        tasks.append(task)
        task.add_done_callback(end)

    def end(task: asyncio.Task[None]) -> None:
        if task.exception() is not None:
            window.leave()

    QTimer.singleShot(0, window, begin)
    live(app, window, Path(repo), demo=False)
    sys.stdout.write(json.dumps(told(beat)) + "\n")
    tasks[0].result()


if __name__ == "__main__":
    main(*sys.argv[1:])
