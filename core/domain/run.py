"""One attempt of an agent at a task: a process, a transcript, a result."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.errors import IllegalTransition

if TYPE_CHECKING:
    from datetime import datetime


class RunStatus(StrEnum):
    """What a run is doing."""

    STARTING = "starting"
    WORKING = "working"
    WAITING = "waiting"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    ABORTED = "aborted"
    LOST = "lost"


_R = RunStatus
LIVE: Final = frozenset({_R.STARTING, _R.WORKING, _R.WAITING, _R.PAUSED})
ENDED: Final = frozenset({_R.DONE, _R.FAILED, _R.ABORTED, _R.LOST})
RUN_MOVES: Final = MappingProxyType({
    _R.STARTING: frozenset({_R.WORKING, _R.PAUSED, _R.FAILED, _R.ABORTED, _R.LOST}),
    _R.WORKING:  frozenset({_R.WAITING, _R.PAUSED}) | ENDED,
    _R.WAITING:  frozenset({_R.WORKING, _R.PAUSED}) | ENDED,
    _R.PAUSED:   frozenset({_R.WORKING, _R.WAITING}) | ENDED,
    _R.DONE:     frozenset(),
    _R.FAILED:   frozenset(),
    _R.ABORTED:  frozenset(),
    _R.LOST:     frozenset(),
})  # fmt: skip


def check_run_move(run_id: str, old: RunStatus, new: RunStatus) -> None:
    """Raise IllegalTransition unless RUN_MOVES allows *old* → *new*."""
    if new not in RUN_MOVES[old]:
        raise IllegalTransition(f"Run {run_id} is {old.value} and cannot become {new.value}.")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as every face shows it; the fields are the contract's JSON.

    `cost_usd` is None when unknown, never 0 for unknown; `transcript` is an absolute path.
    """

    id: str
    task: str
    worker: str
    agent: str
    stage: str
    status: RunStatus
    pid: int | None
    runner_pid: int | None
    started_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    session: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    last_message: str
    transcript: str
    heartbeat_at: datetime | None
    reason: str
    """Why it failed, was aborted or lost; empty otherwise."""
    permissions: str = "watched"
    model: str = ""
    cached_tokens: int | None = None
    cost_source: str = ""
    """`program`, `prices` or empty for unknown."""
    tool: str = ""
    """What it does right now, in one line; empty when nothing is known."""
    plan_done: int = 0
    plan_total: int = 0
    activity: tuple[int, ...] = ()
    """Lines of transcript in each of the last stretches of 10 s, oldest first."""
    retry_at: datetime | None = None
    """When a rate limit lets it try again."""


class ControlVerb(StrEnum):
    """What a person can ask of a live run; the runner takes it from the database."""

    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"
    SAY = "say"
    ANSWER = "answer"
