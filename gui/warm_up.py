"""What is imported and prepared on a thread of its own, so that the window never waits for it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LEXED: Final = ("x.py", "x.toml", "x.js", "x.ts", "x.json", "x.md", "x.sh", "x.html", "x.yml")
"""The usual kinds of file: the first look for a lexer compiles every pattern that there is."""


async def import_apart(names: Iterable[str]) -> None:
    """Import modules one after the other, away from the window's thread."""
    await _apart(partial(import_module, name) for name in names)


async def prepare_colors() -> None:
    """Have the lexers of the usual languages ready before the first code is shown."""
    await import_apart(["gui.widgets.syntax"])
    from gui.widgets.syntax import lexer_for

    await _apart(partial(lexer_for, path) for path in LEXED)


async def _apart(works: Iterable[Callable[[], object]]) -> None:
    with ThreadPoolExecutor(1, "weft-import") as pool:
        for work in works:
            await asyncio.wrap_future(pool.submit(work))
