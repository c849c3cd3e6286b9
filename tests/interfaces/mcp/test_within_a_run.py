"""A run's own agent works through MCP: its server asks the runner, and acts for its task alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.domain.run import RunStatus
from core.domain.task import TaskStatus
from core.events import log

if TYPE_CHECKING:
    from core.domain.run import Run
    from tests.runs import RunProject

AGENT = """
import asyncio, json, os, sys
from pathlib import Path
from mcp import ClientSession, StdioServerParameters, stdio_client

ROOT, NOTE, CALLS = sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3])

async def work():
    code = "from core.interfaces.cli.app import main; main()"
    server = StdioServerParameters(
        command=sys.executable, args=["-c", code, "mcp"], env={**os.environ, "PYTHONPATH": ROOT}
    )
    answers = []
    async with stdio_client(server) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        answers.append({tool.name: tool.input_schema for tool in tools})
        for tool, arguments in CALLS:
            answer = await session.call_tool(tool, arguments)
            answers.append({"error": answer.is_error, "told": answer.structured_content})
    NOTE.write_text(json.dumps(answers))

Path("hello.txt").write_text("hello")
asyncio.run(work())
"""


async def _run(
    project: RunProject, *calls: tuple[str, dict[str, Any]]
) -> tuple[Run, list[dict[str, Any]]]:
    """Run an agent that makes *calls*; return its run and what the calls were answered."""
    note = project.note("answers.json")
    root = str(Path(__file__).parents[3])
    agent = project.python(AGENT, root, str(note), json.dumps(calls))
    run = await project.ended(await project.launch(agent))
    assert note.exists(), project.said(run)
    tools, *answers = json.loads(note.read_text())
    assert not any({"worker", "task", "run"} & set(s["properties"]) for s in tools.values())
    return run, answers


async def test_an_agent_claims_reserves_reports_and_completes(project: RunProject) -> None:
    run, answers = await _run(
        project,
        ("claim_task", {}),
        ("my_task", {}),
        ("reserve_files", {"paths": ["src/app.py"]}),
        ("heartbeat", {"message": "Half of it works"}),
        ("worker_status", {}),
        ("check_conflicts", {}),
        ("release_files", {"paths": ["src/app.py"]}),
        ("complete_work", {"message": "It says hello"}),
    )

    assert [answer["told"] for answer in answers if answer["error"]] == []
    claim, mine, reserved, beat, state, conflicts, released, done = (a["told"] for a in answers)
    assert claim["task"] == mine["task"]["key"] == run.task
    assert mine["run"] == run.id
    assert [lock["path"] for lock in reserved["result"]] == ["src/app.py"]
    assert beat["status"] == state["status"] == "working"
    assert [branch["task"] for branch in conflicts["branches"]] == [run.task]
    assert [lock["path"] for lock in released["result"]] == ["src/app.py"]
    assert done["task"] == run.task
    assert run.status is RunStatus.DONE
    assert project.task(run.task).status is TaskStatus.REVIEW
    kinds = {event.kind: event.actor for event in log.read(repo=str(project.repo.path))}
    assert kinds["lock.taken"] == run.worker


async def test_s05_it_acts_for_no_other_task_and_no_other_role(project: RunProject) -> None:
    other = project.add_task("Somebody else's").key

    _, answers = await _run(
        project,
        ("claim_task", {"key": other}),
        ("reserve_files", {"paths": ["src/app.py"], "task": other}),
        ("complete_work", {"worker": "human-ana"}),
        ("merge_worker", {"name": "agent-1"}),
        ("reserve_files", {"paths": ["../outside"]}),
    )

    assert all(answer["error"] for answer in answers)
    told = [answer["told"]["error"]["message"] for answer in answers]
    assert all(message.endswith(".") for message in told), told
    assert project.task(other).status is TaskStatus.BACKLOG
    tries = [one for one in log.read(repo=str(project.repo.path)) if one.kind == "worker.refused"]
    assert {one.actor for one in tries} == {"agent-1"}
    said = f"This run acts for agent-1 on task-2 alone, not for {other}."
    assert [one.data["sentence"] for one in tries] == [said]  # tried twice, told once
