"""What is shown of a worker, in words: its state, what it does now, how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.run import LIVE, Run, RunStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType
from gui.durations import span, stopwatch
from gui.theme.tokens import Tone, state_look

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.overview import BoardView
    from core.domain.task import Task

TROUBLED: Final = frozenset({RunStatus.FAILED, RunStatus.LOST})


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """A worker with its task and its newest run."""

    worker: Worker
    task: Task | None = None
    run: Run | None = None

    @property
    def is_agent(self) -> bool:
        """Return whether it is a program."""
        return self.worker.type is WorkerType.AGENT

    @property
    def live_run(self) -> Run | None:
        """Return the run that is under way."""
        return self.run if self.run is not None and self.run.status in LIVE else None

    @property
    def state(self) -> str:
        """Return the state's name; `gui.theme` knows its word, tone and glyph."""
        if self.worker.status is WorkerStatus.OFFLINE:
            return "offline"
        if self.live_run is not None:
            return self.live_run.status.value
        if self.worker.status is WorkerStatus.PAUSED:
            return "paused"
        if self.worker.task is not None:
            return "working" if not self.is_agent else "busy"
        if self.worker.note:
            return "offline"
        if self.run is not None and self.run.status in TROUBLED:
            return "failed"
        return "available"

    @property
    def tone(self) -> Tone:
        """Return what the colour of its progress says."""
        return state_look(self.state).tone

    @property
    def began(self) -> datetime | None:
        """Return when the work that is under way began."""
        if self.live_run is not None:
            return self.live_run.started_at
        if self.task is not None and self.worker.task == self.task.key:
            return self.task.started_at
        return None

    def line(self) -> str:
        """Return in one line what it does now, or why it does nothing."""
        run = self.live_run
        if run is not None:
            starting = "Preparing its worktree…" if run.status is RunStatus.STARTING else "At work…"
            return one_line(run.last_message) or starting
        if self.worker.task is not None:
            return self.task.title if self.task is not None else f"Holds {self.worker.task}"
        if self.worker.note:
            return self.worker.note
        if self.run is not None and self.run.status in TROUBLED:
            return one_line(self.run.reason) or f"The run of {self.run.task} failed"
        return "Ready for a task"

    def time(self, now: datetime) -> str:
        """Return how long it has been at work, and of how much, or how long it has been idle."""
        if self.began is not None:
            spent = stopwatch(now - self.began)
            estimate = self.task.estimate_minutes if self.task is not None else None
            return f"{spent} of {estimate} min" if estimate else spent
        if self.worker.task is None and self.run is not None and self.run.ended_at is not None:
            return f"idle {span(now - self.run.ended_at)}"
        if self.worker.task is None:
            return " · ".join([self.worker.agent or "person", *self.worker.skills])
        return ""

    def progress(self, now: datetime) -> float:
        """Return how much of the estimate has gone, 0 to 1; 0 when nothing is known."""
        estimate = self.task.estimate_minutes if self.task is not None else None
        if self.began is None or not estimate:
            return 0.0
        return min(1.0, (now - self.began).total_seconds() / (60 * estimate))

    def cost(self) -> str:
        """Return what its run has cost, when that is known."""
        run = self.live_run
        return f"${run.cost_usd:.2f}" if run is not None and run.cost_usd is not None else ""


def facts_of(view: BoardView) -> tuple[WorkerFacts, ...]:
    """Return the workers in the engine's order, each with its task and its newest run."""
    tasks = {task.key: task for task in view.tasks}
    newest: dict[str, Run] = {}
    for run in view.runs:
        known = newest.get(run.worker)
        if known is None or (run.status in LIVE, run.started_at) > (
            known.status in LIVE,
            known.started_at,
        ):
            newest[run.worker] = run
    return tuple(
        WorkerFacts(worker, tasks.get(worker.task or ""), newest.get(worker.name))
        for worker in view.workers
    )


def one_line(text: str) -> str:
    """Return the first line of *text* that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
