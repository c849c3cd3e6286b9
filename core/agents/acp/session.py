"""A conversation over ACP: turns of events, with answers, words and a way to stop."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, cast

from acp import RequestError, text_block
from acp.client.connection import ClientSideConnection
from pydantic import ValidationError

from core.agents.acp.client import Client
from core.agents.acp.failures import Failure, failure, failure_in_words
from core.agents.acp.modes import Modes
from core.agents.acp.opening import CannotOpen, Opening
from core.agents.acp.own_notes import noted_failure
from core.agents.acp.shape import one_line, table_at, text_at
from core.agents.acp.updates import Joiner, Piece, Updates
from core.agents.acp.wire import LONGEST, Wire
from core.agents.driver import DriverUnavailable
from core.domain.agent_event import ProcessOutput, SessionStarted, TurnEnded, TurnOutcome
from core.processes.identity import look

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from acp import Client as ClientProtocol
    from acp.schema import PromptResponse

    from core.agents.child import ChildSession
    from core.agents.driver import LaunchSpec
    from core.domain.agent_event import AgentEvent
    from core.processes.identity import ProcessIdentity

_AHEAD: Final = 64
"""Events that may wait for the reader; then the agent's messages wait in its pipe."""
PATIENCE_S: Final = 120.0
"""How long an agent may try the same again: Codex waits for a lost network for ever."""
_LOOK_S: Final = 5.0
_JOIN_S: Final = 0.4
"""How long words wait for the rest of their message."""
_GONE_S: Final = 5.0
"""How long an agent that closed its output may take to end, for its exit status to be told."""
_REPLAY_S: Final = 0.5
"""Silence after which a replay is taken to be over, and how often that is waited for."""
_REPLAY_WAITS: Final = 40
_NOTE_S: Final = 0.1
"""How often an agent's own notes are looked at for the end of its turn."""
_NOTE_WAITS: Final = 30
_STEERING: Final = "session/steering"
_SILENT_END: Final = "It ended its turn without a word or an act."
_STOPS: Final = {
    "max_tokens": "It ran into its limit of tokens.",
    "max_turn_requests": "It ran into its limit of requests for one turn.",
    "refusal": "The model refused to go on.",
}


