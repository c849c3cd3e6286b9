"""Ask for an operation by name and JSON: what the doors for programs have in common."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from core.engine.answers import answer_of
from core.engine.arguments import read_arguments
from core.engine.context import Engine, registered
from core.errors import NotFound
from core.git.locate import locate_now
from core.paths import expanded

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from core.domain.event import JsonValue
    from core.engine.operation import Operation


async def perform(
    engine: Engine,
    operation: Operation,
    given: Mapping[str, JsonValue],
    *,
    without: Collection[str] = (),
    pinned: Mapping[str, str] | None = None,
) -> JsonValue:
    """Call *operation* with the arguments that a program gave and return its answer as JSON.

    Args:
        engine: The engine.
        operation: What was asked for.
        given: Arguments by parameter name.
        without: Parameters that the program may not give.
        pinned: Values of those that the door itself gives.

    Raises:
        UsageError: The arguments are not those of the operation.
        EngineError: What the operation raises.
    """
    arguments = {**read_arguments(operation, given, without=without), **(pinned or {})}
    # What chooses a repository (`init`) chooses it for this call, not for everybody's next one.
    result = operation.load()(engine if operation.needs_repo else _copy(engine), **arguments)
    return answer_of(operation, await result if inspect.isawaitable(result) else result)


def _copy(engine: Engine) -> Engine:
    repo = engine.repo if engine.has_repo else None
    return Engine(repo, clock=engine.clock, actor=engine.actor)


def in_repo(engine: Engine, path: str | None) -> Engine:
    """Return an engine that works in the registered repository of folder *path*.

    Raises:
        NotFound: It is not registered.
        NotARepo: *path* is in no repository.
    """
    if path is None:
        return engine
    folder = expanded(path)
    if not folder.is_absolute() or not folder.is_dir():
        raise NotFound(f"There is no folder {path}.", hint="Give the repository's absolute path.")
    repo = registered(locate_now(folder).main)
    if repo is None:
        raise NotFound(f"{path} is not registered.", hint=f"weft init {path}")
    if engine.has_repo and engine.repo.path == repo.path:
        return engine
    return Engine(repo, clock=engine.clock, actor=engine.actor)
