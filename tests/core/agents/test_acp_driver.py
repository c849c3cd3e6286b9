"""Agents over ACP: the drivers' contract, and what the protocol asks of a client beyond it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from core.agents.acp import session as session_module
from core.agents.driver import LaunchSpec, McpServer
from core.agents.driver_table import DRIVERS
from core.domain.agent_event import (
    MessageChunk,
    PermissionAsked,
    PlanChanged,
    PlanState,
    ProcessOutput,
    SessionStarted,
    ToolCall,
    ToolKind,
    ToolState,
    TurnOutcome,
    Unrecognized,
    UsageReported,
)
from tests.core.agents import acp_agent
from tests.core.agents.driver_contract import Act, DriverContract, ended, said, turn
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from core.domain.agent_event import AgentEvent

ACTS: dict[str, Any] = {
    "say": lambda text: ["say", text],
    "use": lambda name: ["use", name],
    "ask": lambda title: ["ask", title],
    "report": lambda _: ["report"],
    "hang": lambda _: ["hang"],
}
MODES = {
    "currentModeId": "yolo",
    "availableModes": [{"id": mode, "name": mode} for mode in ("default", "yolo")],
}


def launch(folder: Path, *turns: list[list[Any]], **offers: Any) -> LaunchSpec:
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"acts": turns, **offers}))
    command = (sys.executable, acp_agent.__file__, str(plan))
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return LaunchSpec("task-1", folder, command, "Do it", environment)


def notes(folder: Path, what: str) -> list[Any]:
    lines = map(json.loads, (folder / "notes.jsonl").read_text().splitlines())
    return [value for name, value in lines if name == what]


async def first_turn(spec: LaunchSpec, on_ask: Any = None) -> list[AgentEvent]:
    session = await DRIVERS["acp"].start(spec)

    async def answer(asked: PermissionAsked) -> None:
        await session.answer(asked.token, on_ask)

    found = await turn(session, answer if on_ask is not None else None)
    await session.close()
    return found


class TestAcp(DriverContract):
    driver = "acp"

    def agent(self, folder: Path, *acts: Act) -> LaunchSpec:
        turns: list[list[list[Any]]] = [[]]
        for act in acts:
            if act.what == "end":
                turns.append([])
            else:
                turns[-1].append(ACTS[act.what](act.text))
        return launch(folder, *turns)


async def test_plan_thought_and_words_become_events(tmp_path: Path) -> None:
    entries = [
        {"content": "look", "priority": "high", "status": "completed"},
        {"content": "write\nit", "priority": "low", "status": "in_progress"},
    ]
    thought = {"sessionUpdate": "agent_thought_chunk", "content": {"type": "text", "text": "Hm."}}
    spec = launch(
        tmp_path,
        [
            ["update", {"sessionUpdate": "plan", "entries": entries}],
            ["update", thought],
            ["say", "I wri"],
            ["say", "te it."],
            ["update", {"sessionUpdate": "future_update", "x": 1}],
            ["line", "no JSON"],
            ["complain", "careful"],
        ],
    )

    found = await first_turn(spec)

    assert PlanChanged((("look", PlanState.DONE), ("write it", PlanState.ACTIVE))) in found
    assert MessageChunk("Hm.", thought=True) in found
    assert MessageChunk("I write it.") in found
    assert any(isinstance(event, Unrecognized) and "future" in event.raw for event in found)
    assert ProcessOutput("stdout", ("no JSON",)) in found
    assert ProcessOutput("stderr", ("careful",)) in found
    assert ended(found).outcome is TurnOutcome.DONE


async def test_a_tool_call_comes_with_its_files_diff_and_output(tmp_path: Path) -> None:
    diff = {"type": "diff", "path": f"{tmp_path}/a.txt", "oldText": "old\n", "newText": "new\n"}
    output = {"type": "content", "content": {"type": "text", "text": "```sh\nok \x1b[31m\n```"}}
    call = {"toolCallId": "1", "title": "Edit\n a.txt", "kind": "edit", "status": "in_progress"}
    end = {"toolCallId": "1", "status": "completed", "content": [diff, output]}
    spec = launch(
        tmp_path,
        [
            ["update", {"sessionUpdate": "tool_call", **call, "content": [diff]}],
            ["update", {"sessionUpdate": "tool_call_update", **end}],
        ],
    )

    found = await first_turn(spec)

    begun, done = (event for event in found if isinstance(event, ToolCall))
    assert (begun.id, begun.title, begun.kind) == ("1", "Edit a.txt", ToolKind.EDIT)
    assert begun.paths == (f"{tmp_path}/a.txt",)
    assert begun.diff == "--- a.txt\n+++ a.txt\n@@ -1 +1 @@\n-old\n+new\n"
    assert (done.state, done.output) == (ToolState.DONE, "ok ")


async def test_an_answer_goes_by_the_kind_of_option_and_not_by_its_id(tmp_path: Path) -> None:
    spec = launch(tmp_path, [["ask", "rm -r build"], ["say", "done"]])

    found = await first_turn(spec, "yes")

    asked = next(event for event in found if isinstance(event, PermissionAsked))
    assert (asked.title, asked.kind, asked.detail) == (
        "rm -r build",
        ToolKind.EXECUTE,
        "rm -r build",
    )
    assert notes(tmp_path, "answer")[0]["outcome"]["optionId"] == "id-allow_once"


async def test_what_waits_for_leave_is_cancelled_with_the_turn(tmp_path: Path) -> None:
    session = await DRIVERS["acp"].start(launch(tmp_path, [["ask", "rm"]], [["say", "again"]]))

    async def cancel(_: PermissionAsked) -> None:
        assert await session.cancel()

    found = await turn(session, cancel)

    assert ended(found).outcome is TurnOutcome.CANCELLED
    assert notes(tmp_path, "answer")[0]["outcome"] == {"outcome": "cancelled"}
    await session.say("Go on")
    assert said(await turn(session)) == "again"
    assert notes(tmp_path, "prompt") == ["Do it", "Go on"]
    await session.close()


async def test_a_turn_is_cancelled_before_there_is_a_session(tmp_path: Path) -> None:
    spec = replace(launch(tmp_path), command=("sleep", "60"))
    session = await DRIVERS["acp"].start(spec)
    walk = session.events()

    first = asyncio.ensure_future(anext(walk))
    async with asyncio.timeout(60):
        await wait_until_async(lambda: session._is_busy)  # type: ignore[attr-defined]
        assert await session.cancel()
    end = await first

    assert ended([end]).outcome is TurnOutcome.CANCELLED
    assert not session.takes_words
    psutil.Process(session.agent.pid).kill()
    await session.close()


@pytest.mark.parametrize(
    ("policy", "wrap", "set_to"),
    [("watched", (), ["default"]), ("open", (), []), ("sandboxed", ("env",), [])],
)
async def test_the_mode_fits_the_policy(
    tmp_path: Path, policy: str, wrap: tuple[str, ...], set_to: list[str]
) -> None:
    spec = launch(tmp_path, [["say", "hi"]], modes=MODES)

    await first_turn(replace(spec, permissions=policy, wrap=wrap))

    assert notes(tmp_path, "mode") == set_to


async def test_a_mode_that_asks_nobody_is_put_back(tmp_path: Path) -> None:
    slip = {"sessionUpdate": "current_mode_update", "currentModeId": "yolo"}
    spec = launch(
        tmp_path, [["update", slip], ["ask", "rm"]], modes={**MODES, "currentModeId": "default"}
    )

    await first_turn(spec, "no")

    assert notes(tmp_path, "mode") == ["default"]


async def test_wefts_server_is_offered_and_its_tools_need_no_leave(tmp_path: Path) -> None:
    mcp = McpServer(("/usr/bin/weft", "mcp"), {"WEFT_RUN": "run-1"})
    spec = launch(tmp_path, [["ask", "mcp__weft__my_task"], ["say", "done"]])

    found = await first_turn(replace(spec, mcp=mcp))

    (offered,) = notes(tmp_path, "new")[0]["mcp"]
    assert (offered["name"], offered["command"], offered["args"]) == (
        "weft",
        "/usr/bin/weft",
        ["mcp"],
    )
    assert offered["env"][0]["value"] == "run-1"
    assert not any(isinstance(event, PermissionAsked) for event in found)


async def test_an_earlier_session_is_loaded_and_not_told_again(tmp_path: Path) -> None:
    able = {"load_session": True, "session_capabilities": {"resume": {}}}
    spec = launch(tmp_path, [["say", "new words"]], capabilities=able)

    found = await first_turn(replace(spec, session="earlier"))

    started = [event for event in found if isinstance(event, SessionStarted)]
    assert started == [SessionStarted("earlier")]
    assert said(found) == "new words"
    assert notes(tmp_path, "prompt") == ["Do it"]


async def test_a_session_that_is_lost_is_made_up_for_in_words(tmp_path: Path) -> None:
    able = {"load_session": True}
    spec = launch(tmp_path, [["say", "new"]], capabilities=able, load_fails=True)

    found = await first_turn(replace(spec, session="earlier"))

    assert SessionStarted("session-1") in found
    assert any("earlier could not be taken up" in line for line in _complaints(found))
    (prompt,) = notes(tmp_path, "prompt")
    assert prompt.startswith("You have worked on this task before")
    assert prompt.endswith("Do it")


async def test_words_are_steered_into_the_turn_where_the_agent_can(tmp_path: Path) -> None:
    session = await DRIVERS["acp"].start(
        launch(tmp_path, [["say", "ready"], ["hang"]], steering=True)
    )

    async def steer(event: AgentEvent) -> None:
        if isinstance(event, MessageChunk):
            assert await session.steer("left, please")
            await session.cancel()

    await turn(session, on_event=steer)

    assert notes(tmp_path, "steered") == ["left, please"]
    assert not await session.steer("too late")
    await session.close()


async def test_files_are_read_and_written_for_the_agent_but_only_in_its_worktree(
    tmp_path: Path,
) -> None:
    worktree = tmp_path / "tree"
    worktree.mkdir()
    (tmp_path / "secret").write_text("s")
    (worktree / "out").symlink_to(tmp_path)
    (worktree / "circle").symlink_to("circle")
    (worktree / ".git").mkdir()
    spec = launch(
        worktree,
        [
            ["write", f"{worktree}/deep/new.txt", "Größe\u2028\n"],
            ["read", "deep/new.txt"],
            ["write", f"{tmp_path}/secret", "x"],
            ["write", "out/secret", "x"],
            ["write", ".git/config", "x"],
            ["read", "out/secret"],
            ["read", "gone.txt"],
            ["read", "circle/x"],
            ["terminal"],
            ["say", "done"],
        ],
    )

    await first_turn(spec)

    assert (worktree / "deep/new.txt").read_text() == "Größe\u2028\n"
    assert notes(worktree, "read") == ["Größe\u2028\n"]
    assert (tmp_path / "secret").read_text() == "s"
    refused = notes(worktree, "refused")
    assert len(refused) == 7
    assert "outside of the worktree" in refused[0]
    assert "belongs to git" in refused[2]
    assert "circle/x is outside of the worktree" in refused[5]


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        ([["stop", "refusal"]], "The model refused to go on."),
        ([], "It ended its turn without a word or an act."),
        (
            [["fail", -32603, "Internal error", {"details": "400 scripted error"}]],
            "The model's provider refused the request (400): scripted error.",
        ),
        (
            [["complain", "out of memory"], ["die", 3]],
            "The agent ended with exit status 3: out of memory.",
        ),
        ([["die", 0]], "It ended in the middle of a turn."),
    ],
)
async def test_a_turn_that_went_wrong_is_one_sentence(
    tmp_path: Path, acts: list[list[Any]], reason: str
) -> None:
    end = ended(await first_turn(launch(tmp_path, acts)))

    assert (end.outcome, end.reason) == (TurnOutcome.FAILED, reason)


async def test_a_message_without_end_ends_the_turn_and_not_the_memory(tmp_path: Path) -> None:
    session = await DRIVERS["acp"].start(
        launch(tmp_path, [["long_line", 17 * 1024 * 1024], ["hang"]])
    )
    end = ended(await turn(session))
    psutil.Process(session.agent.pid).kill()
    await session.close()

    reason = "It sent a message of more than 16 MiB."
    assert (end.outcome, end.reason) == (TurnOutcome.FAILED, reason)


async def test_an_agent_that_tries_the_same_for_ever_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "PATIENCE_S", 0.0)
    monkeypatch.setattr(session_module, "_LOOK_S", 0.1)
    error = {"message": "Reconnecting", "additionalDetails": "no network", "willRetry": True}
    news = {"sessionUpdate": "session_info_update", "_meta": {"codex": {"error": error}}}

    found = await first_turn(launch(tmp_path, [["update", news], ["hang"]]))

    reason = "It got no further for 2 minutes: Reconnecting (no network)."
    assert (ended(found).outcome, ended(found).reason) == (TurnOutcome.FAILED, reason)


async def test_another_version_of_the_protocol_is_refused_in_a_sentence(tmp_path: Path) -> None:
    end = ended(await first_turn(launch(tmp_path, version=7)))

    assert end.reason == "It speaks version 7 of ACP, and Weft 1."


async def test_a_flood_waits_for_its_reader_and_comes_whole_and_in_order(tmp_path: Path) -> None:
    found = await first_turn(launch(tmp_path, [["flood", 5000], ["say", "done"]]))

    titles = [event.title for event in found if isinstance(event, ToolCall)]
    assert titles == [f"call {number}" for number in range(5000)]


async def test_usage_is_added_up_over_the_turns_of_a_session(tmp_path: Path) -> None:
    cost = {"amount": 0.5, "currency": "USD"}
    price = {"sessionUpdate": "usage_update", "used": 1, "size": 2, "cost": cost}
    spec = launch(tmp_path, [["say", "a"], ["report"], ["update", price]], [["report"]])
    session = await DRIVERS["acp"].start(spec)
    await turn(session)
    await session.say("more")

    found = await turn(session)

    used = [event for event in found if isinstance(event, UsageReported)]
    assert used[-1] == UsageReported(200, 14, 0, 0.5)
    await session.close()


def test_the_library_is_not_loaded_for_other_drivers() -> None:
    code = (
        "import sys; from core.agents.driver_table import DRIVERS;"
        " DRIVERS['acp'].problem(('sh',), None); print('pydantic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == "False\n"


def _complaints(found: list[AgentEvent]) -> list[str]:
    return [line for event in found if isinstance(event, ProcessOutput) for line in event.lines]
