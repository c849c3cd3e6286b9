"""A window without a screen: runs the loops, and says what it sees of one run.

Usage: window.py REPO RUN [SECONDS]; prints `STATUS PID` once it has recovered what was to recover,
then goes on with the loops for SECONDS, or until it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from core.dispatch.live import run_record
from core.engine import launching
from core.engine.context import open_engine
from core.engine.loops import keep_going


async def main(repo: str, run_id: str, seconds: str = "600") -> None:
    engine = open_engine(Path(repo))
    await launching.recover(engine)
    run = run_record(run_id)
    sys.stdout.write(f"{run.status.value} {run.pid}\n")
    sys.stdout.flush()
    stopping = asyncio.Event()
    asyncio.get_running_loop().call_later(float(seconds), stopping.set)
    await keep_going(engine, stopping)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
