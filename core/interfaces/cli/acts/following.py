"""`status --watch`, `events --follow`: show, then go on as things happen."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from core.domain.jsonable import jsonable
from core.interfaces.cli import terminal
from core.interfaces.cli.blocks import line
from core.interfaces.cli.render.overview import event_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.domain.event import Event
    from core.interfaces.cli.call import Call

POLL_S: Final = 0.2


def show_status(call: Call) -> int:
    """Show the status; with `--watch` anew after each change, until Ctrl-C."""
    engine = call.engine()
    if not call.extras["watch"]:
        call.show(call.perform(engine))
        return 0
    on_tty = terminal.Terminal.of_stdout().tabular
    for number in _changes():
        view = call.perform(engine)
        if call.as_json:
            terminal.show_json(jsonable(view), one_line=True)
            continue
        if on_tty:
            terminal.clear_screen()
        elif number:
            terminal.show([line("")])
        terminal.show(call.blocks(view))
    return 0


def show_events(call: Call) -> int:
    """List the audit trail; with `--follow` go on with what happens, until Ctrl-C."""
    engine = call.engine()
    if not call.extras["follow"]:
        call.show(call.perform(engine))
        return 0
    from core.engine.overview import events

    last = -1
    for _ in _changes():
        found = call.perform(engine) if last < 0 else events(engine, since=last)
        print_events(call, found)
        last = found[-1].id if found else max(last, 0)
    return 0


def print_events(call: Call, found: tuple[Event, ...]) -> None:
    """Print events as they come in: JSON objects, or rows without a head."""
    if call.as_json:
        for event in found:
            terminal.show_json(jsonable(event), one_line=True)
    elif found:
        rows = replace(terminal.Terminal.of_stdout(), heads=False)
        terminal.show([event_table(found)], rows)


def _changes() -> Iterator[int]:
    """Yield 0 now and 1, 2, … after commits of any process."""
    from core.store.connection import data_version

    seen = -1
    for number in count():
        while (version := data_version()) == seen:
            time.sleep(POLL_S)
        seen = version
        yield number
