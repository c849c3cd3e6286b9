"""What the window holds while a repository is open: the pages, their news, and the ways between."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QMetaObject, QObject, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut

from core.domain.run import LIVE, RunStatus
from core.domain.task import TaskStatus
from gui.async_slots import start
from gui.board.badges import Badge, badges
from gui.board.page import BoardPage
from gui.command_list import CommandList
from gui.dispatch_control import DispatchControl, words_of
from gui.event_bridge import BoardFeed, EventBridge
from gui.navigation import Place
from gui.notifications.tray import TrayNotifier
from gui.palette.palette import Palette
from gui.panels import Panels
from gui.task_drag import DragSession
from gui.warm_up import import_in_turns, prepare_colors
from gui.workers.actions import WorkerActions
from gui.workers.strip import WorkerStrip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from PySide6.QtWidgets import QWidget

    from core.domain.event import Event
    from core.domain.overview import BoardView
    from core.domain.repo import Repo
    from gui.activity.page import ActivityPage
    from gui.board.cards import CardsByColumn
    from gui.conflicts.page import ConflictsPage
    from gui.conflicts.verdicts import CardVerdict
    from gui.engine_client import Client
    from gui.main_window import MainWindow
    from gui.merging.page import MergePage
    from gui.workers.page import WorkersPage

SOON_MS: Final = 150
"""When the other pages are made: the board is on the screen by then."""
BETWEEN_S: Final = 0.02


class Workspace(QObject):
    """One repository in the window. `close` ends it; another repository gets another one."""

    def __init__(self, window: MainWindow, client: Client, bridge: EventBridge, repo: Repo) -> None:
        super().__init__(window)
        self.message_bar = window.message_bar
        self.repo = repo
        self._window = window
        self.client = client
        self.feed = BoardFeed(client, self.message_bar)
        self.session = DragSession()
        self.strip = WorkerStrip(self.session)
        self.board = BoardPage(
            client, self.message_bar, window.navigation, self.session, self.strip
        )
        self.actions = WorkerActions(client, self.message_bar, window.navigation)
        self.panels = Panels(window, client, self.actions)
        self.commands = CommandList(window, client, self.actions)
        self.palette = Palette(window)
        self.dispatch = DispatchControl(client, self.message_bar, self.session)
        self.dispatch.changed.connect(lambda view: window.top_bar.show_dispatch(words_of(view)))
        self.dispatch.advised.connect(self.strip.show_advice)
        self.tray = TrayNotifier(window)
        self.tray.opened.connect(self._on_news_opened)
        self.workers: WorkersPage | None = None
        self.conflicts: ConflictsPage | None = None
        self.merging: MergePage | None = None
        self.activity: ActivityPage | None = None
        self._asked_merge: tuple[str, ...] | None = None
        self._is_new = True
        self._links: list[QMetaObject.Connection] = []
        self._keys: list[QShortcut] = []
        self._connect(bridge)
        window.show_repo(repo.name, repo.base)
        window.add_page(Place.BOARD, self.board)
        window.live_runs = self.live_runs
        window.show_place(Place.BOARD)
        self.feed.refresh_now()
        self._making: asyncio.Task[None] | None = None
        QTimer.singleShot(SOON_MS, self, self._begin_pages)

    def live_runs(self) -> int:
        """Return how many runs are under way."""
        runs = self.feed.view.runs if self.feed.view else ()
        return sum(1 for run in runs if run.status in LIVE)

    def open_palette(self) -> None:
        """Offer everything by a few letters."""
        self.palette.open_with(self.commands.commands(self.feed.view))

    def close(self) -> None:
        """Stop asking the engine, and let go of the window."""
        self.feed.stop()
        self.tray.close()
        if self._making is not None:
            self._making.cancel()
        for link in self._links:
            QObject.disconnect(link)
        for key in self._keys:
            key.deleteLater()
        self.palette.hide()
        self.palette.deleteLater()
        self.panels.deleteLater()
        self._window.drawer.close_content()
        self._window.live_runs = lambda: 0
        badges().set_badges({})
        badges().set_forecasts({})

    # -- pages -----------------------------------------------------------------------------

    def _begin_pages(self) -> None:
        self._making = start(self, "Make the pages", self._make_pages())

    async def _make_pages(self) -> None:
        """Make the pages that are not in sight yet, with room for other events between them."""
        makers = {
            Place.CONFLICTS: ("gui.conflicts.page", self._make_conflicts),
            Place.MERGE: ("gui.merging.page", self._make_merging),
            Place.WORKERS: ("gui.workers.page", self._make_workers),
            Place.ACTIVITY: ("gui.activity.page", self._make_activity),
            Place.FIGURES: ("gui.metrics.page", self._make_figures),
            Place.SETTINGS: ("gui.settings.page", self._make_settings),
        }
        while makers:
            wanted = self._window.place
            place = wanted if wanted in makers else next(iter(makers))
            module, make = makers.pop(place)
            await import_in_turns(module)
            page = await make()
            await asyncio.sleep(0)
            self._window.add_page(place, page)
            await asyncio.sleep(BETWEEN_S)
        await prepare_colors()

    async def _make_conflicts(self) -> QWidget:
        from gui.conflicts.page import ConflictsPage

        page = await ConflictsPage.make(self.client, self.message_bar)
        page.plan_requested.connect(lambda: self._merge(()))
        page.board_requested.connect(lambda: self._window.show_place(Place.BOARD))
        page.task_requested.connect(self._window.navigation.task_asked)
        page.badge_changed.connect(lambda n: self._window.rail.set_count(Place.CONFLICTS, n))
        page.verdicts_changed.connect(self._on_verdicts)
        page.forecasts_changed.connect(badges().set_forecasts)
        self.conflicts = page
        page.feed.ask()
        return page

    async def _make_merging(self) -> QWidget:
        from gui.merging.page import MergePage

        page = await MergePage.make(self.client, self.message_bar)
        page.board_requested.connect(lambda: self._window.show_place(Place.BOARD))
        page.task_requested.connect(self._window.navigation.task_asked)
        self.merging = page
        if self._asked_merge is not None:
            page.choose_tasks(self._asked_merge)
        return page

    async def _make_workers(self) -> QWidget:
        from gui.workers.page import WorkersPage

        page = WorkersPage(self.client, self.message_bar, self._window.navigation, self.actions)
        if self.feed.view is not None:
            page.show_board(self.feed.view)
        self.workers = page
        return page

    async def _make_activity(self) -> QWidget:
        from gui.activity.page import ActivityPage

        self.activity = ActivityPage(self.client, self.message_bar, self._window.navigation)
        return self.activity

    async def _make_figures(self) -> QWidget:
        from gui.metrics.page import FiguresPage

        return FiguresPage(self.client, self.message_bar)

    async def _make_settings(self) -> QWidget:
        from gui.settings.page import SettingsPage

        page = SettingsPage(self.client, self.message_bar, has_repo=True)
        page.load()
        return page

    # -- news ------------------------------------------------------------------------------

    def _connect(self, bridge: EventBridge) -> None:
        window = self._window
        self.feed.changed.connect(self._on_board)
        self.strip.asked.connect(self.actions.act)
        self.strip.answered.connect(self.actions.answer)
        self.actions.answer_failed.connect(self.strip.answer_again)
        self.strip.dropped.connect(self.board.assign)
        self.strip.worker_asked.connect(window.navigation.worker_asked)
        self._links = [
            bridge.happened.connect(self._on_events),
            window.top_bar.dependencies_asked.connect(self.board.show_dependencies),
            window.top_bar.dispatch_asked.connect(self._open_dispatch),
            window.top_bar.pause_all_asked.connect(self.commands.pause_all),
            window.top_bar.resume_all_asked.connect(self.commands.resume_all),
            window.top_bar.search_asked.connect(self.open_palette),
            window.navigation.merge_asked.connect(self._merge),
        ]
        self._key("Ctrl+K", self.open_palette)
        self._key("N", window.navigation.new_task_asked.emit)

    def _key(self, keys: str, act: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(keys), self._window)
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.activated.connect(act)
        self._keys.append(shortcut)

    def _on_events(self, events: list[Event]) -> None:
        mine = [event for event in events if event.repo in (None, str(self.repo.path))]
        if events and not mine:
            return
        self.tray.on_events(mine)
        self.dispatch.on_events(mine)
        if mine:
            self.feed.refresh()
        else:  # an empty batch tells of heartbeats and last words
            self.feed.refresh_calmly()
        for page in (self.conflicts, self.merging, self.activity):
            if page is not None:
                page.on_events(mine)

    def _on_board(self, view: BoardView, cards: CardsByColumn) -> None:
        self.strip.show_board(view)
        self.board.show_board(view, cards)
        self.actions.show_board(view)
        self.panels.show_board(view)
        if self.workers is not None:
            self.workers.show_board(view)
        live = [run for run in view.runs if run.status in LIVE]
        self._window.top_bar.show_facts(
            len(live),
            view.max_workers,
            view.free_memory_mb,
            all_paused=bool(live) and all(run.status is RunStatus.PAUSED for run in live),
        )
        workers = len(view.workers)
        caption = "1 worker" if workers == 1 else f"{workers} workers"
        self._window.show_repo(view.repo.name, f"{view.repo.base} · {caption}")
        self._window.rail.set_count(Place.WORKERS, workers)
        if self._is_new:
            self._is_new = False
            if self._window.place is Place.BOARD and self._window.drawer.content() is None:
                self.board.take_focus()
        in_review = sum(1 for task in view.tasks if task.status is TaskStatus.REVIEW)
        self._window.rail.set_count(Place.MERGE, in_review)

    def _on_verdicts(self, verdicts: Mapping[str, CardVerdict]) -> None:
        badges().set_badges(
            {
                key: (Badge(verdict.text, verdict.tone, verdict.glyph, verdict.tip),)
                for key, verdict in verdicts.items()
            }
        )

    def _open_dispatch(self, below: QWidget) -> None:
        proposals = self.feed.view.proposals if self.feed.view else ()
        self.dispatch.open_menu(below, len(proposals))

    def _on_news_opened(self, task: str) -> None:
        runs = self.feed.view.runs if self.feed.view else ()
        run = next((run for run in runs if run.task == task), None)
        if run is not None:
            self._window.navigation.run_asked.emit(run)
        elif task:
            self._window.navigation.task_asked.emit(task)

    def _merge(self, keys: tuple[str, ...]) -> None:
        self._window.show_place(Place.MERGE)
        if self.merging is not None:
            self.merging.choose_tasks(keys)
        else:
            self._asked_merge = keys
