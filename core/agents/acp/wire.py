"""The pipes of an agent as a transport of the protocol's messages, in order and with flat memory.

Notifications are handed over before the next message is read: so they keep their order, and an
agent that says more than is read waits. Only requests and answers go on to the library.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Final

from core.agents.acp.updates import unrecognized
from core.agents.driver import DriverUnavailable
from core.agents.lines import harmless_text
from core.domain.agent_event import ProcessOutput, TurnEnded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from core.agents.child import ChildSession
    from core.domain.agent_event import AgentEvent

LONGEST: Final = 16 * 1024 * 1024
"""Bytes of one message; file contents and pictures travel in them."""
_SHOWN: Final = 4_000
"""Characters of a line that is no message."""


class Wire:
    """Reads and writes messages; satisfies the library's `Transport`.

    Attributes:
        ended: Set when the process has ended.
        end: How it ended, once it has.
        last_complaint: The last line on its standard error.
        choked: Whether a message was too long; then no more are taken.
    """

    def __init__(
        self,
        child: ChildSession,
        *,
        update: Callable[[dict[str, Any]], Awaitable[None]],
        other: Callable[[AgentEvent], Awaitable[None]],
    ) -> None:
        self._child = child
        self._events: AsyncIterator[AgentEvent] = child.events()
        self._lines: list[str] = []
        self._update = update
        self._other = other
        self._writing = asyncio.Lock()
        self.ended = asyncio.Event()
        self.end: TurnEnded | None = None
        self.last_complaint = ""
        self.choked = False

    async def send(self, message: dict[str, Any]) -> None:
        """Write one message.

        Raises:
            ConnectionError: It is a question of ours and the agent does not listen any more.
        """
        line = json.dumps(message, separators=(",", ":")) + "\n"
        async with self._writing:
            try:
                await self._child.send(line)
            except DriverUnavailable as error:
                if "method" in message:
                    raise ConnectionError(error.message) from error
                # An answer to somebody who has gone: nobody waits for it.

    async def receive(self) -> dict[str, Any] | None:
        """Return the next request or answer; None once the process has ended, or when choked."""
        while self.end is None and not self.choked:
            while self._lines and not self.choked:
                message = await self._taken(self._lines.pop(0))
                if message is not None:
                    return message
            if not self.choked:  # an agent that waits for us would say nothing more
                await self._read_on()
        return None

    async def run_out(self) -> None:
        """Wait for the end of the process; what it still says goes where it went before."""
        while self.choked and self.end is None:
            await self._read_on()
        await self.ended.wait()

    async def close(self) -> None:
        """Do nothing: the session closes the child."""

    async def _read_on(self) -> None:
        event = await anext(self._events)
        match event:
            case ProcessOutput("stdout", lines):
                self._lines = list(lines)
            case TurnEnded():
                self.end = event
                self.ended.set()
            case ProcessOutput(_, lines):
                self.last_complaint = next(filter(str.strip, reversed(lines)), "").strip()
                await self._other(event)
            case _:
                await self._other(event)

    async def _taken(self, line: str) -> dict[str, Any] | None:
        """Hand over what is no request and no answer; return the others."""
        if not line.strip():
            return None
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            if len(line) > LONGEST // 4:  # its end was cut: whoever waits for it waits in vain
                self.choked = True
            await self._other(ProcessOutput("stdout", (harmless_text(line[:_SHOWN]),)))
            return None
        if "method" not in message or "id" in message:
            return message
        params = message.get("params")
        method = message["method"]
        if method == "session/update" and isinstance(params, dict):
            await self._update(params)
        elif not str(method).startswith("_"):  # those are for clients that know the extension
            await self._other(unrecognized(message))
        return None
