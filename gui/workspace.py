"""What the window holds while an engine is there: the pages, their news, and the ways between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.domain.run import LIVE
from core.domain.task import TaskStatus
from core.engine.runs import pause
from gui.async_slots import async_slot
from gui.board.badges import Badge, badges
from gui.board.page import BoardPage
from gui.event_bridge import BoardFeed, EventBridge
from gui.navigation import Place
from gui.task_drag import DragSession
from gui.theme.tokens import Tone
from gui.workers.actions import WorkerActions
from gui.workers.strip import WorkerStrip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.event import Event
    from core.domain.overview import BoardView
    from core.domain.repo import Repo
    from gui.board.cards import CardsByColumn
    from gui.conflicts.verdicts import CardVerdict
    from gui.engine_client import Client
    from gui.main_window import MainWindow


class Workspace(QObject):
    """One repository in the window. `close` ends it; another repository gets another one."""

    def __init__(self, window: MainWindow, client: Client, bridge: EventBridge, repo: Repo) -> None:
        super().__init__(window)
        self.message_bar = window.message_bar
        self.repo = repo
        self._window = window
        self._client = client
        self._bridge = bridge
        self.feed = BoardFeed(client, self.message_bar)
        self.session = DragSession()
        self.strip = WorkerStrip(self.session)
        self.board = BoardPage(
            client, self.message_bar, window.navigation, self.session, self.strip
        )
        self.actions = WorkerActions(client, self.message_bar, window.navigation)
        self._connect()
        window.show_repo(repo.name, f"{repo.base} · all local")
        window.add_page(Place.BOARD, self.board)
        window.live_runs = self.live_runs
        window.show_place(Place.BOARD)
        self.feed.refresh_now()

    def live_runs(self) -> int:
        """Return how many runs are under way."""
        runs = self.feed.view.runs if self.feed.view else ()
        return sum(1 for run in runs if run.status in LIVE)

    def close(self) -> None:
        """Stop asking the engine."""
        self.feed.stop()
        self._bridge.happened.disconnect(self._on_events)
        self._window.live_runs = lambda: 0
        badges().set_badges({})

    def _connect(self) -> None:
        self._bridge.happened.connect(self._on_events)
        self.feed.changed.connect(self._on_board)
        self.strip.asked.connect(self.actions.act)
        self.strip.dropped.connect(self.board.assign)
        self.strip.worker_asked.connect(self._window.navigation.worker_asked)
        self._window.top_bar.pause_all_asked.connect(self._pause_all)

    def _on_events(self, events: list[Event]) -> None:
        if any(event.repo in (None, str(self.repo.path)) for event in events):
            self.feed.refresh()

    def _on_board(self, view: BoardView, cards: CardsByColumn) -> None:
        self.strip.show_board(view)
        self.board.show_board(view, cards)
        self.actions.show_board(view)
        running = self.live_runs()
        self._window.top_bar.show_facts(running, view.max_workers, view.free_memory_mb)
        workers = len(view.workers)
        caption = "1 worker" if workers == 1 else f"{workers} workers"
        self._window.show_repo(view.repo.name, f"{view.repo.base} · {caption}")
        self._window.rail.set_count(Place.WORKERS, workers)
        in_review = sum(1 for task in view.tasks if task.status is TaskStatus.REVIEW)
        self._window.rail.set_count(Place.MERGE, in_review)

    def _on_verdicts(self, verdicts: Mapping[str, CardVerdict]) -> None:
        badges().set_badges(
            {
                key: (Badge(verdict.text, verdict.tone, verdict.glyph, verdict.tip),)
                for key, verdict in verdicts.items()
            }
        )

    @async_slot("Pause all")
    async def _pause_all(self) -> None:
        sentences = await self._client.do(pause, all=True)
        self.message_bar.show_message(f"{len(sentences)} runs pause", tone=Tone.WARN)
