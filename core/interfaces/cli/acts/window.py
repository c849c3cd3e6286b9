"""Bare `weft`: the window."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable


def open_window(repo: Path | None, *, demo: bool = False) -> int:
    """Open the window on *repo*, else on the current folder's, else on the last one.

    With *demo* it makes the sample repository and opens that.

    Raises:
        EnvironmentFault: There is no display to open it on, or Qt cannot be loaded.
    """
    if not has_display():
        raise EnvironmentFault(
            "There is no display to open the window on: use `weft status` here, or start weft"
            " where DISPLAY or WAYLAND_DISPLAY is set."
        )
    try:
        import_module("PySide6.QtWidgets")
    except ImportError as error:
        raise EnvironmentFault(
            f"The window's libraries cannot be loaded: {error}.",
            hint="Install what is missing; without the window there is `weft status`.",
        ) from error
    # By name: the engine's doors know nothing of the window, and this is where a process starts.
    run: Callable[..., int] = import_module("gui.app").run
    folder = None if demo else repo or _current_folder()
    return run(folder, demo=demo, named=repo is not None)


def has_display() -> bool:
    """Return whether Qt would find a screen; only on Linux it may be missing."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _current_folder() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None
