"""One suite over the drivers, with real child processes."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from core.agents.driver import DriverUnavailable, LaunchSpec
from core.agents.driver_table import DRIVERS
from core.domain.agent_event import (
    MessageChunk,
    ProcessOutput,
    ToolCall,
    ToolKind,
    ToolState,
    TurnEnded,
    TurnOutcome,
    Unrecognized,
)
from core.processes.identity import is_alive
from core.processes.tree import Ladder, ProcessTree
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from pathlib import Path

    from core.agents.driver import AgentSession
    from core.domain.agent_event import AgentEvent
    from tests.scenarios import Repo

QUICK = Ladder(0.1, 0.1, 5)


def spec(worktree: Path, *command: str, prompt: str = "Do it") -> LaunchSpec:
    names = ("PATH", "HOME")
    environment = {name: os.environ[name] for name in names}
    return LaunchSpec("task-1", worktree, command, prompt, environment)


def python(worktree: Path, code: str, *words: str, prompt: str = "Do it") -> LaunchSpec:
    return spec(worktree, sys.executable, "-c", code, *words, prompt=prompt)


def script(worktree: Path, *steps: dict[str, Any]) -> LaunchSpec:
    file = worktree / "script.json"
    file.write_text(json.dumps({"steps": steps}))
    return spec(worktree, "script.json")


async def walk(session: AgentSession) -> list[AgentEvent]:
    found = [event async for event in session.events()]
    await session.close()
    return found


async def events(driver: str, launch: LaunchSpec) -> list[AgentEvent]:
    return await walk(await DRIVERS[driver].start(launch))


def printed(found: list[AgentEvent], stream: str = "stdout") -> list[str]:
    return [
        line
        for event in found
        if isinstance(event, ProcessOutput) and event.stream == stream
        for line in event.lines
    ]


async def test_the_prompt_comes_on_standard_input(tmp_path: Path) -> None:
    code = "import sys; print(sys.stdin.read())"

    found = await events("command", python(tmp_path, code, prompt="Größe\nprüfen"))

    assert printed(found) == ["Größe", "prüfen"]
    assert found[-1] == TurnEnded(TurnOutcome.DONE, 0)


async def test_fields_are_replaced_once_and_never_through_a_shell(tmp_path: Path) -> None:
    code = "import sys; print(sys.argv[1:]); print(repr(sys.stdin.read()))"

    found = await events(
        "command", python(tmp_path, code, "{task}", "{prompt}", prompt="$(id) {worktree} ;")
    )

    assert printed(found) == ["['task-1', '$(id) {worktree} ;']", "''"]


async def test_an_agent_that_does_not_read_its_input_is_no_error(tmp_path: Path) -> None:
    found = await events("command", python(tmp_path, "print('hi')", prompt="x" * 1_000_000))

    assert printed(found) == ["hi"]
    assert found[-1] == TurnEnded(TurnOutcome.DONE, 0)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit(3)", "The agent ended with exit status 3."),
        pytest.param(
            "import os; os.kill(os.getpid(), 9)",
            "The agent was killed by SIGKILL.",
            marks=pytest.mark.skipif(os.name == "nt", reason="there a signal is an exit status"),
        ),
    ],
)
async def test_a_bad_end_says_how(tmp_path: Path, code: str, reason: str) -> None:
    found = await events("command", python(tmp_path, code))

    end = found[-1]
    assert isinstance(end, TurnEnded)
    assert (end.outcome, end.reason) == (TurnOutcome.FAILED, reason)


async def test_output_is_whole_even_when_much_comes_at_the_end(tmp_path: Path) -> None:
    code = "import sys\nfor n in range(50000): print(n)\nprint('err', file=sys.stderr)"

    found = await events("command", python(tmp_path, code))

    assert printed(found) == [str(n) for n in range(50000)]
    assert printed(found, "stderr") == ["err"]


async def test_a_daemon_that_holds_the_pipes_does_not_hold_up_the_end(tmp_path: Path) -> None:
    launch = script(
        tmp_path,
        {"spawn": {"note": "pid", "daemon": True}},
        {"wait_for": "pid"},
        {"print": "last words"},
    )
    session = await DRIVERS["scripted"].start(launch)
    tree = ProcessTree(session.agent)

    found = [event async for event in session.events()]

    daemon = int((tmp_path / "pid").read_text())
    assert printed(found) == ["last words"]
    os.kill(daemon, 9)
    await session.close()
    assert await tree.end(QUICK)


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (("no-such-program-xyz",), "The program 'no-such-program-xyz' is not installed"),
        (("/no/such/program",), "/no/such/program is not there"),
        (("./missing.sh",), "could not be started: No such file"),
        ((), "names no command"),
    ],
)
async def test_a_missing_program_is_one_sentence(
    tmp_path: Path, command: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(DriverUnavailable, match=sentence):
        await DRIVERS["command"].start(spec(tmp_path, *command))


async def test_nothing_is_started_when_the_worktree_is_gone(tmp_path: Path) -> None:
    with pytest.raises(DriverUnavailable, match="is gone"):
        await DRIVERS["command"].start(spec(tmp_path / "gone", "pwd"))


async def test_a_script_edits_commits_and_tells(repo: Repo) -> None:
    tmp_path = repo.path
    (tmp_path / "a.txt").write_text("one\ntwo\nthree\n")
    launch = script(
        tmp_path,
        {"say": "Beginning"},
        {"edit": {"path": "a.txt", "old": "one", "new": "1"}},
        {"replace_lines": {"path": "a.txt", "first": 2, "last": 3, "text": "2\n"}},
        {"append": {"path": "a.txt", "text": "4\n"}},
        {"write": {"path": "sub/b.txt", "text": "b\n"}},
        {"delete": "sub/b.txt"},
        {"commit": "change a"},
        {"print": "\u2301weft [1, 2"},
        {"complain": "careful"},
    )

    found = await events("scripted", launch)

    assert (tmp_path / "a.txt").read_text() == "1\n2\n4\n"
    assert MessageChunk("Beginning") in found
    assert ToolCall("commit: change a", kind=ToolKind.EXECUTE, state=ToolState.DONE) in found
    assert printed(found, "stderr") == ["careful"]
    assert found[-1] == TurnEnded(TurnOutcome.DONE, 0)
    assert not any(isinstance(event, Unrecognized) for event in found)


async def test_an_edit_that_finds_nothing_fails_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n")

    found = await events(
        "scripted", script(tmp_path, {"edit": {"path": "a.txt", "old": "two", "new": "2"}})
    )

    assert printed(found, "stderr") == ["a.txt does not hold 'two'"]
    assert found[-1] == TurnEnded(TurnOutcome.FAILED, 1, "The agent ended with exit status 1.")


async def test_the_session_knows_its_process(tmp_path: Path) -> None:
    session = await DRIVERS["scripted"].start(script(tmp_path, {"wait_for": "go"}))
    assert is_alive(session.agent)

    (tmp_path / "go").touch()
    await walk(session)

    await wait_until_async(lambda: not is_alive(session.agent))
