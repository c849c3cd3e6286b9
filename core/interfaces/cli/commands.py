"""Commands made from the table of operations; each is built when it is asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import click

from core.engine.operation import Param, ParamKind
from core.engine.table import BY_NAME, OPERATIONS
from core.interfaces.cli.faces import FACES
from core.paths import expanded

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.engine.operation import Operation

_REPO: Final = Param(
    "repo", "Work in the repository of PATH.", ParamKind.PATH, "--repo", metavar="PATH"
)
_JSON: Final = Param("json", "Print JSON.", ParamKind.FLAG, "--json")
_MOST: Final = 2**53
"""The greatest whole number that JSON and the database both keep exactly."""
SHARED: Final = (_REPO, _JSON)
"""Options of every command, taken before and after its name."""

GROUPS: Final = {
    "task": "Add, list and change tasks.",
    "worker": "Register and list workers.",
    "agent": "What an agent says, asks and reserves for itself.",
    "merge": "Plan, run and undo merges onto the base.",
    "dispatch": "Who gives tasks to idle agents, and how that stands.",
    "stage": "A person's word at the gates of a task's stages.",
}


@dataclass(slots=True)
class Asked:
    """What the shared options say."""

    repo: Path | None = None
    as_json: bool = False


class Duration(click.ParamType[int]):
    """`45m`, `2h`: minutes inside."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return minutes."""
        if isinstance(value, int):
            return value
        from core.tasks.importing import parse_minutes

        return parse_minutes(value)


class Words(click.ParamType[str]):
    """Text that can be stored and shown; a path, which may be any bytes, is no such."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or refuse bytes that are no UTF-8."""
        text = str(value)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            self.fail(f"{text!r} is not valid UTF-8.", param, ctx)
        return text


class TableCommand(click.Command):
    """A command whose examples are printed as they are."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, which are long lines to copy, without wrapping."""
        if self.epilog:
            with formatter.section("Examples"):
                for example in self.epilog.splitlines():
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class TableGroup(click.Group):
    """The operations whose names begin with *prefix*, as commands and further groups."""

    def __init__(self, prefix: str = "", **settings: Any) -> None:
        super().__init__(params=[_option(param) for param in SHARED], **settings)
        self._prefix = prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of commands and groups, in the order of the table."""
        return list(dict.fromkeys(rest.split()[0] for rest, _ in self._below()))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command or group of that name, built now."""
        operation = BY_NAME.get(f"{self._prefix}{cmd_name}")
        if operation is not None:
            return command_of(operation)
        if not self._prefix and cmd_name in GROUPS:
            return TableGroup(f"{cmd_name} ", name=cmd_name, help=GROUPS[cmd_name], **_NAMES)
        return HELP if not self._prefix and cmd_name == "help" else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the named command; an unknown one is refused with the nearest names."""
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=self.list_commands(ctx), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands below the headings of the table."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for rest, operation in self._below():
            sections.setdefault(operation.group, []).append((rest, operation.help))
        for heading, rows in sections.items():
            with formatter.section(heading if not self._prefix else "Commands"):
                formatter.write_dl(rows)

    def _below(self) -> list[tuple[str, Operation]]:
        return [
            (operation.name.removeprefix(self._prefix), operation)
            for operation in OPERATIONS
            if operation.name.startswith(self._prefix)
        ]


_NAMES: Final[dict[str, Any]] = {"context_settings": {"help_option_names": ["-h", "--help"]}}


def command_of(operation: Operation) -> click.Command:
    """Return *operation* as a command."""
    face = FACES[operation.name]
    details = f"{operation.help}\n\n{operation.details}" if operation.details else operation.help
    return TableCommand(
        name=operation.name.split()[-1],
        help=details,
        epilog="\n".join(operation.examples),
        params=[
            *(_parameter(param) for param in (*operation.params, *face.extras)),
            *(_option(param) for param in SHARED),
        ],
        callback=_callback(operation),
        **_NAMES,
    )


def _callback(operation: Operation) -> Callable[..., int]:
    @click.pass_context
    def invoke(ctx: click.Context, /, **values: Any) -> int:
        from core.interfaces.cli.call import Call

        face = FACES[operation.name]
        given = {name: value for name, value in values.items() if value not in (None, ())}
        extras = {param.name: given.pop(param.name, None) for param in face.extras}
        flags = {param.name for param in operation.params if param.kind is ParamKind.FLAG}
        chosen = {name: value for name, value in given.items() if name not in flags or value}
        call = Call(operation, face, chosen, extras, ctx.ensure_object(Asked))
        if os.environ.get("WEFT_RUN") and operation.name not in _WITHIN_A_RUN:
            from core.interfaces.cli.relay import ask_runner

            return ask_runner(call)
        status: int = named(face.act)(call)
        return status

    return invoke


_WITHIN_A_RUN: Final = frozenset({"mcp"})
"""What needs no database: it asks the runner by itself. All else is asked of the runner."""


def named(target: str) -> Callable[..., Any]:
    """Import and return the function that `module:function` names."""
    module, _, function = target.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), function)
    return found


def _parameter(param: Param) -> click.Parameter:
    return _option(param) if param.flag else _argument(param)


def _argument(param: Param) -> click.Argument:
    word = param.metavar or param.name.upper()
    shown = word if param.required else f"[{word}]"
    return click.Argument(
        [param.name],
        required=param.required,
        nargs=-1 if param.many else 1,
        type=_type(param),
        metavar=f"{shown}..." if param.many else shown,
        help=param.help,
    )


def _option(param: Param) -> click.Option:
    shared = param in SHARED
    is_flag = param.kind is ParamKind.FLAG
    return click.Option(
        [param.flag, param.name],
        help=param.help,
        required=param.required,
        multiple=param.many,
        is_flag=is_flag or None,  # False would keep a value from beginning with a dash
        type=None if is_flag else _type(param),
        metavar=param.metavar or None,
        expose_value=not shared,
        is_eager=shared,
        callback=_keep if shared else None,
    )


def _type(param: Param) -> click.ParamType[Any]:
    match param.kind:
        case ParamKind.INT:
            return click.IntRange(0, _MOST)
        case ParamKind.CHOICE:
            return click.Choice(param.choices)
        case ParamKind.DURATION:
            return Duration()
        case ParamKind.PATH:
            return click.STRING
        case _:
            return Words()


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    asked = ctx.ensure_object(Asked)
    if param.name == _JSON.name:
        asked.as_json = asked.as_json or bool(value)
    elif value is not None:
        asked.repo = expanded(value)


def _help(ctx: click.Context, words: tuple[str, ...]) -> None:
    shown: click.Context = ctx.find_root()
    command: click.Command = shown.command
    for word in words:
        if not isinstance(command, click.Group):
            raise click.NoSuchCommand(word, ctx=shown)
        _, found, _ = command.resolve_command(shown, [word])
        assert found is not None
        command = found
        shown = click.Context(command, info_name=word, parent=shown)
    click.echo(command.get_help(shown))


HELP: Final = click.Command(
    "help",
    help="Show help for a command.",
    params=[click.Argument(["words"], nargs=-1, metavar="[COMMAND]...")],
    callback=click.pass_context(_help),
    hidden=True,
)
