"""How many agents there should be: by what waits, within floor and ceiling; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.worker import Worker

RETIRE_AFTER: Final = timedelta(minutes=2)
"""How long an agent beyond the floor may be idle: work that comes soon finds it still there."""


@dataclass(frozen=True, slots=True)
class Crew:
    """What the number of agents follows from.

    Attributes:
        agents: The agents of the profile that may be retired again.
        floor: So many are kept, if the ceiling is not lower.
        ceiling: At most so many.
        runs: Runs at once that the settings allow: more agents would only wait.
        ready: Tasks that an agent could claim now and that no idle agent can take.
        holds: Why nothing more may start (memory, load, budget), or empty.
    """

    agents: Sequence[Worker]
    floor: int
    ceiling: int
    runs: int
    ready: int
    holds: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """How many agents to register, whom to retire, and the reason in one sentence."""

    add: int = 0
    retire: tuple[str, ...] = ()
    why: str = ""


def change(crew: Crew, now: datetime) -> Change:
    """Return what brings the agents to what the work asks for."""
    have, floor = len(crew.agents), min(crew.floor, crew.ceiling)
    if have < floor:
        return Change(add=floor - have, why=f"{floor} agents are kept.")
    most = max(floor, min(crew.ceiling, crew.runs))
    if crew.ready and have < most:
        if crew.holds:
            return Change(why=crew.holds)
        add = min(crew.ready, most - have)
        return Change(add=add, why=f"{_told(crew.ready)} and nobody is idle.")
    return _fewer(crew, most, now)


def _fewer(crew: Crew, most: int, now: datetime) -> Change:
    idle = [worker for worker in crew.agents if worker.task is None and not worker.paused]
    beyond = len(crew.agents) - most
    if beyond > 0:
        return Change(
            retire=tuple(worker.name for worker in reversed(idle))[:beyond],
            why=f"At most {most} agents.",
        )
    spare = len(crew.agents) - crew.floor
    long_idle = [
        worker.name
        for worker in reversed(idle)
        if worker.idle_since is not None and now - worker.idle_since >= RETIRE_AFTER
    ]
    if crew.ready or spare <= 0 or not long_idle:
        return Change()
    return Change(retire=tuple(long_idle[:spare]), why="Nothing waits.")


def _told(ready: int) -> str:
    return "1 task waits" if ready == 1 else f"{ready} tasks wait"
