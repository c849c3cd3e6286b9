"""`weft init`: the path may be given as its argument or, as everywhere, by `--repo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.call import call_and_show

if TYPE_CHECKING:
    from core.interfaces.cli.call import Call


def register(call: Call) -> int:
    """Register the repository that is named either way, or the one of the current folder."""
    if call.asked.repo is not None:
        call.values.setdefault("path", str(call.folder()))
    return call_and_show(call)