class AcpSession:
    """One agent process and one session in it; satisfies `AgentSession`."""

    def __init__(self, child: ChildSession, spec: LaunchSpec) -> None:
        self._child = child
        self._first = spec
        self._queue: asyncio.Queue[AgentEvent | Piece] = asyncio.Queue(_AHEAD)
        self._updates = Updates(spec.worktree)
        self._client = Client(
            spec.worktree, self._updates, self._put, trusts_weft=spec.mcp is not None
        )
        self._wire = Wire(child, update=self._take, other=self._put)
        self._connection = ClientSideConnection(cast("ClientProtocol", self._client), self._wire)
        self._opening = Opening(
            self._connection, spec, child.agent, self._complain, self._until_quiet
        )
        self._turn: asyncio.Task[None] | None = None
        self._mode_task: asyncio.Task[None] | None = None
        self._open = False
        self._updated = 0
        self._cancelled = False
        self._closing = False
        self._stuck = ""

    @property
    def agent(self) -> ProcessIdentity:
        """Return who the process is."""
        return self._child.agent

    @property
    def takes_words(self) -> bool:
        """Whether the session is there and its process lives."""
        return self._open and not self._wire.choked and not self._wire.ended.is_set()

    async def events(self) -> AsyncIterator[AgentEvent]:
        """Yield a turn; the first one greets the agent and gets the session before it begins."""
        if self._turn is None:
            self._begin("")
        joiner = Joiner()
        while True:
            try:
                wait_s = _JOIN_S if joiner.holds else None
                event = await asyncio.wait_for(self._queue.get(), wait_s)
            except TimeoutError:
                for chunk in joiner.rest():
                    yield chunk
                continue
            if isinstance(event, Piece):
                for chunk in joiner.add(event):
                    yield chunk
                continue
            for chunk in joiner.rest():
                yield chunk
            yield event
            if isinstance(event, TurnEnded):
                return

    async def say(self, text: str) -> None:
        """Begin another turn.

        Raises:
            DriverUnavailable: The process has ended, or there never was a session.
        """
        if not self.takes_words:
            raise DriverUnavailable("The agent's session has ended.")
        self._begin(text)

    async def steer(self, text: str) -> bool:
        """Put words into the turn under way, where the agent knows the extension for it."""
        if not (self._opening.steerable and self.takes_words and self._is_busy):
            return False
        asked = {
            "sessionId": self._opening.session,
            "prompt": [{"type": "text", "text": text}],
            "_meta": {"steering": {"idleBehavior": "promptRequired"}},
        }
        try:
            answer = await self._connection.ext_method(_STEERING, asked)
        except (RequestError, ConnectionError):
            return False  # then the words wait for the next turn
        return answer.get("outcome") == "injected"

    async def answer(self, token: str, answer: str) -> bool:
        """Answer a permission by an option's id, a kind of option, yes or no."""
        return self._client.answer(token, answer)

    async def cancel(self) -> bool:
        """Take the turn back; what waits for leave is answered as the protocol wants."""
        if not self._is_busy or self._wire.ended.is_set():
            return False
        self._cancelled = True
        self._client.take_back()
        if not self._open:
            await self._abandon()
            return True
        try:
            await self._connection.cancel(session_id=self._opening.session)
        except ConnectionError:
            return False
        return True

    async def close(self) -> None:
        """Close its input, which ends it, and let what it still says go until it has ended."""
        self._closing = True
        while not self._queue.empty():
            self._queue.get_nowait()  # whoever waits to put something in goes on
        self._child.end_input()
        await self._wire.run_out()
        for task in (self._turn, self._mode_task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._connection.close()
        await self._child.close()

    @property
    def _is_busy(self) -> bool:
        return self._turn is not None and not self._turn.done()

    def _begin(self, text: str) -> None:
        self._wire.last_complaint = ""
        self._updates.begin_turn()
        self._client.begin_turn()
        self._cancelled = False
        self._turn = asyncio.create_task(self._live(text))

    async def _abandon(self) -> None:
        """Stop waiting for a session: without one there is nothing that the agent can be told."""
        assert self._turn is not None
        self._turn.cancel()
        await asyncio.gather(self._turn, return_exceptions=True)
        await self._put(self._end(TurnOutcome.CANCELLED))

    async def _live(self, text: str) -> None:
        """Do one turn; its end is the last that is put."""
        end = await self._ended(text)
        if report := self._updates.meter.report():
            await self._put(report)
        await self._put(end)

    async def _ended(self, text: str) -> TurnEnded:
        try:
            if not self._open:
                text = await self._open_session()
            answer = await self._answered(text)
        except RequestError as error:
            return await self._failed(failure(error.code, str(error), error.data))
        except ValidationError:
            return await self._failed(Failure("It answered in a way that is not ACP."))
        except CannotOpen as error:
            return await self._failed(Failure(error.message))
        except ConnectionError:
            return await self._cut_off()
        if answer is None:
            return await self._failed(Failure(f"It got no further for 2 minutes: {self._stuck}."))
        return await self._judged(answer)

    async def _answered(self, text: str) -> PromptResponse | None:
        """Return the answer to a prompt; None when the agent was stuck and the turn taken back."""
        prompt = self._connection.prompt(
            session_id=self._opening.session, prompt=[text_block(text)]
        )
        asked = asyncio.ensure_future(prompt)
        try:
            while not (await asyncio.wait([asked], timeout=_LOOK_S))[0]:
                if self._is_stuck():
                    await self._connection.cancel(session_id=self._opening.session)
                    await asyncio.wait([asked], timeout=_LOOK_S)
                    return None
            return await asked
        finally:
            asked.cancel()

    def _is_stuck(self) -> bool:
        """Whether it has tried the same for too long; time in which it is suspended is not it."""
        if self._updates.stuck is None:
            return False
        self._stuck, since = self._updates.stuck
        seen = look(self.agent.pid)
        if seen is not None and seen.is_stopped:
            self._updates.stuck = self._stuck, since + _LOOK_S
        return time.monotonic() - since > PATIENCE_S

    async def _open_session(self) -> str:
        """Get the session; return the first words for it."""
        opening = self._opening
        await opening.open()
        self._updates.meter.opened(opening.agent, resumed=opening.resumed)
        self._updates.meter.name_model(opening.model)
        self._updates.begin_turn()
        self._open = True
        await self._put(SessionStarted(opening.session, opening.model))
        return opening.prompt()

    async def _judged(self, answer: PromptResponse) -> TurnEnded:
        """Return what the end of a turn means: agents also say `end_turn` when all failed."""
        plain = answer.model_dump(mode="json", by_alias=True, exclude_none=True)
        self._updates.meter.end_turn(table_at(plain, "usage"), table_at(plain, "_meta"))
        stop = text_at(plain, "stopReason")
        if self._cancelled:
            return self._end(TurnOutcome.CANCELLED)
        if self._gave_up(stop):
            return self._end(TurnOutcome.CANCELLED)
        if stop == "cancelled":
            return await self._failed(Failure("It broke its turn off by itself."))
        if stop != "end_turn":
            return await self._failed(Failure(_STOPS.get(stop, f"It stopped: {stop}.")))
        said = self._updates.last_message
        if self._updates.broken:
            # Codex's complaint is the last paragraph of all that it said.
            return await self._failed(failure(0, said.strip().rpartition("\n\n")[2], None))
        if (found := failure_in_words(said)) is not None:
            return await self._failed(found)
        if why := await self._own_notes():
            return await self._failed(failure(0, why, None))
        if not self._updates.acted:
            return await self._failed(Failure(self._with_complaint(_SILENT_END)))
        return self._end(TurnOutcome.DONE)

    async def _own_notes(self) -> str:
        """Return why the turn failed although the agent does not tell, or nothing."""
        opening = self._opening
        for _ in range(_NOTE_WAITS):
            why = await asyncio.to_thread(
                noted_failure, opening.agent, opening.session, self._first.environment
            )
            if why is not None:
                return why
            await asyncio.sleep(_NOTE_S)
        return ""

    def _gave_up(self, stop: str) -> bool:
        """Whether it broke off because it was denied something; OpenCode calls that `end_turn`."""
        denied, updates = self._client.denied_call, self._updates
        ends_there = denied == updates.last_call and not updates.last_message
        return bool(denied) and (stop == "cancelled" or (stop == "end_turn" and ends_there))

    async def _failed(self, found: Failure) -> TurnEnded:
        if self._cancelled:
            return self._end(TurnOutcome.CANCELLED)
        if found.limit is not None:
            await self._put(found.limit)
        return self._end(TurnOutcome.FAILED, found.reason)

    async def _cut_off(self) -> TurnEnded:
        """Return the end of a turn whose agent has gone or cannot be understood any more."""
        if self._wire.choked:
            return self._end(
                TurnOutcome.FAILED, f"It sent a message of more than {LONGEST >> 20} MiB."
            )
        try:
            await asyncio.wait_for(self._wire.ended.wait(), _GONE_S)
        except TimeoutError:
            return self._end(TurnOutcome.FAILED, "It closed its output in the middle of a turn.")
        end = self._wire.end
        assert end is not None
        reason = self._with_complaint(end.reason or "It ended in the middle of a turn.")
        return TurnEnded(TurnOutcome.FAILED, end.exit_code, reason, tuple(self._client.denied))

    def _with_complaint(self, reason: str) -> str:
        """Return *reason* with the last line on the agent's standard error, if there is one."""
        said = one_line(self._wire.last_complaint).rstrip(".")
        return f"{reason.rstrip('.')}: {said}." if said else reason

    def _end(self, outcome: TurnOutcome, reason: str = "") -> TurnEnded:
        return TurnEnded(outcome, None, reason, tuple(self._client.denied))

    async def _put(self, event: AgentEvent | Piece) -> None:
        if not self._closing:
            await self._queue.put(event)

    async def _complain(self, words: str) -> None:
        await self._put(ProcessOutput("stderr", (words,)))

    async def _take(self, params: dict[str, Any]) -> None:
        """Take one update; what a session replays that is taken up again was told before."""
        self._updated += 1
        events = list(self._updates.take(table_at(params, "update")))
        if not self._open:
            return
        for event in events:
            await self._put(event)
        self._keep_mode()

    async def _until_quiet(self) -> None:
        """Wait until no more updates come: what an earlier session replays has no end mark."""
        for _ in range(_REPLAY_WAITS):
            before = self._updated
            await asyncio.sleep(_REPLAY_S)
            if self._updated == before:
                return

    def _keep_mode(self) -> None:
        """Put the mode back when the agent leaves it for one that asks nobody."""
        opening, mode = self._opening, self._updates.mode
        if not mode or mode == opening.modes.current:
            return
        opening.modes = Modes(mode, opening.modes.offered, opening.modes.option)
        if self._mode_task is None or self._mode_task.done():
            self._mode_task = asyncio.create_task(self._reset_mode())

    async def _reset_mode(self) -> None:
        try:
            await self._opening.set_mode()
        except CannotOpen as error:
            await self._complain(error.message)
        except ConnectionError:
            return  # the turn tells that it has gone
