"""A genuine client, the SDK's own, works through the door for agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.task import TaskStatus
from core.domain.worker import WorkerType
from core.engine.context import Engine
from core.engine.loops import tick
from core.store.schema import ClaimRow
from core.workers.registry import add_worker
from tests.interfaces.mcp.conftest import told

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interfaces.mcp.conftest import Connect
    from tests.runs import RunProject

WORKER_TOOLS = {
    "claim_task",
    "my_task",
    "heartbeat",
    "worker_status",
    "reserve_files",
    "release_files",
    "check_conflicts",
    "ask_person",
    "complete_work",
}
SUPERVISOR_TOOLS = {
    "list_tasks",
    "add_task",
    "spawn_worker",
    "workers",
    "pause_worker",
    "resume_worker",
    "abort_worker",
    "merge_plan",
    "merge_worker",
    "order_task",
    "suggest",
    "proposals",
    "accept_proposal",
}


def _human(project: RunProject, name: str) -> str:
    now = project.clock.now()
    add_worker(project.repo, name, WorkerType.HUMAN, now=now, actor="person")
    return name


async def test_a_client_claims_reserves_reports_and_completes(
    project: RunProject, connect: Connect
) -> None:
    _human(project, "human-ana")
    key = project.add_task("Retry webhooks").key

    async with connect("--worker", "human-ana") as session:
        claim = await told(session, "claim_task")
        held = await told(session, "reserve_files", paths=["src/hooks.py", "docs/*.md"])
        mine = await told(session, "my_task")
        state = await told(session, "heartbeat", message="Half of it works")
        conflicts = await told(session, "check_conflicts")
        freed = await told(session, "release_files", paths=["docs/*.md"])
        done = await told(session, "complete_work", message="Webhooks are retried")

    assert (claim["task"], claim["worker"]) == (key, "human-ana")
    assert [lock["path"] for lock in held["result"]] == ["docs/*.md", "src/hooks.py"]
    assert mine["task"]["key"] == key
    assert len(mine["locks"]) == 2
    assert state == {"worker": "human-ana", "task": key, "status": "working", "reason": ""}
    assert [branch["task"] for branch in conflicts["branches"]] == [key]
    assert [lock["path"] for lock in freed["result"]] == ["docs/*.md"]
    assert done["status"] == "review"
    assert project.task(key).status is TaskStatus.REVIEW


async def test_a_worker_sees_its_own_tools_and_cannot_say_who_it_is(
    project: RunProject, connect: Connect
) -> None:
    async with connect("--worker", "agent-1") as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        refused = await session.call_tool("claim_task", {"worker": "agent-2"})

    assert set(tools) == WORKER_TOOLS
    assert not any("worker" in tool.input_schema["properties"] for tool in tools.values())
    assert tools["reserve_files"].input_schema["required"] == ["paths"]
    assert refused.is_error
    hints = [tool.annotations for tool in tools.values()]
    assert all(hint is not None and not hint.destructive_hint for hint in hints)


async def test_a_refusal_is_a_sentence_with_its_reasons(
    project: RunProject, connect: Connect
) -> None:
    first, second = project.add_task("One").key, project.add_task("Two").key
    for name, key in (("human-ana", first), ("human-bo", second)):
        _human(project, name)
        project.claim(key, name)

    async with connect("--worker", "human-ana") as ana, connect("--worker", "human-bo") as bo:
        await told(ana, "reserve_files", paths=["src/app.py"])
        refused = await bo.call_tool("reserve_files", {"paths": ["src/app.py"]})
        foreign = await bo.call_tool("claim_task", {"key": first})

    assert refused.is_error
    assert refused.structured_content is not None
    error = refused.structured_content["error"]
    assert error["code"] == "refused"
    assert error["reasons"] == [f"src/app.py is held by human-ana for {first}."]
    assert foreign.structured_content is not None
    assert foreign.structured_content["error"]["reasons"] == [
        f"{first} is claimed: it belongs to human-ana."
    ]


async def test_a_worker_pinned_to_a_task_acts_for_no_other(
    project: RunProject, connect: Connect
) -> None:
    mine, other = project.add_task("One").key, project.add_task("Two").key
    _human(project, "human-ana")
    project.claim(mine, "human-ana")

    async with connect("--worker", "human-ana", WEFT_TASK=other) as session:
        answers = [
            await session.call_tool("reserve_files", {"paths": ["a.py"]}),
            await session.call_tool("complete_work", {}),
            await session.call_tool("claim_task", {"key": mine}),
        ]
        state = await told(session, "worker_status")

    codes = [(answer.structured_content or {})["error"]["code"] for answer in answers]
    assert codes == ["not_yours"] * 3
    assert state["status"] == "aborted"
    assert project.task(mine).status is TaskStatus.CLAIMED


async def test_a_supervisor_directs_workers(project: RunProject, connect: Connect) -> None:
    async with connect("--role", "supervisor") as session:
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        added = await told(session, "add_task", title="Retry webhooks", priority="high")
        listed = await told(session, "list_tasks", status=["backlog"])
        workers = await told(session, "workers")
        waiting = await told(session, "status")
        paused = await session.call_tool("pause_worker", {"worker": "agent-1"})
        nameless = await session.call_tool("pause_worker", {})
        plan = await told(session, "merge_plan")

    assert set(tools) >= WORKER_TOOLS | SUPERVISOR_TOOLS
    assert tools["pause_worker"].input_schema["required"] == ["worker"]
    assert "worker" in tools["claim_task"].input_schema["required"]
    assert [task["key"] for task in listed["result"]] == [added["key"]]
    assert [worker["name"] for worker in workers["result"]] == ["agent-1"]
    assert waiting["queue"]["backlog"] == 1
    assert paused.structured_content is not None
    assert nameless.is_error
    assert plan["steps"] == []


async def test_a_supervisor_sets_the_order_and_hands_out_what_is_proposed(
    project: RunProject, connect: Connect, weft_home: Path
) -> None:
    (weft_home / "config.toml").write_text('dispatch = "hybrid"\n', encoding="utf-8")
    urgent, next_one = (project.add_task(title).key for title in ("Urgent", "Comes first"))
    _human(project, "human-ana")

    async with connect("--role", "supervisor") as session:
        ordered = await told(session, "order_task", key=next_one, before=urgent)
        listed = await told(session, "list_tasks")
        suggested = await told(session, "suggest", key=next_one)
        proposed = await told(session, "proposals")
        made = await told(session, "accept_proposal", worker="human-ana")
        nothing = await session.call_tool("accept_proposal", {})

    assert ordered["key"] == next_one
    assert [task["key"] for task in listed["result"]] == [next_one, urgent]
    assert "human-ana" in [one["worker"] for one in suggested["result"] if not one["reasons"]]
    assert [one["task"] for one in proposed["result"]] == [next_one]
    assert (made["result"][0]["task"], made["result"][0]["worker"]) == (next_one, "human-ana")
    assert project.task(next_one).worker == "human-ana"
    assert nothing.is_error


def _lease_ends() -> int:
    """Return when the only claim's lease ends."""
    ends = ClaimRow.get().lease_expires_ms
    assert ends is not None
    return ends


async def test_an_agent_that_comes_by_itself_is_not_started_by_the_loops(
    project: RunProject, connect: Connect
) -> None:
    now = project.clock.now()
    add_worker(project.repo, "agent-own", WorkerType.AGENT, now=now, actor="person")
    key = project.add_task("Retry webhooks").key

    async with connect("--worker", "agent-own") as session:
        await told(session, "claim_task")
        await tick(Engine(project.repo))
        first = _lease_ends()
        await told(session, "heartbeat")
        later = _lease_ends()
        claimed = project.task(key)
        await told(session, "complete_work")

    assert (claimed.status, claimed.worker) == (TaskStatus.CLAIMED, "agent-own")
    assert first < later
    assert project.task(key).status is TaskStatus.REVIEW
