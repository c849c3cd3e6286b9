"""`weft mcp`: one agent's tools over standard input and output, until its client is gone.

The low-level server of the official SDK is used because it takes schemas as they are; the other
one makes them from Python signatures, and ours come from the table of operations.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.types import CallToolResult, ListToolsResult, TextContent, ToolAnnotations
from mcp.types import Tool as ToolEntry

from core.engine.operation import Role
from core.errors import EngineError, UsageError
from core.interfaces.mcp.callers import Caller, EngineCaller, SocketCaller
from core.interfaces.mcp.tools import DESTRUCTIVE, Tool, tools_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mcp.server.context import ServerRequestContext
    from mcp.types import CallToolRequestParams, PaginatedRequestParams

    from core.domain.event import JsonValue

INTERRUPTED: Final = 130
logger = logging.getLogger(__name__)

_OF_WORKER: Final = """\
Weft gives each task to one worker, in a worktree and a branch of its own. my_task tells yours and
where to work. Before you change a file that others may change too, call reserve_files; a refusal
says who holds it. Now and then call heartbeat, which also tells whether to go on; check_conflicts
shows early what your branch collides with. When you cannot decide something, use ask_person. When
you are done call complete_work and stop. If a call is refused, its reasons say what to wait for.
"""
_OF_SUPERVISOR: Final = """\
Weft gives each task to one worker, in a worktree and a branch of its own. You direct workers:
status and list_tasks show what is open and what each task waits for, spawn_worker puts an agent
to work, proposals tells whom the dispatcher would give what and accept_proposal does it,
order_task sets what comes next, merge_plan shows in which order branches land, merge_worker
lands one worker's.
"""


def serve(folder: Path, *, role: str | None = None, worker: str | None = None) -> NoReturn:
    """Serve until the client closes our input or goes away, then end this process.

    Within a run (WEFT_RUN) every call goes to its runner; else the engine is in this process.

    Raises:
        UsageError: A worker's tools, and nobody is named as the worker.
    """
    chosen = Role(role or "worker")
    status = asyncio.run(_serve(chosen, caller_for(chosen, folder, worker, os.environ)))
    # A thread of the SDK may sit in a read of standard input that nothing can interrupt.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(status)


def caller_for(role: Role, folder: Path, worker: str | None, environ: Mapping[str, str]) -> Caller:
    """Return who carries out the calls of this server.

    Raises:
        UsageError: Nobody is named as the worker, or a run asks for a supervisor's tools.
    """
    if environ.get("WEFT_RUN"):
        if role is not Role.WORKER:
            raise UsageError(
                "Within a run only the worker's own tools are served.",
                hint="Leave out --role supervisor.",
            )
        return SocketCaller()
    name = worker or environ.get("WEFT_WORKER")
    if name is None and role is Role.WORKER:
        raise UsageError(
            "Nobody was named whose tools these are.",
            hint="Name the worker: weft mcp --worker NAME, or set WEFT_WORKER.",
        )
    pinned = {"worker": name} if name else {}
    if environ.get("WEFT_TASK"):
        pinned["task"] = environ["WEFT_TASK"]
    return EngineCaller(folder, pinned, actor=name or role.value)


def tool_server(role: Role, caller: Caller) -> Server[Any]:
    """Return the server of a role's tools, on whatever streams it will run."""
    tools = tools_of(role)

    async def list_tools(
        _ctx: ServerRequestContext[Any], _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=[_entry(tool, caller) for tool in tools.values()])

    async def call_tool(
        _ctx: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult:
        return await answered(tools, params.name, params.arguments or {}, caller)

    from importlib.metadata import version

    return Server(
        "weft",
        version=version("weft"),
        instructions=_OF_WORKER if role is Role.WORKER else _OF_SUPERVISOR,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def answered(
    tools: Mapping[str, Tool], name: str, arguments: Mapping[str, JsonValue], caller: Caller
) -> CallToolResult:
    """Carry out one call; whatever goes wrong is an answer that the agent can read."""
    if name not in tools:
        hint = f"There are: {', '.join(tools)}."
        return _refusal("not_found", f"There is no tool {name!r}.", hint=hint)
    try:
        answer = await caller.call(tools[name], arguments)
    except EngineError as error:
        return _refusal(error.code, error.message, error.reasons, error.hint)
    except Exception as bug:  # one call's bug must not end the agent's other tools
        logger.exception("The tool %s failed", name)
        return _refusal("bug", f"This is a bug in Weft: {type(bug).__name__}: {bug}")
    whole = answer if isinstance(answer, dict) else {"result": answer}
    return CallToolResult(
        content=[TextContent(type="text", text=json.dumps(answer, ensure_ascii=False))],
        structured_content=whole,
    )


async def _serve(role: Role, caller: Caller) -> int:
    """Serve until the input ends, nobody reads our answers, or a signal comes.

    Returns:
        The exit status.
    """
    interrupted, unread = asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(_over_stdio(role, caller, unread))
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupted.set)
    waiting = [asyncio.create_task(event.wait()) for event in (interrupted, unread)]
    await asyncio.wait({serving, *waiting}, return_when=asyncio.FIRST_COMPLETED)
    caller.close()
    if not serving.done():
        logging.shutdown()
        # What serves cannot be cancelled while a thread of the SDK reads standard input.
        os._exit(INTERRUPTED if interrupted.is_set() else 0)
    for one in waiting:
        one.cancel()
    error = serving.exception()
    if error is not None and not _is_broken_pipe(error):
        raise error
    return 0


async def _over_stdio(role: Role, caller: Caller, unread: asyncio.Event) -> None:
    server = tool_server(role, caller)
    async with stdio_server() as (incoming, outgoing):
        try:
            await server.run(incoming, outgoing, server.create_initialization_options())
        except asyncio.CancelledError:
            unread.set()  # the SDK's writer has failed: our client is gone
            raise


def _is_broken_pipe(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_broken_pipe(one) for one in error.exceptions)
    return isinstance(error, BrokenPipeError | ConnectionError)


def _entry(tool: Tool, caller: Caller) -> ToolEntry:
    operation = tool.operation
    told = f"{operation.help} {operation.details}".strip()
    return ToolEntry(
        name=tool.name,
        description=told,
        input_schema=tool.schema(caller.pinned),
        annotations=ToolAnnotations(
            # Some agents (Codex) ask before a tool that does not deny being destructive, or
            # refuse it where nobody can be asked.
            read_only_hint=not operation.changes,
            destructive_hint=tool.name in DESTRUCTIVE,
            open_world_hint=False,
        ),
    )


def _refusal(
    code: str, message: str, reasons: tuple[str, ...] = (), hint: str = ""
) -> CallToolResult:
    told = {"code": code, "message": message, "reasons": list(reasons), "hint": hint}
    lines = [message, *(f"- {reason}" for reason in reasons), *([hint] if hint else [])]
    return CallToolResult(
        content=[TextContent(type="text", text="\n".join(lines))],
        structured_content={"error": told},
        is_error=True,
    )
