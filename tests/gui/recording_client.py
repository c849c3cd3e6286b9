"""A stand-in for the engine behind a view: it records what is asked and answers as told."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Call:
    """One request, by the operation's name."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


@dataclass
class RecordingClient:
    """Answers by the operation's name; an exception is raised, a function is called.

    `hold` names operations that wait until `let_go`, so that a test can look meanwhile.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    hold: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    _waiting: deque[asyncio.Event] = field(default_factory=deque)

    async def do(self, operation: Any, /, *args: Any, **kwargs: Any) -> Any:
        call = Call(operation.__name__, args, kwargs)
        self.calls.append(call)
        try:
            if call.name in self.hold:
                gate = asyncio.Event()
                self._waiting.append(gate)
                await gate.wait()
            else:
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(call.name)
            raise
        answer = self.answers[call.name]
        if isinstance(answer, BaseException):
            raise answer
        return answer(*args, **kwargs) if callable(answer) else answer

    @property
    def is_waiting(self) -> bool:
        """Whether a request is held."""
        return bool(self._waiting)

    def let_go(self) -> None:
        """Let what waits go on."""
        while self._waiting:
            self._waiting.popleft().set()

    def named(self, name: str) -> list[Call]:
        """Return the requests of one operation."""
        return [call for call in self.calls if call.name == name]
