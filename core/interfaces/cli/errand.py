"""One act for a run's agent, done with a whole engine on behalf of its runner.

Reads one JSON object from standard input (`core.runner.errands` writes it) and prints one:
`{"result"}` or `{"error"}`. Who acts, for which task and run, is the runner's word, not the
agent's.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.jsonable import jsonable
from core.engine.arguments import read_arguments
from core.engine.context import open_engine
from core.engine.operations_agents import PINNED
from core.engine.performing import perform
from core.engine.table import OPERATIONS
from core.errors import EngineError, NotFound
from core.interfaces.cli.call import Call
from core.interfaces.cli.commands import Asked, named
from core.interfaces.cli.faces import FACES

if TYPE_CHECKING:
    from core.engine.operation import Operation


def main() -> int:
    """Do what standard input asks for."""
    request = json.load(sys.stdin)
    try:
        answer = {"result": _done(request)}
    except EngineError as error:
        told = {"code": error.code, "message": error.message, "reasons": error.reasons}
        answer = {"error": jsonable({**told, "hint": error.hint})}
    sys.stdout.write(json.dumps(answer))
    return 0


def _done(request: dict[str, Any]) -> Any:
    operation = _operation(request["operation"])
    is_tool = bool(operation.tool)
    pinned = {name: request[name] for name in PINNED} if is_tool else {}
    without = PINNED if is_tool else ()
    folder = Path(request["repo"])
    if request["json"]:
        engine = open_engine(folder, actor=request["worker"])
        return asyncio.run(
            perform(engine, operation, request["arguments"], without=without, pinned=pinned)
        )
    face = FACES[operation.name]
    extras = {param.name: request["arguments"].pop(param.name, None) for param in face.extras}
    values = read_arguments(operation, request["arguments"], without=without) | pinned
    return _printed(Call(operation, face, values, extras, Asked(folder), request["worker"]))


def _printed(call: Call) -> dict[str, Any]:
    """Return what the command line prints for *call*."""
    text, talk = io.StringIO(), io.StringIO()
    with redirect_stdout(text), redirect_stderr(talk):
        status = named(call.face.act)(call)
    return {"text": text.getvalue(), "talk": talk.getvalue(), "status": status}


def _operation(name: str) -> Operation:
    for operation in OPERATIONS:
        if name in (operation.tool, operation.name):
            return operation
    raise NotFound(f"There is no operation {name!r}.")


if __name__ == "__main__":
    sys.exit(main())
