"""What opens in the drawer: a task, a new one, a new worker, a transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.tasks import editor
from gui.tasks.editor import TaskEditor
from gui.workers import form, transcript_panel
from gui.workers.form import WorkerForm
from gui.workers.transcript_panel import TranscriptPanel

if TYPE_CHECKING:
    from core.domain.overview import BoardView
    from core.domain.run import Run
    from gui.engine_client import Client
    from gui.main_window import MainWindow
    from gui.workers.actions import WorkerActions


class Panels(QObject):
    """Fills the drawer, and keeps what is in it up to date."""

    def __init__(self, window: MainWindow, client: Client, actions: WorkerActions) -> None:
        super().__init__()
        self._window = window
        self._drawer = window.drawer
        self._client = client
        self._actions = actions
        self._view: BoardView | None = None
        navigation = window.navigation
        navigation.task_asked.connect(self.open_task)
        navigation.new_task_asked.connect(self.open_new_task)
        navigation.worker_asked.connect(self.open_new_worker)
        navigation.run_asked.connect(self.open_run)

    def show_board(self, view: BoardView) -> None:
        """Pass the board on to what is open."""
        self._view = view
        content = self._drawer.content()
        if isinstance(content, TaskEditor | TranscriptPanel):
            content.show_board(view)

    def open_task(self, key: str) -> None:
        """Open the editor of a task."""
        self._show_editor(key, key)

    def open_new_task(self) -> None:
        """Open an empty editor."""
        self._show_editor("", "New task")

    def open_new_worker(self) -> None:
        """Open the form that registers a worker."""
        taken = [worker.name for worker in self._view.workers] if self._view else []
        made = WorkerForm(self._client, self._window.message_bar, taken)
        made.finished.connect(self._drawer.close_content)
        self._drawer.show_content("New worker", made, form.WIDTH)

    def open_run(self, run: Run) -> None:
        """Open the transcript of a run."""
        made = TranscriptPanel(
            self._client, self._window.message_bar, self._window.navigation, self._actions, run
        )
        self._drawer.show_content(f"Transcript of {run.task}", made, transcript_panel.WIDTH)

    def _show_editor(self, key: str, title: str) -> None:
        made = TaskEditor(self._client, self._window.message_bar, self._window.navigation, key)
        made.finished.connect(self._drawer.close_content)
        if self._view is not None:
            made.show_board(self._view)
        self._drawer.show_content(title, made, editor.WIDTH)
