"""Who does tasks: people and agents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class WorkerType(StrEnum):
    """A person or a program."""

    HUMAN = "human"
    AGENT = "agent"


class WorkerStatus(StrEnum):
    """Derived on every read from claims, runs and heartbeats; never stored."""

    AVAILABLE = "available"
    BUSY = "busy"
    PAUSED = "paused"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker as every face shows it; the fields are the contract's JSON.

    `agent` is the profile's name (None for a human); `task` the key it owns now;
    `note` says why an agent cannot work although it is registered (program missing), or is empty.
    """

    name: str
    type: WorkerType
    status: WorkerStatus
    skills: tuple[str, ...]
    agent: str | None
    task: str | None
    last_heartbeat: datetime | None
    registered_at: datetime
    note: str = ""
    paused: bool = False
    """True when a person told it to take nothing new; lasts until it is resumed."""
    idle_since: datetime | None = None
    permissions: str = ""
    """How far its profile lets an agent go, such as `open`; empty for a person."""

    @property
    def is_driven(self) -> bool:
        """Whether Weft starts it: an agent with a profile. One without comes by itself."""
        return self.type is WorkerType.AGENT and bool(self.agent)
