"""A window's engine without the window: what a test can kill, or let work beside others.

`python window_process.py FOLDER` opens the engine's thread as the window does, prints each event
that it hears of as a line of JSON, and obeys lines on standard input: `work NAME` claims and
finishes tasks as that person until none is left, `run` launches an agent on whatever fits, `stop`
ends it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.domain.jsonable import jsonable
from core.engine import launching, overview, runs, tasks
from core.engine.thread import EngineThread
from core.errors import Refused

if TYPE_CHECKING:
    from concurrent.futures import Future

    from core.domain.claim import Claim
    from core.domain.event import Event
    from core.domain.run import Run
    from core.domain.task import Task

LONG_S = 90.0


def say(kind: str, value: object) -> None:
    """Print one line for the test."""
    sys.stdout.write(json.dumps({kind: jsonable(value)}) + "\n")
    sys.stdout.flush()


def hear(events: list[Event]) -> None:
    """Print what was heard."""
    for event in events:
        say("event", event)


def work(thread: EngineThread, name: str) -> None:
    """Claim and finish one task after the other until nothing is in the backlog."""
    while True:
        try:
            claim: Future[Claim] = thread.submit(runs.claim, worker=name)
            key = claim.result(LONG_S).task
        except Refused as error:
            say("end", str(error))
            return
        done: Future[Task] = thread.submit(tasks.done, key)
        done.result(LONG_S)


def main() -> None:
    """Obey standard input until it ends."""
    thread = EngineThread(Path(sys.argv[1]))
    thread.follow(hear)
    thread.start()
    say("board", thread.submit(overview.board).result(LONG_S))
    for line in sys.stdin:
        match line.split():
            case ["work", name]:
                work(thread, name)
            case ["run"]:
                started: Future[tuple[Run, ...]] = thread.submit(launching.run, all=True)
                say("started", len(started.result(LONG_S)))
            case _:
                break
    thread.stop()


if __name__ == "__main__":
    main()
