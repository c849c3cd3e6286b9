"""Which repository the window works in: the one asked for, the last one, or a choice to make."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from core.engine.demo import make_demo
from core.engine.preferences import options_view
from core.engine.repos import list_repos, use_repo
from core.engine.thread import EngineThread
from core.errors import EngineError, UserError
from gui.async_slots import async_slot
from gui.engine_client import EngineClient
from gui.error_report import why
from gui.event_bridge import EventBridge
from gui.settings.page import SettingsPage
from gui.theme.theme import theme
from gui.theme.tokens import Space, Tone
from gui.welcome.page import WelcomePage
from gui.widgets.button import make_button
from gui.widgets.empty_state import EmptyState
from gui.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.repo import Repo
    from core.engine.context import Engine
    from gui.main_window import MainWindow

MOST_RECENT: Final = 8


class Opening(QObject):
    """Holds the engine's thread, and puts a workspace or the first page into the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.message_bar = window.message_bar
        self.workspace: Workspace | None = None
        self._window = window
        self._bridge = EventBridge()
        self._thread: EngineThread | None = None
        self._client: EngineClient | None = None
        self._menu: QMenu | None = None
        self._refusal: UserError | None = None
        self._notify = "all"
        window.rail.repo_asked.connect(self._ask_repo)

    @async_slot("Open Weft")
    async def begin(self, folder: Path | None, *, demo: bool = False, named: bool = False) -> None:
        """Open the repository of *folder*, else the last one; with *demo* a fresh sample.

        A folder that the person has *named* and that cannot be opened is told as such.
        """
        try:
            client, repo, offered = await self._start(folder)
            await self._take_theme(client)
            refused = self._refusal if named else None
            if demo:
                repo = await client.do(make_demo)
            elif repo is None and offered is None and refused is None:
                repo = await _last_repo(client)
        except EngineError as error:
            self._show_fault(error, folder)
            return
        if repo is not None:
            self.show_repo(repo)
            return
        self.show_welcome(offered)
        if refused is not None:
            self.message_bar.show_message(str(refused), why(refused), Tone.WARN)

    async def end(self) -> None:
        """Stop asking, and end the engine's thread; what it runs is cancelled, runs go on."""
        self._close_workspace()
        self._window.forget_pages()
        await self._stop_engine()

    def show_repo(self, repo: Repo) -> None:
        """Fill the window with *repo*, which the engine has chosen already."""
        if self._client is None:
            return
        self._close_workspace()
        self._window.forget_pages()
        self.workspace = Workspace(self._window, self._client, self._bridge, repo)
        self.workspace.tray.choose(self._notify)

    def show_welcome(self, offered: Path | None = None) -> None:
        """Show the first page; *offered* is a repository that is not registered yet."""
        if self._client is None:
            return
        self._close_workspace()
        self._window.forget_pages()
        self._window.show_repo("", "")
        page = WelcomePage(self._client, self.message_bar, offered)
        page.repo_chosen.connect(self.show_repo)
        page.settings_asked.connect(partial(self._show_settings, offered))
        self._window.show_alone(page, "Welcome")

    def _show_settings(self, offered: Path | None) -> None:
        """Show the settings while no repository is open, with a way back to the first page."""
        if self._client is None:
            return
        self._window.forget_pages()
        page = SettingsPage(self._client, self.message_bar, has_repo=False)
        back = make_button("Back", icon="undo", on_click=partial(self.show_welcome, offered))
        row = QHBoxLayout()
        row.setContentsMargins(Space.L, Space.M, Space.L, 0)
        row.addWidget(back)
        row.addStretch()
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(page, 1)
        self._window.show_alone(whole, "Settings")
        back.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _start(self, folder: Path | None) -> tuple[EngineClient, Repo | None, Path | None]:
        """Start the engine in *folder*; return its repository, or the folder if it is new."""
        client = self._start_engine(folder)
        self._refusal = None
        try:
            repo = await client.do(_chosen)
        except UserError as error:  # no repository there: Weft itself still works
            self._refusal = error
            await self._stop_engine()
            client = self._start_engine(None)
            return client, await client.do(_chosen), None
        return client, repo, folder if repo is None else None

    def _start_engine(self, folder: Path | None) -> EngineClient:
        self._thread = EngineThread(folder)
        self._thread.follow(self._bridge.on_events)
        self._thread.start()
        self._client = EngineClient(self._thread)
        return self._client

    async def _stop_engine(self) -> None:
        if self._thread is not None:
            thread, self._thread, self._client = self._thread, None, None
            with ThreadPoolExecutor(1, "weft-stop") as pool:
                await asyncio.wrap_future(pool.submit(thread.stop))

    def _close_workspace(self) -> None:
        if self.workspace is not None:
            self.workspace.close()
            self.workspace.deleteLater()
            self.workspace = None

    async def _take_theme(self, client: EngineClient) -> None:
        for option, value, _source in await client.do(options_view):
            if option.key == "theme":
                theme().choose(str(value))
            elif option.key == "notify":
                self._notify = str(value)

    def _show_fault(self, error: EngineError, folder: Path | None) -> None:
        page = EmptyState(
            "warning", f"{error}\n{why(error)}", "Try again", partial(self._retry, folder)
        )
        self._window.show_alone(page, "Weft cannot start")

    @async_slot("Try again")
    async def _retry(self, folder: Path | None) -> None:
        await self._stop_engine()
        self._window.forget_pages()
        self.begin(folder)

    @async_slot("List repositories")
    async def _ask_repo(self) -> None:
        if self._client is None:
            return
        repos = await self._client.do(list_repos)
        menu = QMenu("Repositories", self._window)
        current = self.workspace.repo.path if self.workspace else None
        for repo in repos[:MOST_RECENT]:
            action = menu.addAction(repo.name, partial(self._use, repo))
            action.setToolTip(str(repo.path))
            action.setCheckable(True)
            action.setChecked(repo.path == current)
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        menu.addAction(theme().icon("folder"), "Another repository…", self.show_welcome)
        self._menu = menu  # popup() returns at once: keep the menu until the next one
        card = self._window.rail.repo
        menu.popup(card.mapToGlobal(QPoint(0, card.height() + 4)))

    @async_slot("Open repository")
    async def _use(self, repo: Repo) -> None:
        if self._client is not None:
            self.show_repo(await self._client.do(use_repo, str(repo.path)))


def _chosen(engine: Engine) -> Repo | None:
    return engine.repo if engine.has_repo else None


async def _last_repo(client: EngineClient) -> Repo | None:
    for repo in await client.do(list_repos):
        if repo.path.is_dir():
            return await client.do(use_repo, str(repo.path))
    return None
