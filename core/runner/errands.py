"""Acts that need a whole engine: each done by a short-lived process of the runner's own.

So the runner stays small, and git's processes are not mistaken for the agent's.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from core.errors import EnvironmentFault
from core.processes.identity import look
from core.processes.programs import CREATION_FLAGS, errand_command, importable, own_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.processes.identity import ProcessIdentity
    from core.runner.records import Assignment

logger = logging.getLogger(__name__)
_AT_ONCE: Final = 2
_LIMIT_S: Final = 300.0


class Errands:
    """Sends errands out for one run; *known* is told which processes are not the agent's."""

    def __init__(self, mine: Assignment, known: set[ProcessIdentity]) -> None:
        self._mine = mine
        self._known = known
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def send(
        self, operation: str, arguments: Mapping[str, Any], *, as_json: bool
    ) -> dict[str, Any]:
        """Have *operation* done and return its answer: `{"result"}` or `{"error"}`.

        Raises:
            EnvironmentFault: The process failed or took too long.
        """
        mine = self._mine
        request = {
            "repo": str(mine.repo.path),
            "worker": mine.worker,
            "task": mine.task,
            "run": mine.run,
            "operation": operation,
            "arguments": dict(arguments),
            "json": as_json,
        }
        async with self._places:
            return await self._sent(json.dumps(request).encode())

    async def _sent(self, request: bytes) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            *errand_command(),
            env=importable(own_environment()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            creationflags=CREATION_FLAGS,
        )
        seen = look(process.pid)
        identity = None if seen is None else seen.identity
        if identity is not None:
            self._known.add(identity)
        try:
            async with asyncio.timeout(_LIMIT_S):
                said, complaint = await process.communicate(request)
            found: dict[str, Any] = json.loads(said)
        except (TimeoutError, ValueError) as error:
            raise EnvironmentFault("Weft could not do that now.") from error
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if identity is not None:
                self._known.discard(identity)
        if complaint:
            logger.warning("an errand said: %s", complaint.decode("utf-8", "replace"))
        return found
