"""Who gives tasks to idle agents, and how the dispatcher stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class DispatchMode(StrEnum):
    """Who decides: the value is that of the setting `dispatch`."""

    SUPERVISOR = "supervisor"
    """It proposes; a person or a supervising agent assigns."""
    QUEUE = "queue"
    """Idle agents take the task that suits them best."""
    HYBRID = "hybrid"
    """The order of the board is a person's or a supervising agent's: idle agents take the next that
    fits, from the top."""


@dataclass(frozen=True, slots=True)
class DispatchView:
    """The dispatcher at one look.

    Attributes:
        mode: Who decides.
        paused_by: Who paused it, or empty while it works.
        leads: Whether some process runs the loops now; without one nothing starts by itself.
        ready: Tasks that could be claimed now.
        idle: Agents that could claim now.
        profile: Profile of the agents that it registers and retires; empty is off.
        floor: So many of them are kept.
        ceiling: At most so many.
        agents: How many there are of that profile.
        holds: The sentence that every start of an agent waits with, or empty.
    """

    mode: DispatchMode
    paused_by: str
    leads: bool
    ready: int
    idle: int
    profile: str
    floor: int
    ceiling: int
    agents: int
    holds: str

    @property
    def paused(self) -> bool:
        """Whether it claims and starts nothing by itself for now."""
        return bool(self.paused_by)
