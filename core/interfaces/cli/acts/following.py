"""`status --watch`, `log --follow`, `events --follow`: show, then go on as things happen."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Final

from core.domain.jsonable import jsonable
from core.domain.run import LIVE
from core.interfaces.cli import terminal
from core.interfaces.cli.blocks import line
from core.interfaces.cli.render.overview import event_table, transcript_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.domain.event import Event
    from core.domain.overview import TranscriptLine
    from core.domain.run import Run
    from core.engine.context import Engine
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
        _print_events(call, found)
        last = found[-1].id if found else max(last, 0)
    return 0


def show_log(call: Call) -> int:
    """Show a task's events; with `--follow` its transcript too, until its run has ended.

    Without a live run it waits for one, until Ctrl-C.
    """
    engine = call.engine()
    found: tuple[Event, ...] = call.perform(engine)
    if not call.extras["follow"]:
        call.show(found)
        return 0
    _print_events(call, found)
    _Follower(call, engine, last_event=found[-1].id if found else 0).follow()
    return 0


class _Follower:
    """Follows one task: its events and the transcript of its newest run."""

    def __init__(self, call: Call, engine: Engine, *, last_event: int) -> None:
        self._call = call
        self._engine = engine
        self._key = str(call.values["key"])
        self._last_event = last_event
        self._offsets: dict[str, int] = {}
        self._saw_live = False

    def follow(self) -> None:
        while True:
            run = self._newest_run()
            self._saw_live = self._saw_live or (run is not None and run.status in LIVE)
            if run is not None and self._saw_live:
                self._print_transcript(run)
            self._print_new_events()
            if self._saw_live and run is not None and run.status not in LIVE:
                return
            time.sleep(POLL_S)

    def _newest_run(self) -> Run | None:
        from core.engine.tasks import task_show

        runs = task_show(self._engine, self._key).runs
        return runs[0] if runs else None

    def _print_transcript(self, run: Run) -> None:
        from core.engine.runs import transcript

        while True:
            offset = self._offsets.get(run.id, 0)
            page = transcript(self._engine, run.id, offset=offset)
            self._print_lines(page.lines)
            self._offsets[run.id] = page.next_offset
            if not page.lines or page.next_offset == offset:
                return

    def _print_lines(self, lines: tuple[TranscriptLine, ...]) -> None:
        if self._call.as_json:
            for said in lines:
                terminal.show_json(jsonable(said), one_line=True)
        else:
            terminal.show(transcript_line(said) for said in lines)

    def _print_new_events(self) -> None:
        from core.engine.overview import log

        fresh = [e for e in log(self._engine, self._key) if e.id > self._last_event]
        if fresh:
            self._last_event = fresh[-1].id
            _print_events(self._call, tuple(fresh))


def _print_events(call: Call, found: tuple[Event, ...]) -> None:
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
