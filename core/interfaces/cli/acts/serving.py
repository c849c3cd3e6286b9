"""`weft mcp`, `weft serve`: hand over to the other doors, by name: no door knows another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.interfaces.cli.call import Call


def serve_tools(call: Call) -> int:
    """Serve an agent's tools on standard input and output until its client is gone."""
    folder = (
        call.folder() if call.asked.repo else Path(os.environ.get("WEFT_REPO") or call.folder())
    )
    status: int = call.operation.load()(folder, **call.values)
    return status


def serve_http(call: Call) -> int:
    """Serve HTTP on the loopback address until Ctrl-C."""
    status: int = call.operation.load()(call.folder(), as_json=call.as_json, **call.values)
    return status
