"""How the window reaches the engine: operations are sent to its thread and awaited here."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from core.engine.context import Engine
    from core.engine.thread import EngineThread

P = ParamSpec("P")
R = TypeVar("R")


class Client(Protocol):
    """What a view needs: a way to have an operation done, away from the window's thread."""

    @overload
    async def do(
        self,
        operation: Callable[Concatenate[Engine, P], Coroutine[Any, Any, R]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...
    @overload
    async def do(
        self,
        operation: Callable[Concatenate[Engine, P], R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...
    async def do(self, operation: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Run `operation(engine, …)` on the engine's thread and return what it returns."""
        ...


class EngineClient:
    """The client of a running `EngineThread`; a cancelled `do` cancels the operation too."""

    def __init__(self, thread: EngineThread) -> None:
        self._thread = thread

    @overload
    async def do(
        self,
        operation: Callable[Concatenate[Engine, P], Coroutine[Any, Any, R]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...
    @overload
    async def do(
        self,
        operation: Callable[Concatenate[Engine, P], R],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> R: ...
    async def do(self, operation: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """See `Client.do`."""
        return await asyncio.wrap_future(self._thread.submit(operation, *args, **kwargs))
