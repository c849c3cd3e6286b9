"""Entry of the runner's process: `python -m core.runner RUN_ID`."""

from __future__ import annotations

import core.runner.lean  # noqa: F401  first of all: see there

# isort: split
import asyncio
import logging
import os
import signal
import sys
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.agents.environment import passed_on
from core.agents.masking import Masker, secret_values
from core.agents.transcript import FILE_NAME, Transcript
from core.clock import SystemClock
from core.domain.run import RunStatus
from core.errors import EngineError, EnvironmentFault
from core.paths import database_file, run_folder
from core.processes.identity import WINDOWS, own_identity
from core.processes.tree import keep_private
from core.runner.database_thread import DatabaseThread
from core.runner.disk import has_room, until_room
from core.runner.fence import take_down
from core.runner.life import RunLife
from core.runner.order import LOG_FILE, TOKEN_VARIABLE
from core.runner.records import Assignment, take_run, token_from_environment
from core.runner.signals import signals_as
from core.runner.speech import Speech
from core.store.connection import DATABASE_ERRORS

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from core.runner.verdict import Verdict

logger = logging.getLogger("core.runner")
REFUSED: Final = 1
BUG: Final = 70
"""Exit status after an unexpected exception: EX_SOFTWARE of sysexits(3)."""


def main(argv: list[str]) -> int:
    """Be the runner of the run that *argv* names; return the exit status."""
    (run_id,) = argv
    keep_private()  # the person's whole environment is in it, and agents may look around
    folder = run_folder(run_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.basicConfig(
        filename=folder / LOG_FILE,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    if not WINDOWS:
        # Until the run is taken, all signals end this process. asyncio would catch this one with
        # a handler that Python's `signal` writes out when it is replaced: that loads inspect.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return asyncio.run(_serve(run_id))
    except EngineError as error:
        logger.error("%s", error)  # noqa: TRY400  a refusal needs no traceback
        return REFUSED


async def _serve(run_id: str) -> int:
    clock = SystemClock()
    token = token_from_environment(TOKEN_VARIABLE)
    database = DatabaseThread(database_file())
    try:
        mine = await database.call(take_run, run_id, token, own_identity(), clock.now())
        logger.info("took %s for %s", run_id, mine.task)
        try:
            return await _do_run(mine, database, clock)
        except Exception as error:  # the process entry: the run must not stay as if alive
            logger.exception("run %s failed through a bug", run_id)
            await _record_bug(mine, error, database, clock)
            return BUG
        finally:
            take_down(run_id)
    finally:
        database.close()


async def _do_run(mine: Assignment, database: DatabaseThread, clock: SystemClock) -> int:
    masker = Masker(secret_values({**passed_on(mine.order.passed, os.environ), **mine.order.env}))
    with Transcript(run_folder(mine.run) / FILE_NAME, masker=masker) as transcript:
        speech = Speech(transcript, clock, masker)
        life = RunLife(mine, speech, database, clock)
        with _leaving_on_signals(life):
            verdict = await life.live()
            verdict = replace(verdict, reason=masker.mask(verdict.reason))
            verdict = await _finish(mine, speech, verdict, database, clock)
    logger.info("%s ended: %s %s", mine.run, verdict.status.value, verdict.reason)
    return 0


def _leaving_on_signals(life: RunLife) -> AbstractContextManager[None]:
    if WINDOWS:
        return nullcontext()
    return signals_as(life.ask_to_leave, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


async def _finish(
    mine: Assignment, speech: Speech, verdict: Verdict, database: DatabaseThread, clock: SystemClock
) -> Verdict:
    """End the run; on a full disk, which keeps that from being recorded, as soon as it can be."""
    from core.runner.ending import finish  # git's plumbing: not before it is needed

    while True:
        try:
            return await finish(mine, speech, verdict, database, clock)
        except (EnvironmentFault, *DATABASE_ERRORS) as error:
            if has_room():
                raise
            logger.warning("the end of %s waits for room on the disk: %s", mine.run, error)
            await until_room()
            speech.keep()


async def _record_bug(
    mine: Assignment, error: Exception, database: DatabaseThread, clock: SystemClock
) -> None:
    from core.queue import outcomes  # all else that ends a run is loaded with its end

    await database.call(
        outcomes.run_ended,
        mine.repo,
        mine.run,
        RunStatus.FAILED,
        reason=f"The runner failed through a bug of Weft's: {error!r}",
        max_attempts=mine.order.max_attempts,
        now=clock.now(),
        actor="weft",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
