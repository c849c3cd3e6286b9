"""What an operation is: a name, its words for people, its parameters, and where it lives.

The table is data with lazily loaded targets, so that a command line reads all of it in a
millisecond and imports only the operation that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class ParamKind(StrEnum):
    """What a parameter takes."""

    TEXT = "text"
    INT = "int"
    FLAG = "flag"
    CHOICE = "choice"
    PATH = "path"
    DURATION = "duration"


class Role(StrEnum):
    """Who may call an operation through a door for agents."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of an operation.

    Attributes:
        name: Name in the target's signature.
        help: One sentence part for people.
        kind: What it takes; a DURATION is `45m` or `2h` outside and minutes inside.
        flag: Option on the command line (`--priority`); empty makes it positional.
        many: True when it may be given several times; the target gets a tuple.
        required: True when it must be given.
        choices: The words of a CHOICE.
        metavar: Word for the value in help texts.
    """

    name: str
    help: str
    kind: ParamKind = ParamKind.TEXT
    flag: str = ""
    many: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    metavar: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the outside can ask for.

    Attributes:
        name: Words of the command (`task add`).
        target: `module:function`; the function takes an `Engine` first.
        group: Heading in help.
        help: First line of help, an imperative sentence.
        params: Its parameters in order.
        examples: Whole command lines.
        changes: True when it writes.
        role: Least role that may call it through a door for agents.
        needs_repo: False for what works outside a registered repository.
        details: Further help text, or empty.
        tool: Its name as a tool of agents and on a runner's socket; empty: no such tool.
        local: True for what needs the person's own terminal, desktop or consent; the doors for
            programs leave it out.
    """

    name: str
    target: str
    group: str
    help: str
    params: tuple[Param, ...] = ()
    examples: tuple[str, ...] = ()
    changes: bool = False
    role: Role = Role.PERSON
    needs_repo: bool = True
    details: str = ""
    tool: str = ""
    local: bool = False

    def load(self) -> Callable[..., Any]:
        """Import and return the function."""
        module, _, function = self.target.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), function)
        return found
