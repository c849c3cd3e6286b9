"""Everything that the palette offers, made anew each time it opens."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QDir, QObject, Qt
from PySide6.QtWidgets import QFileDialog

from core.domain.run import RunStatus
from core.domain.task import TaskStatus
from core.engine.launching import run
from core.engine.merging import merge_undo
from core.engine.runs import abort, pause, resume
from core.engine.tasks import task_import
from gui.async_slots import async_slot
from gui.navigation import Place
from gui.palette.commands import Command
from gui.rail import ICONS
from gui.theme.theme import theme
from gui.theme.tokens import Tone
from gui.workers.worker_facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.domain.overview import BoardView
    from core.domain.worker import Worker
    from gui.engine_client import Client
    from gui.main_window import MainWindow
    from gui.workers.actions import WorkerActions

ACTIONS, PLACES, TASKS, WORKERS = range(4)
ACTION_ICONS: Final = {
    "View": "eye",
    "Pause": "pause",
    "Resume": "play",
    "Abort": "stop",
    "Merge": "merge",
}


class CommandList(QObject):
    """Knows what can be done in a workspace, and does what concerns all of it."""

    def __init__(self, window: MainWindow, client: Client, actions: WorkerActions) -> None:
        super().__init__()
        self.message_bar = window.message_bar
        self._window = window
        self._client = client
        self._actions = actions
        self._dialog: QFileDialog | None = None

    def commands(self, view: BoardView | None) -> list[Command]:
        """Return every action, place, task and worker."""
        return [
            *self._for_all(),
            *self._places(),
            *(self._tasks(view) if view else ()),
            *(self._workers(view) if view else ()),
        ]

    def _for_all(self) -> list[Command]:
        go = self._window.navigation
        show = self._window.show_place
        return [
            Command("New task", go.new_task_asked.emit, icon="plus", keys="N"),
            Command("New worker", go.worker_asked.emit, "a person or an agent", "person"),
            Command("Run all", self.run_all, "start agents on all that fits", "play"),
            Command("Pause all", self.pause_all, "every run", "pause"),
            Command("Resume all", self.resume_all, "every paused run", "play"),
            Command("Abort all", self.abort_all, "their work is kept", "stop"),
            Command("Import tasks…", self.import_tasks, "Markdown check list or JSON", "file"),
            Command(
                "Check conflicts", partial(show, Place.CONFLICTS), "who meets whom", "conflicts"
            ),
            Command("Plan the merge", partial(go.merge_asked.emit, ()), "all in review", "merge"),
            Command("Undo the last merge", self.undo_merge, "the base goes back", "undo"),
            Command("Doctor", partial(show, Place.SETTINGS), "what is wrong here", "shield"),
            Command("Trust", partial(show, Place.SETTINGS), "what .weft.toml would run", "shield"),
            Command("Open a repository", self._window.rail.repo_asked.emit, icon="folder"),
            Command("Light theme", partial(theme().choose, "light"), "until closed", "sun"),
            Command("Dark theme", partial(theme().choose, "dark"), "until closed", "moon"),
            Command("Close the window", self._window.close, icon="close", keys="Ctrl+Q"),
        ]

    def _places(self) -> list[Command]:
        return [
            Command(
                place.value, partial(self._window.show_place, place), "page", icon,
                f"Ctrl+{number}", PLACES,
            )
            for number, (place, icon) in enumerate(ICONS.items(), start=1)
        ]  # fmt: skip

    def _tasks(self, view: BoardView) -> list[Command]:
        ask = self._window.navigation.task_asked.emit
        return [
            Command(
                f"{task.key}  {task.title}", partial(ask, task.key), task.status.label, "file",
                group=TASKS,
            )
            for task in view.tasks
        ]  # fmt: skip

    def _workers(self, view: BoardView) -> list[Command]:
        return [
            Command(
                f"{action} {worker.name}", partial(self._actions.act, worker.name, action),
                worker.task or "", ACTION_ICONS[action], group=WORKERS,
            )
            for worker, action in _possible(view)
        ]  # fmt: skip

    # -- what concerns all of the board ----------------------------------------------------

    @async_slot("Run all")
    async def run_all(self) -> None:
        """Start agents on whatever fits, until nothing more does."""
        self.message_bar.show_message("Starting agents", "Each takes the best task that fits it.")
        await self._client.do(run, all=True)

    @async_slot("Pause all")
    async def pause_all(self) -> None:
        """Suspend every run."""
        self._tell(await self._client.do(pause, all=True), "pause", Tone.WARN)

    @async_slot("Resume all")
    async def resume_all(self) -> None:
        """Let every paused run go on."""
        self._tell(await self._client.do(resume, all=True), "go on", Tone.OK)

    @async_slot("Abort all")
    async def abort_all(self) -> None:
        """End every run; what was done is kept."""
        self._tell(await self._client.do(abort, all=True), "end; their work is kept", Tone.WARN)

    @async_slot("Undo the merge")
    async def undo_merge(self) -> None:
        """Put the base back to before the last merge."""
        result = await self._client.do(merge_undo)
        self.message_bar.show_message(
            f"{result.base} is back at {result.after[:10]}", "Its tasks are in review again."
        )

    def import_tasks(self) -> None:
        """Ask for a file of tasks; never blocks."""
        dialog = QFileDialog(self._window, "Import tasks", QDir.homePath())
        dialog.setNameFilter("Tasks (*.md *.markdown *.txt *.json)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.import_file)
        self._dialog = dialog
        dialog.open()

    @async_slot("Import tasks")
    async def import_file(self, file: str) -> None:
        """Add the tasks of a file and say what could not be taken."""
        report = await self._client.do(task_import, file)
        left = [line for line in report.lines if line.problem]
        said = "; ".join(f"line {line.line}: {line.problem}" for line in left)
        tone = Tone.WARN if left else Tone.OK
        self.message_bar.show_message(f"{report.taken} tasks imported", said, tone)

    def _tell(self, sentences: tuple[str, ...], what: str, tone: Tone) -> None:
        count = len(sentences)
        self.message_bar.show_message(f"{count} run{'s' * (count != 1)} {what}", tone=tone)


def _possible(view: BoardView) -> Iterator[tuple[Worker, str]]:
    """Yield each worker with what its state allows; the rest would only be refused."""
    ready = {task.worker for task in view.tasks if task.status is TaskStatus.REVIEW}
    for facts in facts_of(view):
        worker, live = facts.worker, facts.live_run
        if facts.run is not None or worker.task is not None:
            yield worker, "View"
        if live is not None:
            yield worker, "Resume" if live.status is RunStatus.PAUSED else "Pause"
            yield worker, "Abort"
        if worker.name in ready:
            yield worker, "Merge"
