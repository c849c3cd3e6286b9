"""What an agent may ask of its client: leave for an act, and files of its worktree."""

from __future__ import annotations

import asyncio
import itertools
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from acp import RequestError
from acp.schema import (
    AllowedOutcome,
    DeniedOutcome,
    ReadTextFileResponse,
    RequestPermissionResponse,
    WriteTextFileResponse,
)

from core.agents.acp import files
from core.agents.acp.shape import one_line
from core.agents.invocation import SERVER
from core.domain.agent_event import PermissionAsked
from core.domain.question import OptionKind, QuestionOption
from core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from acp.schema import PermissionOption, ToolCallUpdate

    from core.agents.acp.updates import Updates
    from core.domain.agent_event import AgentEvent

_KINDS: Final[Mapping[str, OptionKind]] = MappingProxyType(
    {
        "allow_once": OptionKind.ALLOW_ONCE,
        "allow_always": OptionKind.ALLOW_ALWAYS,
        "reject_once": OptionKind.DENY,
        "reject_always": OptionKind.DENY_ALWAYS,
    }
)
_ALLOWING: Final = (OptionKind.ALLOW_ONCE, OptionKind.ALLOW_ALWAYS)
_DENYING: Final = (OptionKind.DENY, OptionKind.DENY_ALWAYS)
_WORDS: Final[Mapping[str, tuple[OptionKind, ...]]] = MappingProxyType(
    {
        "yes": _ALLOWING,
        "allow": _ALLOWING,
        "no": _DENYING,
        "deny": _DENYING,
        "": _DENYING,
    }
)
_OURS: Final = re.compile(
    rf"mcp__{SERVER}__\w+|mcp\.{SERVER}\.\w+|{SERVER}_\w+|\w+ \({SERVER} MCP Server\)"
)
"""How agents call the tools of Weft's own server."""
_FAILED: Final = -32603


@dataclass(slots=True)
class _Asked:
    """A request that waits; `chosen` gets the option's id, or None to take the request back."""

    title: str
    call: str
    options: tuple[QuestionOption, ...]
    chosen: asyncio.Future[str | None] = field(default_factory=asyncio.Future)


class Client:
    """Answers the agent's requests.

    Attributes:
        denied: Titles of what was refused in the turn.
        denied_call: The tool call that was refused last in the turn, by its id.
    """

    def __init__(
        self,
        worktree: Path,
        updates: Updates,
        tell: Callable[[AgentEvent], Awaitable[None]],
        *,
        trusts_weft: bool,
    ) -> None:
        self._worktree = worktree
        self._updates = updates
        self._tell = tell
        self._trusts_weft = trusts_weft
        self._asked: dict[str, _Asked] = {}
        self._numbers = itertools.count(1)
        self.denied: list[str] = []
        self.denied_call = ""

    def begin_turn(self) -> None:
        """Forget what was refused in the turn before."""
        self.denied.clear()
        self.denied_call = ""

    def answer(self, token: str, answer: str) -> bool:
        """Let a request go on; False when it is not open or *answer* is none of its options."""
        asked = self._asked.get(token)
        if asked is None or asked.chosen.done():
            return False
        known, option = _pick(asked.options, answer)
        if not known:
            return False
        if option is None or option.kind in _DENYING:
            self.denied.append(asked.title)
            self.denied_call = asked.call
        asked.chosen.set_result(None if option is None else option.id)
        return True

    def take_back(self) -> None:
        """Answer whatever waits with `cancelled`, as the protocol wants before a cancel."""
        for asked in self._asked.values():
            if not asked.chosen.done():
                asked.chosen.set_result(None)

    async def request_permission(
        self,
        session_id: str,
        tool_call: ToolCallUpdate,
        options: Sequence[PermissionOption],
        **_: Any,
    ) -> RequestPermissionResponse:
        """Wait for a person; Weft's own tools need no leave."""
        del session_id
        call = self._updates.calls.merged(tool_call.model_dump(mode="json", by_alias=True))
        self._updates.use(call.id)
        offered = tuple(
            QuestionOption(option.option_id, one_line(option.name), _KINDS[option.kind])
            for option in options
        )
        own = self._trusts_weft and any(_OURS.fullmatch(name) for name in (call.title, call.name))
        if own and (allowed := _first(offered, *_ALLOWING)):
            return _outcome(allowed.id)
        token = f"permission-{next(self._numbers)}"
        asked = self._asked[token] = _Asked(call.shown_title, call.id, offered)
        try:
            await self._tell(
                PermissionAsked(
                    token, call.shown_title, call.kind, call.detail, call.paths, offered
                )
            )
            return _outcome(await asked.chosen)
        finally:
            del self._asked[token]

    async def read_text_file(
        self,
        session_id: str,
        path: str,
        line: int | None = None,
        limit: int | None = None,
        **_: Any,
    ) -> ReadTextFileResponse:
        """Read a file of the worktree: some agents ask although it was not offered."""
        del session_id
        self._updates.acted = True
        try:
            text = await asyncio.to_thread(
                files.read_text, self._worktree, path, line=line, limit=limit
            )
        except FileNotFoundError as error:
            raise RequestError.resource_not_found(path) from error
        except (UserError, OSError) as error:
            raise RequestError(_FAILED, _told(error)) from error
        return ReadTextFileResponse(content=text)

    async def write_text_file(
        self, session_id: str, path: str, content: str, **_: Any
    ) -> WriteTextFileResponse:
        """Write a file of the worktree: OpenCode, Qwen and Kimi leave it to their client."""
        del session_id
        self._updates.acted = True
        try:
            await asyncio.to_thread(files.write_text, self._worktree, path, content)
        except (UserError, OSError) as error:
            raise RequestError(_FAILED, _told(error)) from error
        return WriteTextFileResponse()

    async def create_terminal(self, **_: Any) -> None:
        """Refuse: terminals are not offered; agents run their commands themselves."""
        raise RequestError.method_not_found("terminal")

    terminal_output = release_terminal = create_terminal
    wait_for_terminal_exit = kill_terminal = create_terminal

    async def ext_method(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Refuse a request that only another client knows."""
        del params
        raise RequestError.method_not_found(f"_{method}")


def _pick(options: tuple[QuestionOption, ...], answer: str) -> tuple[bool, QuestionOption | None]:
    """Return whether *answer* is one, and its option; none takes the request back, as a refusal."""
    for option in options:
        if answer == option.id:
            return True, option
    said = answer.strip().casefold()
    kinds = _WORDS.get(said) or tuple(kind for kind in OptionKind if kind.value == said)
    found = _first(options, *kinds)
    if found is not None:
        return True, found
    return bool(kinds) and kinds[0] in _DENYING, None


def _first(options: tuple[QuestionOption, ...], *kinds: OptionKind) -> QuestionOption | None:
    """Return the first option of the first kind that is offered: ids differ, kinds do not."""
    return next((one for kind in kinds for one in options if one.kind is kind), None)


def _outcome(option_id: str | None) -> RequestPermissionResponse:
    if option_id is None:
        return RequestPermissionResponse(outcome=DeniedOutcome(outcome="cancelled"))
    return RequestPermissionResponse(
        outcome=AllowedOutcome(outcome="selected", option_id=option_id)
    )


def _told(error: Exception) -> str:
    return error.message if isinstance(error, UserError) else str(error)
