"""How the command line shows the operations of agents and starts the two servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

RENDERERS: Final[Mapping[str, str]] = {
    "agent claim": "runs:claimed",
    "agent task": "agents:my_task",
    "agent heartbeat": "agents:state",
    "agent state": "agents:state",
    "agent reserve": "agents:reserved",
    "agent release": "agents:released",
    "agent check": "conflicts:matrix",
    "agent ask": "agents:asked",
    "agent complete": "agents:completed",
    "worker spawn": "agents:spawned",
    "worker merge": "agents:merged",
}
SERVERS: Final[Mapping[str, str]] = {"mcp": "serving:serve_tools", "serve": "serving:serve_http"}
