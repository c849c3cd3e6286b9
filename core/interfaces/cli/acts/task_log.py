"""`weft log`: what happened to a task, what its agent said, and what it says next."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.transcript import tail_offset
from core.domain.jsonable import jsonable
from core.domain.run import LIVE
from core.engine.overview import log
from core.engine.runs import transcript
from core.engine.tasks import task_show
from core.interfaces.cli import terminal
from core.interfaces.cli.acts.following import POLL_S, print_events
from core.interfaces.cli.render.overview import run_heading, transcript_line

if TYPE_CHECKING:
    from core.domain.event import Event
    from core.domain.run import Run
    from core.domain.transcript import TranscriptLine
    from core.engine.context import Engine
    from core.interfaces.cli.call import Call

LAST_LINES: Final = 200
"""Of a transcript, unless `--limit` says otherwise."""


def show_log(call: Call) -> int:
    """Show a task's events and the end of its newest transcript.

    With `--follow` it goes on until the live run has ended; without a live run it waits for one,
    until Ctrl-C. As JSON without `--follow` it is the array of events alone.
    """
    engine = call.engine()
    found: tuple[Event, ...] = call.perform(engine)
    follower = _Follower(call, engine, last_event=found[-1].id if found else 0)
    if call.extras["follow"]:
        print_events(call, found)
        follower.follow()
        return 0
    call.show(found)
    if not call.as_json:
        follower.print_newest()
    return 0


class _Follower:
    """Follows one task: its events and the transcript of its newest run."""

    def __init__(self, call: Call, engine: Engine, *, last_event: int) -> None:
        self._call = call
        self._engine = engine
        self._key = str(call.values["key"])
        self._last_event = last_event
        self._offsets: dict[str, int] = {}

    def follow(self) -> None:
        """Print what comes, until a run that was live has ended."""
        saw_live = False
        while True:
            run = self._newest_run()
            saw_live = saw_live or (run is not None and run.status in LIVE)
            if run is not None and saw_live:
                self._print_transcript(run)
            self._print_new_events()
            if saw_live and run is not None and run.status not in LIVE:
                return
            time.sleep(POLL_S)

    def print_newest(self) -> None:
        """Print the end of the newest run's transcript, if there is one."""
        run = self._newest_run()
        if run is not None:
            terminal.show(run_heading(run))
            self._print_transcript(run)

    def _newest_run(self) -> Run | None:
        runs = task_show(self._engine, self._key).runs
        return runs[0] if runs else None

    def _print_transcript(self, run: Run) -> None:
        if run.id not in self._offsets:
            most = self._call.values.get("limit", LAST_LINES)
            self._offsets[run.id] = tail_offset(Path(run.transcript), lines=most)
        while True:
            offset = self._offsets[run.id]
            page = transcript(self._engine, run.id, offset=offset)
            self._print_lines(page.lines)
            self._offsets[run.id] = page.next_offset
            if page.next_offset == offset:
                return

    def _print_lines(self, lines: tuple[TranscriptLine, ...]) -> None:
        if self._call.as_json:
            for said in lines:
                terminal.show_json(jsonable(said), one_line=True)
        else:
            terminal.show(transcript_line(said) for said in lines)

    def _print_new_events(self) -> None:
        fresh = [e for e in log(self._engine, self._key) if e.id > self._last_event]
        if fresh:
            self._last_event = fresh[-1].id
            print_events(self._call, tuple(fresh))
