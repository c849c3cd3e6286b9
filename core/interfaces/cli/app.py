"""The entry point: exit statuses, and how errors are told.

| status | meaning |
| --- | --- |
| 0 | done |
| 1 | refused or failed; each reason on its own line of stderr |
| 2 | wrong usage |
| 3 | conflicts found, where `--exit-code` was given |
| 130 | interrupted |
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import click

from core.errors import EngineError, UsageError
from core.interfaces.cli import terminal
from core.interfaces.cli.commands import Asked, TableGroup

if TYPE_CHECKING:
    from collections.abc import Sequence

FAILED: Final = 1
INTERRUPTED: Final = 130

_ABOUT: Final = """Many coding agents and people at work on one git repository.

Without a command the window opens. Every command takes --json and --repo, before or after its
name. Completion for the shell, here bash: eval "$(_WEFT_COMPLETE=bash_source weft)"
"""


def main() -> None:
    """Run the command line and end the process with its exit status."""
    if os.name == "nt":
        # There a `git.exe` in the current folder would come before the one on PATH.
        os.environ.setdefault("NODEFAULTCURRENTDIRECTORYINEXEPATH", "1")
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    status = run(sys.argv[1:])
    _flush()
    sys.exit(status)


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit status; errors are told here."""
    as_json = _wants_json(args)
    try:
        return _invoke(list(args))
    except click.UsageError as error:
        _tell(_usage(error), as_json=as_json)
        return error.exit_code
    except EngineError as error:
        _tell(error, as_json=as_json)
        return error.exit_code
    except BrokenPipeError:
        return _reader_is_gone()
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except Exception as bug:  # noqa: BLE001  a process entry point: where bugs are told
        fault = _fault_of_database(bug)
        if fault is None:
            _tell_bug(bug, as_json=as_json)
        else:
            _tell(fault, as_json=as_json)
        return FAILED


def _invoke(args: list[str]) -> int:
    cli = application()
    if "_WEFT_COMPLETE" in os.environ:
        cli.main(args, prog_name="weft")
    try:
        with cli.make_context("weft", args, obj=Asked()) as ctx:
            return int(cli.invoke(ctx) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code


def application() -> TableGroup:
    """Return the whole command line."""
    cli = TableGroup(
        name="weft",
        help=_ABOUT,
        invoke_without_command=True,
        callback=_without_command,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    cli.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Print the version.",
        )
    )
    return cli


def _version(ctx: click.Context, _param: click.Parameter, value: object) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"weft {version('weft')}")
        ctx.exit()


@click.pass_context
def _without_command(ctx: click.Context) -> int:
    if ctx.invoked_subcommand is not None:
        return 0
    if os.environ.get("WEFT_RUN"):
        raise UsageError("Within an agent's run there is no window.", hint="See weft --help")
    from core.interfaces.cli.acts.window import open_window

    return open_window(ctx.ensure_object(Asked).repo)


def _wants_json(args: Sequence[str]) -> bool:
    """Return whether `--json` is among the options; parsing may have failed before it."""
    return "--json" in args[: args.index("--")] if "--" in args else "--json" in args


def _fault_of_database(error: Exception) -> EngineError | None:
    """Return the sentence for a damaged or failing database file, or None for anything else."""
    if type(error).__module__ not in ("peewee", "sqlite3"):
        return None  # spares the import of the store
    import sqlite3

    from core.paths import database_file
    from core.store.connection import unusable

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, sqlite3.Error):
        cause = cause.__cause__ or cause.__context__
    if type(cause) not in (sqlite3.DatabaseError, sqlite3.OperationalError):
        return None  # a wrong statement or a broken rule is a bug of Weft's
    return unusable(database_file(), error)


def _usage(error: click.UsageError) -> EngineError:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return UsageError("Missing command.", hint=f"See {error.ctx.command_path} --help")
    path = error.ctx.command_path if error.ctx else "weft"
    return UsageError(error.format_message(), hint=f"See {path} --help")


def _tell(error: EngineError, *, as_json: bool) -> None:
    if as_json:
        _tell_json(error.code, str(error), error.reasons, error.hint)
        return
    terminal.say(f"error: {error}")
    for reason in error.reasons:
        terminal.say(f"  {reason}")
    if error.hint:
        terminal.say(f"hint: {error.hint}")


def _tell_json(code: str, message: str, reasons: tuple[str, ...] = (), hint: str = "") -> None:
    from core.domain.jsonable import jsonable

    told = {"code": code, "message": message, "reasons": reasons, "hint": hint}
    terminal.show_json({"error": jsonable(told)})


def _tell_bug(bug: Exception, *, as_json: bool) -> None:
    import traceback

    traceback.print_exception(bug)
    if as_json:
        _tell_json("bug", f"{type(bug).__name__}: {bug}")
    terminal.say("error: This is a bug in Weft. Please report it with the lines above.")


def _interrupted() -> int:
    """Leave the line on which the terminal shows `^C`."""
    if terminal.is_tty(sys.stderr):
        terminal.say("")
    return INTERRUPTED


def _reader_is_gone() -> int:
    """End quietly: whoever read our output has seen enough."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  until the end
    return 0


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _reader_is_gone()
