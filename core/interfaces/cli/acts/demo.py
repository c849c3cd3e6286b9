"""`weft demo`: the whole way on a sample repository, in the window or without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli import terminal
from core.interfaces.cli.acts.window import has_display, open_window

if TYPE_CHECKING:
    from core.interfaces.cli.call import Call


def show_demo(call: Call) -> int:
    """Make the sample repository and open the window on it, or run it through here.

    Without a display it runs through here, as with `--headless`.
    """
    headless = call.values.pop("headless", False)
    engine = call.engine()
    if headless or not has_display():
        if not headless:
            terminal.say("There is no display: running the demo without its window.")
        succeeded = call.perform(engine, say=terminal.say)
        call.show(succeeded)
        return 0 if succeeded else 1
    from core.engine.demo import make_demo
    from core.interfaces.cli.call import finished

    repo = finished(make_demo(engine))
    terminal.say(f"The sample repository is {repo.path}.")
    return open_window(repo.path)
