"""The two servers, as commands: agents reach Weft through one, programs through the other."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param, ParamKind

_GROUP: Final = "Serve"

DOORS: Final = (
    Operation(
        "mcp",
        "core.interfaces.mcp.server:serve",
        _GROUP,
        "Serve an agent's tools over standard input and output (Model Context Protocol).",
        (
            Param(
                "role",
                "Whose tools: one worker's own, or those of who directs workers.",
                ParamKind.CHOICE,
                "--role",
                choices=("worker", "supervisor"),
            ),
            Param(
                "worker",
                "Who acts; WEFT_WORKER if left out.",
                flag="--worker",
                metavar="NAME",
            ),
        ),
        ("weft mcp --worker agent-quick-1", "weft mcp --role supervisor"),
        changes=True,
        needs_repo=False,
        local=True,
    ),
    Operation(
        "serve",
        "core.interfaces.http.server:serve",
        _GROUP,
        "Serve programs on this machine over HTTP, and run the loops, until Ctrl-C.",
        (Param("port", "Port on 127.0.0.1; 0 takes a free one.", ParamKind.INT, "--port"),),
        ("weft serve", "weft serve --port 0 --json"),
        changes=True,
        needs_repo=False,
        local=True,
        details=(
            "Every request needs the token in the file api-token of Weft's home. The description"
            " of all routes is at /openapi.json."
        ),
    ),
)
