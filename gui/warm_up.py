"""What is imported and prepared beside the window's other work, so that it never waits for it.

Modules without Qt are imported on a thread of their own. Those of the window are not: Qt classes
that come into being on one thread, while Qt's loop runs on another, now and then end the process by
a segmentation fault, most of all when a screen reader asks for the window at that moment. They come
one each turn of the loop, some milliseconds each.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

R = TypeVar("R")
_OURS: Final = ("gui.", "core.", "pygments")
LEXED: Final = ("x.py", "x.toml", "x.js", "x.ts", "x.json", "x.md", "x.sh", "x.html", "x.yml")
"""The usual kinds of file: the first look for a lexer compiles every pattern that there is."""


async def import_apart(names: Iterable[str]) -> None:
    """Import modules one after the other, away from the window's thread."""
    await _apart(partial(import_module, name) for name in names)


async def import_in_turns(name: str) -> None:
    """Import a module of the window, after those that it needs, with other events between them."""
    own, others = await _apart_one(partial(_needs, name))
    await import_apart(others)
    for module in own:
        import_module(module)
        await asyncio.sleep(0)


def _needs(name: str) -> tuple[list[str], list[str]]:
    """Return the window's modules that importing *name* takes, what they need first; and others.

    Those are of the engine and of Pygments. Nothing is executed: the names of modules that code
    imports are among the names that it knows.
    """
    own: list[str] = []
    others: dict[str, None] = {}
    seen = {name}

    def look_at(module: str) -> None:
        for known in _names_in(module):
            if known in seen or known in sys.modules:
                continue
            seen.add(known)
            if known.startswith("gui."):
                look_at(known)
            else:
                others[known] = None
        own.append(module)

    look_at(name)
    return own, list(others)


def _names_in(module: str) -> tuple[str, ...]:
    spec = find_spec(module)
    get_code = getattr(spec and spec.loader, "get_code", None)
    code = get_code(module) if get_code else None
    return tuple(known for known in code.co_names if known.startswith(_OURS)) if code else ()


async def in_turn(make: Callable[[], R]) -> R:
    """Make a part of a page, and let other events come before the next one."""
    made = make()
    await asyncio.sleep(0)
    return made


async def prepare_colors() -> None:
    """Have the lexers of the usual languages ready before the first code is shown."""
    await import_in_turns("gui.widgets.syntax")
    from gui.widgets.syntax import lexer_for

    await _apart(partial(lexer_for, path) for path in LEXED)


async def _apart(works: Iterable[Callable[[], object]]) -> None:
    with ThreadPoolExecutor(1, "weft-import") as pool:
        for work in works:
            await asyncio.wrap_future(pool.submit(work))


async def _apart_one(work: Callable[[], R]) -> R:
    with ThreadPoolExecutor(1, "weft-import") as pool:
        return await asyncio.wrap_future(pool.submit(work))
