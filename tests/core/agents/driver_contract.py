"""What every driver keeps, whatever its wire format: one suite, mixed into each driver's tests.

A driver's test class inherits `DriverContract` and says how an agent of its kind is made to do a
few things: by a stand-in program that speaks the format, or by recorded streams.

    class TestScripted(DriverContract):
        driver = "scripted"

        def agent(self, folder, *acts): ...
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import psutil
import pytest

from core.agents.driver import DriverUnavailable
from core.agents.driver_table import DRIVERS
from core.domain.agent_event import (
    MessageChunk,
    PermissionAsked,
    SessionStarted,
    ToolCall,
    TurnEnded,
    TurnOutcome,
    UsageReported,
)
from core.domain.question import OptionKind
from core.processes.identity import is_alive
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from core.agents.driver import AgentSession, LaunchSpec
    from core.domain.agent_event import AgentEvent

LIMIT_S = 60.0


@dataclass(frozen=True)
class Act:
    """One thing that an agent is made to do; `what` is one of the words below.

    | what | text |
    | --- | --- |
    | say | words of the agent |
    | use | name of a file that it writes, as a tool call with an id that begins and ends |
    | ask | title of a tool call that needs leave (offered: allow once, deny) |
    | report | nothing: usage of some tokens, named session |
    | hang | nothing: it goes on for ever |
    | end | nothing: the turn ends well; what follows belongs to the next turn |
    """

    what: str
    text: str = ""


class DriverContract:
    """The suite; see the module."""

    driver: ClassVar[str]
    turns: ClassVar[bool] = True
    """Whether a session takes words for a second turn."""
    asks: ClassVar[bool] = True
    """Whether its agents ask for leave."""
    cancels: ClassVar[bool] = True
    """Whether a turn can be taken back by protocol."""

    def agent(self, folder: Path, *acts: Act) -> LaunchSpec:
        """Return how to launch an agent in *folder* that does *acts*."""
        raise NotImplementedError

    @pytest.fixture
    async def started(self, tmp_path: Path) -> AsyncIterator[Starter]:
        """Starts sessions, and ends their processes after the test."""
        starter = Starter(self, tmp_path)
        yield starter
        await starter.end()

    async def test_a_turn_ends_once_and_with_nothing_after_it(self, started: Starter) -> None:
        session = await started(Act("say", "hello"), Act("end"))

        found = await turn(session)

        assert [type(event) for event in found].count(TurnEnded) == 1
        assert ended(found).outcome is TurnOutcome.DONE
        assert "hello" in said(found)

    async def test_the_process_is_known_while_it_works(self, started: Starter) -> None:
        session = await started(Act("hang"))

        assert is_alive(session.agent)

    async def test_a_tool_call_is_told_by_one_id_from_begin_to_end(self, started: Starter) -> None:
        session = await started(Act("use", "made.txt"), Act("end"))

        calls = [event for event in await turn(session) if isinstance(event, ToolCall)]

        assert calls
        assert len({call.id for call in calls}) == 1
        assert all(call.title and "\n" not in call.title for call in calls)

    async def test_session_and_usage_are_told(self, started: Starter) -> None:
        session = await started(Act("report"), Act("end"))

        found = await turn(session)

        assert any(isinstance(event, SessionStarted) and event.session for event in found)
        used = [event for event in found if isinstance(event, UsageReported)]
        assert used
        assert used[-1].output_tokens

    async def test_a_permission_waits_and_leave_lets_it_go_on(self, started: Starter) -> None:
        if not self.asks:
            pytest.skip("its agents ask nothing")
        session = await started(Act("ask", "rm it"), Act("end"))
        answers: list[bool] = []

        async def allow(asked: PermissionAsked) -> None:
            assert not await session.answer("no such token", "yes")
            answers.append(await session.answer(asked.token, option(asked, OptionKind.ALLOW_ONCE)))

        found = await turn(session, allow)

        assert answers == [True]
        assert ended(found).outcome is TurnOutcome.DONE
        assert ended(found).denied == ()

    async def test_what_was_denied_is_named_at_the_end(self, started: Starter) -> None:
        if not self.asks:
            pytest.skip("its agents ask nothing")
        session = await started(Act("ask", "rm it"), Act("end"))

        async def deny(asked: PermissionAsked) -> None:
            await session.answer(asked.token, option(asked, OptionKind.DENY))

        assert any("rm it" in title for title in ended(await turn(session, deny)).denied)

    async def test_words_begin_another_turn(self, started: Starter) -> None:
        session = await started(Act("end"), Act("say", "second"), Act("end"))
        await turn(session)
        assert session.takes_words is self.turns
        if not self.turns:
            with pytest.raises(DriverUnavailable):
                await session.say("go on")
            return

        await session.say("go on")

        assert "second" in said(await turn(session))

    async def test_a_turn_that_is_taken_back_ends_as_cancelled(self, started: Starter) -> None:
        session = await started(Act("say", "begun"), Act("hang"))
        if not self.cancels:
            assert not await session.cancel()
            return

        async def cancel(event: AgentEvent) -> None:
            if isinstance(event, MessageChunk):
                assert await session.cancel()

        found = await turn(session, on_event=cancel)

        assert ended(found).outcome is TurnOutcome.CANCELLED

    async def test_an_agent_that_dies_is_a_failed_turn_with_a_sentence(
        self, started: Starter
    ) -> None:
        session = await started(Act("say", "begun"), Act("hang"))

        async def kill(event: AgentEvent) -> None:
            if isinstance(event, MessageChunk):
                psutil.Process(session.agent.pid).kill()

        end = ended(await turn(session, on_event=kill))

        assert end.outcome is TurnOutcome.FAILED
        assert end.reason.endswith(".")
        assert not session.takes_words
        assert not await session.steer("too late")
        assert not await session.answer("any", "yes")

    async def test_closing_an_idle_session_ends_its_process(self, started: Starter) -> None:
        session = await started(Act("end"), Act("end"))
        await turn(session)

        async with asyncio.timeout(LIMIT_S):
            await session.close()

        await wait_until_async(lambda: not is_alive(session.agent))

    async def test_a_missing_program_is_one_sentence(self, tmp_path: Path) -> None:
        spec = replace(self.agent(tmp_path, Act("end")), command=("/no/such/program",))

        with pytest.raises(DriverUnavailable, match="no/such/program"):
            await DRIVERS[self.driver].start(spec)


class Starter:
    """Starts sessions of one driver in one folder."""

    def __init__(self, contract: DriverContract, folder: Path) -> None:
        self._contract = contract
        self._folder = folder
        self._sessions: list[AgentSession] = []

    async def __call__(self, *acts: Act) -> AgentSession:
        """Start an agent that does *acts*."""
        spec = self._contract.agent(self._folder, *acts)
        session = await DRIVERS[self._contract.driver].start(spec)
        self._sessions.append(session)
        return session

    async def end(self) -> None:
        """Kill and close what was started."""
        for session in self._sessions:
            if is_alive(session.agent):
                psutil.Process(session.agent.pid).kill()
            await session.close()


async def turn(session: AgentSession, on_ask=None, *, on_event=None) -> list[AgentEvent]:  # type: ignore[no-untyped-def]
    """Walk one turn; *on_ask* and *on_event* are awaited beside the walk, as the runner does."""
    found: list[AgentEvent] = []
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as beside:
        async for event in session.events():
            found.append(event)
            if on_event is not None:
                beside.create_task(on_event(event))
            if on_ask is not None and isinstance(event, PermissionAsked):
                beside.create_task(on_ask(event))
    assert isinstance(found[-1], TurnEnded)
    return found


def ended(found: list[AgentEvent]) -> TurnEnded:
    """Return the end of a turn."""
    end = found[-1]
    assert isinstance(end, TurnEnded)
    return end


def said(found: list[AgentEvent]) -> str:
    """Return the agent's words of a turn."""
    return "".join(event.text for event in found if isinstance(event, MessageChunk))


def option(asked: PermissionAsked, kind: OptionKind) -> str:
    """Return the id of the option of *kind*."""
    return next(option.id for option in asked.options if option.kind is kind)
