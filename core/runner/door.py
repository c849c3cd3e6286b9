"""The runner's socket: where its agent's `weft` and `weft mcp` ask, instead of the database.

A request is a line of JSON `{"operation", "arguments", "json"}`, its answer a line
`{"result"}` or `{"error": {"code", "message", "reasons", "hint"}}`; one connection may ask many
times, one after the other. Who hangs up while it waits wants no answer any more.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from core.errors import UsageError
from core.processes.identity import WINDOWS
from core.runner.acts import told
from core.runner.reach import SOCKET_FILE, socket_folder
from core.runner.socket_client import TCP

if TYPE_CHECKING:
    from pathlib import Path

    from core.runner.acts import Acts

logger = logging.getLogger(__name__)
_LONGEST_REQUEST: Final = 1024 * 1024


class Door:
    """Serves one run's agent while it works.

    Attributes:
        address: What WEFT_SOCKET is to say; empty before `open`.
        folder: The private folder of the socket, or None where there is none.
    """

    def __init__(self, run_id: str, acts: Acts) -> None:
        self._run_id = run_id
        self._acts = acts
        self._server: asyncio.Server | None = None
        self._secret = ""
        self._passing = False
        self._callers: set[asyncio.Task[None]] = set()
        self.address = ""
        self.folder: Path | None = None

    async def open(self) -> None:
        """Begin to listen."""
        if WINDOWS:
            self._secret = os.urandom(24).hex()
            self._server = await asyncio.start_server(
                self._take, "127.0.0.1", 0, limit=_LONGEST_REQUEST
            )
            port = self._server.sockets[0].getsockname()[1]
            self.address = f"{TCP}{port}:{self._secret}"
            return
        self.folder, self._passing = socket_folder(self._run_id)
        file = self.folder / SOCKET_FILE
        file.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._take, file, limit=_LONGEST_REQUEST)
        os.chmod(file, 0o600)  # noqa: PTH101  the same by either name
        self.address = str(file)

    async def close(self) -> None:
        """Hang up on everybody and take the socket away."""
        if self._server is not None:
            self._server.close()
        for caller in self._callers:
            caller.cancel()
        await asyncio.gather(*self._callers, return_exceptions=True)
        if self.folder is not None:
            (self.folder / SOCKET_FILE).unlink(missing_ok=True)
            if self._passing:
                shutil.rmtree(self.folder, ignore_errors=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = asyncio.current_task()
        assert caller is not None
        self._callers.add(caller)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                if not self._secret or await self._knows_the_secret(reader):
                    await self._serve(reader, writer)
        finally:
            self._callers.discard(caller)
            writer.close()

    async def _knows_the_secret(self, reader: asyncio.StreamReader) -> bool:
        said = (await reader.readline()).rstrip(b"\n")
        import hmac  # loads OpenSSL, and is for Windows alone

        return hmac.compare_digest(said, self._secret.encode())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        following = asyncio.create_task(_next_line(reader))
        try:
            while request := await following:
                following = asyncio.create_task(_next_line(reader))
                answer = await self._answer_unless_gone(request, following)
                if answer is None:
                    return
                writer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8") + b"\n")
                await writer.drain()
        finally:
            following.cancel()

    async def _answer_unless_gone(
        self, request: bytes, following: asyncio.Task[bytes]
    ) -> dict[str, Any] | None:
        """Return the answer, or None when the caller hangs up before there is one."""
        answer = asyncio.create_task(self._answer(request))
        await asyncio.wait({answer, following}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done() and following.result() == b"":
            answer.cancel()
            with suppress(asyncio.CancelledError):
                await answer
            return None
        return await answer

    async def _answer(self, request: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(request)
        except ValueError:
            asked = None
        match asked:
            case {"operation": str(operation), "arguments": dict(arguments)}:
                as_json = bool(asked.get("json", True))
                return await self._acts.perform(operation, arguments, as_json=as_json)
            case _:
                return {"error": told(UsageError("That is no request of a run's agent."))}


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """Return the next line; nothing at the end, or when it is longer than any request."""
    try:
        return await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return b""
