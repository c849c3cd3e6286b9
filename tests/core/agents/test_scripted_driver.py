"""The scripted driver keeps the drivers' contract, and shows the rest of what agents do."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from core.agents.driver import LaunchSpec
from core.agents.driver_table import DRIVERS
from core.agents.drivers.scripted import told_by
from core.agents.scripted_agent import PREFIX
from core.domain.agent_event import (
    MessageChunk,
    PlanChanged,
    PlanState,
    RateLimited,
    ToolState,
    Unrecognized,
)
from tests.core.agents.driver_contract import Act, DriverContract, turn

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.agent_event import AgentEvent

STEPS: dict[str, Any] = {
    "say": lambda text: [{"say": text}],
    "use": lambda name: [
        {"tool": {"title": f"write {name}", "id": "1", "kind": "edit"}},
        {"tool": {"title": f"write {name}", "id": "1", "kind": "edit", "state": "done"}},
    ],
    "ask": lambda title: [{"ask": {"title": title}}],
    "report": lambda _: [{"session": {"session": "s-1"}}, {"usage": {"output_tokens": 7}}],
    "hang": lambda _: [{"wait_for": "/no/such/file"}],
    "end": lambda _: [{"end_turn": {}}],
}


def launch(folder: Path, *steps: dict[str, Any]) -> LaunchSpec:
    file = folder / "script.json"
    file.write_text(json.dumps({"steps": steps}))
    return LaunchSpec("task-1", folder, (str(file),), "Do it", {"PATH": os.environ["PATH"]})


class TestScripted(DriverContract):
    driver = "scripted"

    def agent(self, folder: Path, *acts: Act) -> LaunchSpec:
        return launch(folder, *(step for act in acts for step in STEPS[act.what](act.text)))


async def test_words_in_mid_turn_are_taken_by_a_steerable_script(tmp_path: Path) -> None:
    spec = launch(tmp_path, {"steerable": True}, {"say": "ready"}, {"hear": True})
    session = await DRIVERS["scripted"].start(spec)

    async def steer(event: AgentEvent) -> None:
        if event == MessageChunk("ready"):
            assert await session.steer("left, please")

    assert MessageChunk("I heard: left, please") in await turn(session, on_event=steer)
    await session.close()


async def test_a_script_shows_plan_rate_limit_and_a_program_that_it_runs(tmp_path: Path) -> None:
    spec = launch(
        tmp_path,
        {"plan": [["look", "completed"], ["write", "in_progress"]]},
        {"rate_limit": {"reason": "Too many requests"}},
        {"run": {"command": ["echo", "hi"]}},
    )
    session = await DRIVERS["scripted"].start(spec)

    found = await turn(session)

    assert PlanChanged((("look", PlanState.DONE), ("write", PlanState.ACTIVE))) in found
    assert RateLimited("Too many requests") in found
    calls = [event for event in found if getattr(event, "title", "") == "echo hi"]
    assert [(call.state, call.output) for call in calls] == [  # type: ignore[union-attr]
        (ToolState.RUNNING, ""),
        (ToolState.DONE, "hi\n"),
    ]
    await session.close()


@pytest.mark.parametrize(
    "told",
    [
        '["tool", {"title": "x", "state": "completed"}]',
        '["tool", {}]',
        '["tool", "x"]',
        '["permission", {"token": "t", "title": "x", "options": [1]}]',
        '["nothing known", 1]',
        '[["a"], 1]',
    ],
)
def test_what_has_another_shape_is_shown_as_it_came(told: str) -> None:
    line = f"{PREFIX}{told}"

    assert list(told_by((line,))) == [Unrecognized(line)]
