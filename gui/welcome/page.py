"""The first page: a repository to choose, the demo to see, and which agents are here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDir, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.engine.demo import make_demo
from core.engine.repos import forget_repo, init, list_repos, use_repo
from core.engine.workers import agent_choices
from gui.async_slots import async_slot
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import ButtonKind, IconButton, make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.panel import Panel, make_rule
from gui.widgets.pill import Pill
from gui.widgets.progress_line import ProgressLine
from gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.overview import AgentChoice
    from core.domain.repo import Repo
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

WIDTH: Final = 760
MOST_REPOS: Final = 6


class WelcomePage(QScrollArea):
    """Shown while no repository is open.

    Signals:
        repo_chosen: (Repo) the engine works in it now.
        settings_asked: the person wants to see the settings.
    """

    repo_chosen = Signal(object)
    settings_asked = Signal()

    def __init__(self, client: Client, message_bar: MessageBar, offered: Path | None) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._dialog: QFileDialog | None = None
        self._repos = Panel("Recent repositories", ruled=True)
        self._agents = Panel("Agents on this machine", ruled=True)
        self._busy = make_label("", role="muted")
        self._progress = ProgressLine("Preparing")
        self.setWidgetResizable(True)
        self.setAccessibleName("Welcome")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._repos.hide()
        self._agents.hide()
        self._lay_out(offered)
        self._load()

    def choose_folder(self) -> None:
        """Ask for a folder; never blocks."""
        dialog = QFileDialog(self, "Choose a git repository", QDir.homePath())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.register)
        self._dialog = dialog
        dialog.open()

    @async_slot("Open repository")
    async def register(self, folder: str) -> None:
        """Register the repository of *folder* and open it."""
        self.repo_chosen.emit(await self._client.do(init, folder))

    @async_slot("Make the sample repository")
    async def show_demo(self) -> None:
        """Make the sample repository and open it."""
        self._buttons.setEnabled(False)
        self._busy.setText("Making a repository with tasks and three agents …")
        self._busy.show()
        try:
            self.repo_chosen.emit(await self._client.do(make_demo))
        finally:
            self._buttons.setEnabled(True)
            self._busy.hide()

    @async_slot("Open repository")
    async def _use(self, repo: Repo) -> None:
        self.repo_chosen.emit(await self._client.do(use_repo, str(repo.path)))

    @async_slot("Take off the list")
    async def _forget(self, repo: Repo) -> None:
        await self._client.do(forget_repo, str(repo.path))
        self._show_repos(await self._client.do(list_repos))

    @async_slot("Look around")
    async def _load(self) -> None:
        self._show_repos(await self._client.do(list_repos))
        self._show_agents(await self._client.do(agent_choices))

    def _lay_out(self, offered: Path | None) -> None:
        column = QVBoxLayout()
        column.setSpacing(Space.M)
        column.setContentsMargins(0, 0, 0, 0)
        column.addSpacing(Space.XXL)
        column.addWidget(make_label("Many agents, one repository, no surprises", role="figure"))
        words = make_label(
            "Weft gives each task a worktree of its own, shows early which branches will collide,"
            " and lands them on your base branch in the best order. Choose a git repository, or"
            " watch three sample agents at work first; they need no account.",
            role="muted",
        )
        words.setWordWrap(True)
        column.addWidget(words)
        column.addSpacing(Space.S)
        self._buttons = QWidget()
        self._buttons.setLayout(self._button_row(offered))
        column.addWidget(self._buttons)
        column.addWidget(self._busy)
        self._busy.hide()
        column.addSpacing(Space.M)
        column.addWidget(self._repos)
        column.addWidget(self._agents)
        column.addStretch()
        middle = QWidget()
        middle.setMaximumWidth(WIDTH)
        middle.setLayout(column)
        row = QHBoxLayout()
        row.setContentsMargins(Space.XXL, 0, Space.XXL, Space.XL)
        row.addStretch(1)
        row.addWidget(middle, 100)
        row.addStretch(1)
        content = QWidget()
        content.setLayout(row)
        self.setWidget(content)

    def _button_row(self, offered: Path | None) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        if offered is not None:
            name = offered.resolve().name
            use = partial(self.register, str(offered))
            row.addWidget(make_button(f"Use {name}", ButtonKind.PRIMARY, on_click=use))
        kind = ButtonKind.PRIMARY if offered is None else ButtonKind.SECONDARY
        row.addWidget(
            make_button("Choose a repository…", kind, "folder", on_click=self.choose_folder)
        )
        row.addWidget(make_button("See the demo", icon="play", on_click=self.show_demo))
        row.addStretch()
        return row

    def _show_repos(self, repos: tuple[Repo, ...]) -> None:
        _empty(self._repos)
        for number, repo in enumerate(repos[:MOST_REPOS]):
            if number:
                self._repos.body.addWidget(make_rule())
            self._repos.body.addWidget(self._repo_row(repo))
        self._repos.setVisible(bool(repos))

    def _repo_row(self, repo: Repo) -> QWidget:
        row, cells = _row()
        there = repo.path.is_dir()
        cells.addWidget(make_label(repo.name, role="strong"))
        path = ElidedLabel(str(repo.path), role="mono", mode=Qt.TextElideMode.ElideMiddle)
        cells.addWidget(path, 1)
        if not there:
            cells.addWidget(Pill("folder is gone", Tone.WARN, Glyph.CROSS))
        open_button = make_button("Open", small=True, on_click=partial(self._use, repo))
        open_button.setAccessibleName(f"Open {repo.name}")
        open_button.setEnabled(there)
        cells.addWidget(open_button)
        forget = IconButton("close", f"Take {repo.name} off the list; its files stay")
        forget.clicked.connect(partial(self._forget, repo))
        cells.addWidget(forget)
        return row

    def _show_agents(self, choices: tuple[AgentChoice, ...]) -> None:
        _empty(self._agents)
        for number, choice in enumerate(choices):
            if number:
                self._agents.body.addWidget(make_rule())
            row, cells = _row()
            cells.addWidget(make_label(choice.title or choice.name, role="strong"))
            row.setToolTip(plain_tip(choice.problem))
            self._say_how(choice, cells)
            ready = Pill("ready", Tone.OK, Glyph.CHECK)
            missing = Pill("missing", Tone.NEUTRAL, Glyph.RING)
            cells.addWidget(missing if choice.problem else ready)
            self._agents.body.addWidget(row)
        if not any(_is_installed(choice) for choice in choices):
            self._agents.body.addWidget(make_rule())
            self._agents.body.addWidget(self._next_step())
        self._agents.setVisible(bool(choices))

    def _say_how(self, choice: AgentChoice, cells: QHBoxLayout) -> None:
        """Show the command that would install it, to be copied, else what is the matter."""
        if not choice.install:
            cells.addWidget(ElidedLabel(choice.problem or choice.driver, role="muted"), 1)
            return
        command = ElidedLabel(choice.install, role="mono", mode=Qt.TextElideMode.ElideMiddle)
        cells.addWidget(command, 1)
        copy = IconButton("copy", f"Copy the command that installs {choice.title or choice.name}")
        copy.clicked.connect(partial(self._copy, choice.install))
        cells.addWidget(copy)

    def _copy(self, command: str) -> None:
        QGuiApplication.clipboard().setText(command)
        self.message_bar.show_message(f"Copied: {command}", "Run it in a terminal.", Tone.OK)

    def _next_step(self) -> QWidget:
        row, cells = _row()
        words = "Install one of these, or name a command of your own in the settings file."
        cells.addWidget(ElidedLabel(words, role="muted"), 1)
        cells.addWidget(make_button("Settings", small=True, on_click=self.settings_asked.emit))
        return row


def _is_installed(choice: AgentChoice) -> bool:
    """Return whether *choice* is an agent of its own; what is scripted is there in any case."""
    return not choice.problem and choice.driver != "scripted"


def _row() -> tuple[QWidget, QHBoxLayout]:
    row = QWidget()
    row.setFixedHeight(41)
    cells = QHBoxLayout(row)
    cells.setContentsMargins(Space.L, 0, Space.M, 0)
    cells.setSpacing(Space.M)
    return row, cells


def _empty(panel: Panel) -> None:
    while (item := panel.body.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
