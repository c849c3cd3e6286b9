"""`weft task import`: from a file or standard input."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.interfaces.cli.call import Call

_STDIN_NAME = "standard input"


def import_tasks(call: Call) -> int:
    """Import and tell what became of each entry; the status is 1 if none could be taken."""
    if call.values["file"] == "-":
        text = sys.stdin.read()
        looks_json = text.lstrip().startswith(("[{", "[\n", "{"))
        call.values["file"] = f"{_STDIN_NAME}.json" if looks_json else _STDIN_NAME
        report = call.perform(call.engine(), text=text)
    else:
        report = call.perform(call.engine())
    call.show(report)
    return 0 if report.taken else 1
