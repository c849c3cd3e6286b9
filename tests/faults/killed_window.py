"""A window's engine without the window: it kills itself while it claims and launches.

Usage: killed_window.py REPO KEY POINT; or `recover` in the place of a key.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from core.engine import launching
from core.engine.context import open_engine
from tests.core.merging.killed_merge import arm


async def main(repo: str, key: str, point: str) -> None:
    engine = open_engine(Path(repo))
    arm(point)
    if key == "recover":
        await launching.recover(engine)
    else:
        await launching.run(engine, (key,))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
