"""Imports and lexers are made ready away from the window's thread."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from gui.warm_up import LEXED, import_apart, in_turn, prepare_colors
from gui.widgets.syntax import lexer_for

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from pytestqt.qtbot import QtBot

    from tests.gui.conftest import Complete


def test_modules_are_imported_on_another_thread(
    complete: Complete, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import threading\nTHREAD = threading.current_thread().name\n"
    (tmp_path / "imported_apart.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)

    complete(import_apart(["imported_apart"]))

    assert sys.modules.pop("imported_apart").THREAD.startswith("weft-import")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("weft-import")]


def test_modules_of_the_window_are_imported_on_its_own_thread_one_each_turn() -> None:
    code = (
        "import asyncio, importlib, sys, threading\n"
        "import gui.main_window\n"
        "from gui import warm_up\n"
        "turns = []\n"
        "def imported(name):\n"
        "    before = set(sys.modules)\n"
        "    found = importlib.import_module(name)\n"
        "    own = [n for n in set(sys.modules) - before if n.startswith('gui.')]\n"
        "    turns.append((threading.current_thread() is threading.main_thread(), len(own)))\n"
        "    return found\n"
        "warm_up.import_module = imported\n"
        "asyncio.run(warm_up.import_in_turns('gui.opening'))\n"
        "assert 'gui.opening' in sys.modules\n"
        "print(all(main for main, own in turns if own), max(own for _, own in turns))\n"
        "print(sum(own for _, own in turns) > 30)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.stdout.split(), done.stderr) == (["True", "1", "True"], "")


def test_the_usual_lexers_are_ready_before_code_is_shown(complete: Complete) -> None:
    lexer_for.cache_clear()

    complete(prepare_colors())

    assert lexer_for.cache_info().currsize == len(LEXED)


def test_events_come_between_the_parts_of_a_page(complete: Complete, qtbot: QtBot) -> None:
    done: list[str] = []

    def make(name: str) -> str:
        QTimer.singleShot(0, lambda: done.append(f"event after {name}"))
        done.append(name)
        return name

    async def make_both() -> tuple[str, str]:
        first = await in_turn(lambda: make("one"))
        return first, await in_turn(lambda: make("two"))

    assert complete(make_both()) == ("one", "two")
    qtbot.waitUntil(lambda: len(done) == 4)
    assert done == ["one", "event after one", "two", "event after two"]
