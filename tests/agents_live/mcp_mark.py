"""A stdio MCP server with one tool, `mark`, that leaves a file when it is called."""

from __future__ import annotations

import os
from pathlib import Path

from mcp.server import MCPServer

server = MCPServer("weft")


@server.tool()
def mark(text: str) -> str:
    """Leave a mark."""
    Path(os.environ["MARK"]).write_text(text)
    return f"marked: {text}"


if __name__ == "__main__":
    server.run()
