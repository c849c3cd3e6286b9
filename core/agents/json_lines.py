"""JSON lines of an agent, read without trust: anything may be missing or of another type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.domain.agent_event import AgentEvent, TurnEnded

LONGEST: Final = 32 * 1024 * 1024
"""Bytes of one line that are read: a tool's whole output may be in it."""
Json = dict[str, Any]


class Reader(Protocol):
    """Turns the lines of one format into events; keeps what a whole session needs."""

    session: str
    """The agent's own session, as soon as it told it."""
    given_up: str
    """A sentence once it is no use to wait for the turn's end, else empty."""

    def read(self, told: Json) -> Iterator[AgentEvent]:
        """Yield what one line says."""
        ...

    def ended(self, end: TurnEnded) -> TurnEnded:
        """Return how a turn ended whose process ended by *end*, and be ready for the next."""
        ...


def parse_line(line: str) -> Json | None:
    """Return the object on *line*, or None when it holds none: never look at prefixes."""
    if not line.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text_of(told: object, *names: str) -> str:
    """Return the text at the path *names*, or empty."""
    found = value_of(told, *names)
    return found if isinstance(found, str) else ""


def value_of(told: object, *names: str) -> Any:
    """Return what is at the path *names*, or None."""
    for name in names:
        if not isinstance(told, dict):
            return None
        told = told.get(name)
    return told


def table_of(told: object, *names: str) -> Json:
    """Return the object at the path *names*, or an empty one."""
    found = value_of(told, *names)
    return found if isinstance(found, dict) else {}


def list_of(told: object, *names: str) -> list[Any]:
    """Return the list at the path *names*, or an empty one."""
    found = value_of(told, *names)
    return found if isinstance(found, list) else []


def count_of(told: object, *names: str) -> int:
    """Return the whole number at the path *names*, or 0."""
    found = value_of(told, *names)
    return int(found) if isinstance(found, int | float) and not isinstance(found, bool) else 0


def amount_of(told: object, *names: str) -> float | None:
    """Return the number at the path *names*, or None."""
    found = value_of(told, *names)
    number = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if number else None
