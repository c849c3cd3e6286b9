"""A project whose agents come through MCP: a genuine client of the official SDK over stdio."""

from __future__ import annotations

import os
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import ClientSession, StdioServerParameters, stdio_client

from tests.run_fixtures import bytecode, project

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from tests.runs import RunProject

    Connect = Callable[..., AbstractAsyncContextManager[ClientSession]]

__all__ = ["bytecode", "project"]


@pytest.fixture
def connect(project: RunProject) -> Connect:
    """Start `weft mcp WORDS` in the repository and return a session with it, initialised."""

    @asynccontextmanager
    async def session(*words: str, **environ: str) -> AsyncIterator[ClientSession]:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-c", "from core.interfaces.cli.app import main; main()", "mcp", *words],
            env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environ},
            cwd=project.disk.path,
        )
        async with stdio_client(server) as streams, ClientSession(*streams) as opened:
            await opened.initialize()
            yield opened

    return session


async def told(session: ClientSession, tool: str, **arguments: Any) -> Any:
    """Call a tool and return its structured answer; a refusal fails the test."""
    answer = await session.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    return answer.structured_content
