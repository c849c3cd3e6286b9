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
    from core.domain.question import Question
    from core.domain.stage import Proposal
    from core.domain.task import Task

MOST_ASKED: Final = 12
MOST_LETTERS: Final = 120
TROUBLED: Final = frozenset({RunStatus.FAILED, RunStatus.LOST})


@dataclass(frozen=True, slots=True)
class WorkerFacts:
    """A worker with its task and its newest run."""

    worker: Worker
    task: Task | None = None
    run: Run | None = None
    question: Question | None = None
    proposal: Proposal | None = None

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
        if run is not None and self.question is not None:
            return one_line(self.question.title)
        if run is not None and run.reason:
            return one_line(run.reason)
        if run is not None and run.retry_at is not None:
            return f"Its provider is busy: tries again at {run.retry_at.astimezone():%H:%M}"
        if run is not None:
            starting = "Preparing its worktree…" if run.status is RunStatus.STARTING else "At work…"
            return one_line(run.tool) or one_line(run.last_message) or starting
        if self.worker.task is not None:
            return self.task.title if self.task is not None else f"Holds {self.worker.task}"
        if self.worker.note:
            return self.worker.note
        if self.run is not None and self.run.status in TROUBLED:
            return one_line(self.run.reason) or f"The run of {self.run.task} failed"
        if self.worker.paused:
            return "Takes nothing new until it is resumed"
        if self.proposal is not None:
            return f"Next fit: {self.proposal.task}, {one_line(self.proposal.why)}"
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
        """Return how much of its plan is done, else of the estimate gone, 0 to 1; 0 if unknown."""
        run = self.live_run
        if run is not None and run.plan_total:
            return run.plan_done / run.plan_total
        estimate = self.task.estimate_minutes if self.task is not None else None
        if self.began is None or not estimate:
            return 0.0
        return min(1.0, (now - self.began).total_seconds() / (60 * estimate))

    def cost(self) -> str:
        """Return what its run has cost, when that is known."""
        run = self.live_run
        return f"${run.cost_usd:.2f}" if run is not None and run.cost_usd is not None else ""

    def tokens(self) -> str:
        """Return what its run has read and written, as `12k + 3k`, when that is known."""
        run = self.live_run
        if run is None or run.input_tokens is None:
            return ""
        return f"{amount(run.input_tokens)} + {amount(run.output_tokens or 0)}"

    def activity(self) -> tuple[int, ...]:
        """Return how much it said in each of the last stretches."""
        return self.live_run.activity if self.live_run is not None else ()

    def is_open(self) -> bool:
        """Return whether its agent may do anything without asking."""
        run = self.live_run
        return (self.worker.permissions if run is None else run.permissions) == "open"

    def details(self) -> str:
        """Return what the card has no room for: model, plan, tokens, cost and who says so."""
        run = self.live_run
        if run is None:
            return ""
        parts = [] if self.question is None else _asked(self.question)
        parts += [f"{run.agent}{f', {run.model}' if run.model else ''}, {run.permissions}"]
        if run.plan_total:
            parts.append(f"Plan: {run.plan_done} of {run.plan_total} steps done")
        if run.input_tokens is not None:
            cached = f" ({run.cached_tokens:,} from a cache)" if run.cached_tokens else ""
            parts.append(f"Tokens: {run.input_tokens:,} in{cached}, {run.output_tokens or 0:,} out")
        if run.cost_usd is not None:
            by = "as its program says" if run.cost_source == "program" else "by list prices"
            parts.append(f"Cost: ${run.cost_usd:.4f}, {by}")
        elif run.input_tokens is not None:
            parts.append("Cost: unknown")
        return "\n".join(parts)


def _asked(question: Question) -> list[str]:
    """Return what is asked in full, as far as a tool tip has room for it."""
    lines = [question.title, *question.detail.splitlines()]
    shown = [
        line if len(line) <= MOST_LETTERS else f"{line[:MOST_LETTERS]} …"
        for line in lines[:MOST_ASKED]
    ]
    return [*shown, *(["…"] if len(lines) > MOST_ASKED else []), ""]


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
    asked: dict[str, Question] = {}
    for question in view.questions:
        asked.setdefault(question.run, question)  # the oldest first
    proposed = {proposal.worker: proposal for proposal in view.proposals}
    return tuple(
        WorkerFacts(
            worker,
            tasks.get(worker.task or ""),
            newest.get(worker.name),
            asked.get(newest[worker.name].id) if worker.name in newest else None,
            proposed.get(worker.name) if worker.task is None else None,
        )
        for worker in view.workers
    )


def amount(number: int) -> str:
    """Return a number as `950`, `12k` or `1.2M`."""
    if number < 1000:
        return str(number)
    return f"{number / 1000:.0f}k" if number < 999_500 else f"{number / 1e6:.1f}M"


def one_line(text: str) -> str:
    """Return the first line of *text* that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
