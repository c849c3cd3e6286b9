"""Between the server's loop and the engine's thread: ask there, answer here."""

from __future__ import annotations

import asyncio
import inspect
import re
from typing import TYPE_CHECKING, Any

from core.domain.jsonable import jsonable
from core.engine.arguments import read_arguments
from core.engine.performing import in_repo, perform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.domain.event import JsonValue
    from core.engine.context import Engine
    from core.engine.operation import Operation
    from core.engine.thread import EngineThread


class Desk:
    """Hands what is asked for to the engine's thread; the server's own loop never waits."""

    def __init__(self, thread: EngineThread) -> None:
        self._thread = thread

    async def operation(
        self, operation: Operation, given: Mapping[str, JsonValue], *, repo: str | None
    ) -> JsonValue:
        """Ask for an operation of the table."""

        async def there(engine: Engine) -> JsonValue:
            return await perform(in_repo(engine, repo), operation, given)

        answer: JsonValue = await self.ask(there)
        return answer

    async def route(
        self, operation: Operation, given: Mapping[str, JsonValue], *named: str
    ) -> JsonValue:
        """Ask for what a route does; *named* stands in its path.

        Raises:
            UsageError: The arguments are not those of the route.
        """
        arguments = read_arguments(operation, given)
        repo = arguments.pop("repoPath", None)

        async def there(engine: Engine) -> JsonValue:
            words = {_snake(name): value for name, value in arguments.items()}
            result = operation.load()(in_repo(engine, repo), *named, **words)
            return jsonable(await result if inspect.isawaitable(result) else result)

        answer: JsonValue = await self.ask(there)
        return answer

    async def ask(self, function: Callable[..., Any], *words: Any) -> Any:
        """Call `function(engine, *words)` on the engine's thread."""
        return await asyncio.wrap_future(self._thread.submit(function, *words))

    def tell(self, function: Callable[..., Any], *words: Any) -> None:
        """Have `function(engine, *words)` called there, without waiting for it."""
        self._thread.submit(function, *words)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
