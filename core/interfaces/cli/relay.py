"""`weft` within an agent's run: its runner is asked, the database is never opened."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from core.domain.jsonable import jsonable
from core.interfaces.cli import terminal
from core.runner.socket_client import call as ask

if TYPE_CHECKING:
    from core.interfaces.cli.call import Call


def ask_runner(call: Call) -> int:
    """Have the runner do what was asked for, print its answer, and return the exit status.

    Raises:
        FromRunner: It refused.
        EnvironmentFault: It does not answer.
    """
    operation = call.operation
    given = jsonable({**call.values, **{n: v for n, v in call.extras.items() if v}})
    assert isinstance(given, dict)
    name = operation.tool or operation.name
    answer: Any = ask(name, given, as_json=call.as_json)
    if call.as_json:
        terminal.show_json(answer)
        return 0
    text = answer["text"]
    if text:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    if answer["talk"]:
        sys.stderr.write(answer["talk"])
    return int(answer["status"])
