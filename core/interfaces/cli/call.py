"""One invocation: open the engine, call the operation, print what it returned."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.engine.answers import answer_of
from core.errors import EnvironmentFault
from core.interfaces.cli import terminal
from core.interfaces.cli.commands import named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.engine.context import Engine
    from core.engine.operation import Operation
    from core.interfaces.cli.blocks import Block
    from core.interfaces.cli.commands import Asked
    from core.interfaces.cli.faces import Face


@dataclass(frozen=True, slots=True)
class Call:
    """An operation that was asked for on the command line.

    Attributes:
        operation: What was asked for.
        face: How the command line shows it.
        values: Arguments of the target by name; only those that were given.
        extras: The command line's own options by name.
        asked: The shared options.
        actor: Who acts, in events.
    """

    operation: Operation
    face: Face
    values: dict[str, Any]
    extras: dict[str, Any]
    asked: Asked
    actor: str = "person"

    @property
    def as_json(self) -> bool:
        """Return whether JSON is wanted."""
        return self.asked.as_json

    def engine(self) -> Engine:
        """Open the database and choose the repository of `--repo` or of the current folder.

        Raises:
            NotARepo: The folder is in none, and the operation needs one.
            EnvironmentFault: The database or git cannot be used.
        """
        from core.engine.context import open_engine

        wanted = self.operation.needs_repo or self.asked.repo is not None
        return open_engine(self.folder() if wanted else None, actor=self.actor)

    def folder(self) -> Path:
        """Return the folder to work in."""
        try:
            return Path(self.asked.repo or "").absolute()
        except FileNotFoundError as error:
            raise EnvironmentFault(
                "The current folder is gone.", hint="Go to another one, or use --repo PATH."
            ) from error

    def perform(self, engine: Engine, **more: Any) -> Any:
        """Call the operation and return its result; a coroutine is run to its end."""
        return finished(self.operation.load()(engine, **_read_dash(self.values), **more))

    def show(self, result: object) -> None:
        """Print *result* as JSON or as its renderer has it."""
        if self.as_json:
            terminal.show_json(answer_of(self.operation, result))
        else:
            terminal.show(self.blocks(result))

    def blocks(self, result: object) -> Iterable[Block]:
        """Return *result* as its renderer has it."""
        blocks: Iterable[Block] = named(self.face.render)(result)
        return blocks


def call_and_show(call: Call) -> int:
    """Call the operation and show its result: what most commands do."""
    call.show(call.perform(call.engine()))
    return 0


def finished(result: Any) -> Any:
    """Return *result*, or what it comes to if it is a coroutine."""
    if not inspect.iscoroutine(result):
        return result
    import asyncio  # 30 ms that a plain command never pays

    return asyncio.run(result)


def _read_dash(values: dict[str, Any]) -> dict[str, Any]:
    """Replace a description of `-` by standard input."""
    if values.get("description") != "-":
        return values
    return {**values, "description": sys.stdin.read().rstrip("\n")}
