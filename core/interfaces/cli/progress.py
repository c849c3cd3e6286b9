"""Progress on stderr: one line that is written anew on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Self

from core.interfaces.cli import terminal

if TYPE_CHECKING:
    from core.domain.merge_run import MergeProgress


class ProgressLine:
    """What is done now; its methods are what the engine's operations call.

    Args:
        quiet: Show nothing where there is no terminal: for what takes less than a second.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._tty = terminal.is_tty(sys.stderr)
        self._silent = quiet and not self._tty
        self._shown = False
        self._last = ""

    def counted(self, what: str, step: int, of: int) -> None:
        """Show that *what* is done now, as step *step* of *of*."""
        self.tell(f"{step}/{of} {what}" if of else what)

    def merging(self, now: MergeProgress) -> None:
        """Show how far a plan or a merge run is."""
        self.counted(now.text, now.done, now.total)

    def tell(self, text: str) -> None:
        """Show that *text* is done now."""
        if self._silent or text == self._last:
            return
        self._last = text
        if not self._tty:
            terminal.say(text)
            return
        room = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"\r\x1b[K{terminal.cut(terminal.harmless(text), room)}")
        sys.stderr.flush()
        self._shown = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Take the line off the terminal, before anything else is printed."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False
