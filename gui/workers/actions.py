"""What the buttons of a worker do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.domain.task import TaskStatus
from core.engine.continuing import continue_task
from core.engine.desktop import open_task
from core.engine.runs import abort, pause, resume
from core.engine.talking import answer as give_answer
from core.engine.talking import say as say_to
from gui.async_slots import async_slot
from gui.theme.tokens import Tone
from gui.workers.worker_facts import WorkerFacts, facts_of

if TYPE_CHECKING:
    from core.domain.overview import BoardView
    from core.domain.question import Question
    from core.domain.run import Run
    from gui.engine_client import Client
    from gui.navigation import Navigation
    from gui.widgets.message_bar import MessageBar


class WorkerActions(QObject):
    """View, Pause, Resume, Abort, Merge: the same from the strip, the page and the palette.

    Signals:
        answer_failed: (question) an answer could not be taken: it can be given again.
    """

    answer_failed = Signal(object)

    def __init__(self, client: Client, message_bar: MessageBar, navigation: Navigation) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._navigation = navigation
        self._view: BoardView | None = None

    def show_board(self, view: BoardView) -> None:
        """Know the workers as they are now."""
        self._view = view

    def act(self, worker: str, action: str) -> None:
        """Do *action*, the accessible name of the button, for *worker*."""
        match action:
            case "View":
                self._open(worker)
            case "Merge":
                self._merge(worker)
            case "Pause":
                self._pause(worker)
            case "Resume":
                self._resume(worker)
            case "Abort":
                self._abort(worker)

    @async_slot("Answer")
    async def answer(self, question: Question, answer: str) -> None:
        """Answer what an agent asks: the id of an option, or words."""
        try:
            await self._client.do(give_answer, question.run, answer, question=question.id)
        except Exception:
            self.answer_failed.emit(question)
            raise

    @async_slot("Say")
    async def say(self, task: str, text: str) -> None:
        """Tell a running agent something."""
        self._tell(await self._client.do(say_to, task, text), Tone.OK)

    @async_slot("Continue")
    async def go_on(self, task: str, text: str) -> None:
        """Let the agent go on in the same session with new words."""
        run = await self._client.do(continue_task, task, text)
        self.message_bar.show_message(f"{run.worker} goes on with {task}", "", Tone.OK)

    @async_slot("Open")
    async def open_folder(self, task: str, *, terminal: bool = False) -> None:
        """Open the worktree of a task in the person's editor, or in a terminal."""
        self.message_bar.show_message(await self._client.do(open_task, task, terminal=terminal))

    def _open(self, worker: str) -> None:
        facts = self._facts(worker)
        run: Run | None = facts.run if facts else None
        if run is not None:
            self._navigation.run_asked.emit(run)
        elif facts is not None and facts.worker.task is not None:
            self._navigation.task_asked.emit(facts.worker.task)
        else:
            self.message_bar.show_message(
                f"{worker} has not worked on a task yet", "Drop a card on it to begin."
            )

    def _merge(self, worker: str) -> None:
        tasks = self._view.tasks if self._view else ()
        ready = tuple(
            task.key for task in tasks if task.worker == worker and task.status is TaskStatus.REVIEW
        )
        if ready:
            self._navigation.merge_asked.emit(ready)
        else:
            self.message_bar.show_message(
                f"{worker} has nothing to merge yet",
                "Its work can be merged once its task is in review.",
            )

    @async_slot("Pause")
    async def _pause(self, worker: str) -> None:
        self._tell(await self._client.do(pause, worker=worker), Tone.WARN)

    @async_slot("Resume")
    async def _resume(self, worker: str) -> None:
        self._tell(await self._client.do(resume, worker=worker), Tone.OK)

    @async_slot("Abort")
    async def _abort(self, worker: str) -> None:
        self._tell(await self._client.do(abort, worker=worker), Tone.WARN)

    def _tell(self, sentences: tuple[str, ...], tone: Tone) -> None:
        if sentences:
            self.message_bar.show_message(sentences[0], " ".join(sentences[1:]), tone)

    def _facts(self, worker: str) -> WorkerFacts | None:
        found = facts_of(self._view) if self._view else ()
        return next((facts for facts in found if facts.worker.name == worker), None)
