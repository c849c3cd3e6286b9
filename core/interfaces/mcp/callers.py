"""Who carries out an agent's call: this process's own engine, or the runner of its run."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from core.engine.performing import perform
from core.engine.thread import EngineThread
from core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from core.domain.event import JsonValue
    from core.interfaces.mcp.tools import Tool


class Caller(Protocol):
    """Carries out tools for one worker."""

    @property
    def pinned(self) -> Collection[str]:
        """The parameters that it fills in: an agent can neither see nor give them."""
        ...

    async def call(self, tool: Tool, arguments: Mapping[str, JsonValue]) -> JsonValue:
        """Carry out *tool* and return its answer; cancelling it cancels the operation.

        Raises:
            EngineError: What the operation raises.
        """
        ...

    def close(self) -> None:
        """End what it has started."""
        ...


class EngineCaller:
    """Calls an engine in this process; it leaves the loops to the window and to `weft serve`."""

    def __init__(self, folder: Path, pinned: Mapping[str, str], *, actor: str) -> None:
        self._pinned = dict(pinned)
        self._thread = EngineThread(folder, leads=False, actor=actor)
        self._thread.start()

    @property
    def pinned(self) -> Collection[str]:
        """See `Caller`."""
        return self._pinned

    async def call(self, tool: Tool, arguments: Mapping[str, JsonValue]) -> JsonValue:
        """See `Caller`."""
        acts = bool(tool.operation.tool)
        missing = [name for name in tool.required if not arguments.get(name)]
        if missing:
            raise UsageError(f"{tool.name!r} needs the parameter {missing[0]!r}.")
        asked = self._thread.submit(
            perform,
            tool.operation,
            arguments,
            without=tool.hidden(self._pinned),
            pinned=self._pinned if acts else None,
        )
        return await asyncio.wrap_future(asked)

    def close(self) -> None:
        """See `Caller`."""
        self._thread.stop()


class SocketCaller:
    """Calls the runner of this process's run, which knows the worker and the task by itself."""

    pinned: Collection[str] = ("worker", "task", "run")

    async def call(self, tool: Tool, arguments: Mapping[str, JsonValue]) -> JsonValue:
        """See `Caller`."""
        from core.engine.arguments import read_arguments
        from core.runner.socket_client import acall

        read_arguments(tool.operation, arguments, without=self.pinned)  # wrong ones go nowhere
        return await acall(tool.name, arguments)

    def close(self) -> None:
        """See `Caller`."""
