"""`weft demo`: the whole way on a sample repository, in the window or without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli import terminal
from core.interfaces.cli.acts.window import has_display, open_window
from core.interfaces.cli.blocks import line

if TYPE_CHECKING:
    from core.interfaces.cli.call import Call


def show_demo(call: Call) -> int:
    """Make the sample repository and open the window on it, or run it through here.

    Without a display it runs through here, as with `--headless`.
    """
    headless = call.values.pop("headless", False)
    if not headless and has_display():
        return open_window(None, demo=True)
    if not headless:
        terminal.say("There is no display: running the demo without its window.")
    say = terminal.say if call.as_json else _tell
    succeeded = call.perform(call.engine(), say=say)
    call.show(succeeded)
    return 0 if succeeded else 1


def _tell(text: str) -> None:
    """Print a line of the story: it is the demo's answer."""
    terminal.show([line(text)])
