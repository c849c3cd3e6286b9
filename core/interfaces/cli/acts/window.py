"""Bare `weft`: the window."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from core.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def open_window(folder: Path | None) -> int:
    """Open the window on the repository of *folder*, else of the current folder.

    Raises:
        EnvironmentFault: There is no display to open it on.
    """
    if not has_display():
        raise EnvironmentFault(
            "There is no display to open the window on: use `weft status` here, or start weft"
            " where DISPLAY or WAYLAND_DISPLAY is set."
        )
    # By name: the engine's doors know nothing of the window, and this is where a process starts.
    run: Callable[[Path | None], int] = import_module("gui.app").run
    return run(folder)


def has_display() -> bool:
    """Return whether Qt would find a screen; only on Linux it may be missing."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
