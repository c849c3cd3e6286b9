"""The four doors, each asked for operations of the table by name and arguments."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from core.engine import repos
from core.engine.answers import answer_of
from core.engine.arguments import read_arguments
from core.engine.operation import ParamKind, Role
from core.engine.table import BY_NAME
from core.engine.thread import EngineThread
from core.errors import EngineError
from core.interfaces.cli.app import run
from core.interfaces.http.routes import operation_path
from core.interfaces.mcp.callers import EngineCaller
from core.interfaces.mcp.server import answered
from core.interfaces.mcp.tools import tools_of
from core.store.connection import close_database
from tests.interfaces.http.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios import Repo

Arguments = dict[str, Any]


class Door(Protocol):
    """Asks for an operation and returns its answer or its error as JSON."""

    def __call__(self, name: str, arguments: Arguments) -> Any: ...


@contextmanager
def window(repo: Repo) -> Iterator[Door]:
    """The window's way: the operation's own function, on the engine's thread."""
    thread = EngineThread(repo.path, leads=False)
    thread.start()
    try:
        thread.submit(repos.init, str(repo.path)).result(30)
        yield lambda name, arguments: _asked(thread, name, arguments)
    finally:
        thread.stop()


@contextmanager
def command_line(repo: Repo) -> Iterator[Door]:
    """`weft … --json`, in this process."""
    with contextlib.chdir(repo.path):
        _printed(["init", "--json"])
        yield lambda name, arguments: json.loads(_printed(_words(name, arguments)))
    close_database()


@contextmanager
def http(repo: Repo) -> Iterator[Door]:
    """A POST to a server on the loopback address."""
    with serving(repo) as served:
        yield (
            lambda name, arguments: (
                served.client("POST", operation_path(BY_NAME[name]), arguments).json
            )
        )


@contextmanager
def mcp(repo: Repo) -> Iterator[Door]:
    """A supervisor's tools; what is no tool of theirs is asked for as the window does."""
    caller = EngineCaller(repo.path, {}, actor="person")
    thread = caller._thread
    thread.submit(repos.init, str(repo.path)).result(30)
    tools = tools_of(Role.SUPERVISOR)
    by_operation = {tool.operation.name: tool.name for tool in tools.values()}

    def ask(name: str, arguments: Arguments) -> Any:
        tool = by_operation.get(name)
        if tool is None or set(arguments) & set(tools[tool].hidden(())):
            return _asked(thread, name, arguments)
        told = asyncio.run(answered(tools, tool, arguments, caller))
        assert told.structured_content is not None
        if told.is_error:
            return told.structured_content
        text: Any = json.loads(told.content[0].text)  # type: ignore[union-attr]
        assert told.structured_content == (text if isinstance(text, dict) else {"result": text})
        return text

    try:
        yield ask
    finally:
        caller.close()


DOORS = {"window": window, "command line": command_line, "http": http, "mcp": mcp}


def _asked(thread: EngineThread, name: str, arguments: Arguments) -> Any:
    operation = BY_NAME[name]
    words = read_arguments(operation, arguments)
    try:
        return answer_of(operation, thread.submit(operation.load(), **words).result(60))
    except EngineError as error:
        told = {"code": error.code, "message": error.message, "hint": error.hint}
        return {"error": {**told, "reasons": list(error.reasons)}}


def _printed(words: list[str]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        run(words)
    return out.getvalue()


def _words(name: str, arguments: Arguments) -> list[str]:
    """Return the command line of an operation."""
    words = name.split()
    positional: list[str] = []
    for param in BY_NAME[name].params:
        if param.name not in arguments:
            continue
        value = arguments[param.name]
        values = value if isinstance(value, list) else [value]
        if not param.flag:
            positional += map(str, values)
        elif param.kind is ParamKind.FLAG:
            words.append(param.flag)
        else:
            words += [f"{param.flag}={one}" for one in values]
    consents = ["--yes"] if name == "merge run" else []
    return [*words, *consents, "--json", "--", *positional]
