"""Each reason to wait, produced for real: card, command line, MCP and event say the same words.

The repository, the database, the agents' processes and the MCP client are genuine.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from core.domain.reason import ReasonCode
from core.engine import notices, workers
from core.processes.identity import identify, suspend
from core.queue import outcomes
from tests.end_to_end.reason_fixtures import bytecode, scene
from tests.end_to_end.reasons import Case, Scene, check, claimed_by_an_agent, one_at_work
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ["bytecode", "scene"]

C = ReasonCode
MEMORY_MB = 1_000_000


def _failing(scene: Scene) -> None:
    """Tasks whose runs really failed: ONCE once, ESC until a person is asked."""
    scene.profile("fails", "sh", "-c", "exit 3")
    scene.agent("agent-1", "fails")
    for key, often in (("ONCE", 1), ("ESC", 2)):
        scene.add(key)
        for _ in range(often):
            scene.weft("run", key, "--wait", status=None)


def on_the_board(scene: Scene) -> None:
    """Dependencies, failures, files, guardians."""
    scene.configure(
        guardians=["human-ana"], critical_files=["package.json"], overlap="wait", max_attempts=2
    )
    _failing(scene)
    scene.add("HELD", "--file", "src/app.py", "--file", "package.json")
    scene.add("DEP", "--depends", "HELD")
    scene.add("DEPONCE", "--depends", "ONCE")
    scene.add("DEPESC", "--depends", "ESC")
    scene.add("FILE", "--file", "src/*.py")
    scene.add("CRIT", "--file", "package.json")
    scene.add("APPROVE", "--priority", "critical")
    scene.add("NO", "--priority", "critical")
    scene.add("RUST", "--skill", "rust")
    for key in ("HELD", "CRIT"):
        scene.weft("task", "approve", key, "--by", "human-ana")
    no = ("--reason", "Not now.", "--reject")
    scene.weft("task", "approve", "NO", "--by", "human-ana", *no)
    scene.weft("claim", "HELD", "--worker", "human-bo")
    scene.configure(max_attempts=1)


def of_workers(scene: Scene) -> None:
    """What keeps one worker, and not another, from a task."""
    scene.configure(wip_worker=1)
    scene.profile("quick", "true")
    scene.profile("gone", "no-such-program-anywhere")
    scene.agent("agent-paused", "quick")
    scene.agent("agent-gone", "gone")
    scene.people("human-cid")
    scene.weft("pause", "agent-paused")
    for key in ("HELD", "FREE", "REVIEWED"):
        scene.add(key)
    scene.add("RUST", "--skill", "rust")
    scene.weft("claim", "HELD", "--worker", "human-bo")
    scene.work("REVIEWED", "human-cid", "a.txt", "changed\n")
    scene.configure(wip_worker=1)


def at_its_limits(scene: Scene) -> None:
    """Columns that are full."""
    for key in ("HELD", "REVIEWED", "FREE"):
        scene.add(key)
    scene.work("REVIEWED", "human-ana", "a.txt", "changed\n")
    scene.weft("claim", "HELD", "--worker", "human-bo")
    scene.configure(wip_under_way=1, wip_review=1)


def spent(scene: Scene) -> None:
    """Money that a real run has cost."""
    script = scene.home / "costly.json"
    usage = {"input_tokens": 10, "output_tokens": 10, "cost_usd": 2.0}
    steps = [{"usage": usage}, {"fail": {"code": 1, "text": "no"}}]
    script.write_text(json.dumps({"steps": steps}), encoding="utf-8")
    scene.profile("costly", str(script), driver="scripted")
    scene.agent("agent-1", "costly")
    scene.add("SPENT")
    scene.add("FREE")
    scene.weft("run", "SPENT", "--wait", status=None)
    scene.configure(budget_day_usd=1.5, budget_task_usd=1.0)


def without_a_place(scene: Scene) -> None:
    """One run is allowed and is at work; what is next waits, claimed or not."""
    one_at_work(scene)
    scene.add("NEXT")
    scene.add("READY")
    scene.weft("claim", "NEXT", "--worker", "agent-2")
    scene.configure(max_workers=1, dispatch="queue")


def without_a_place_of_its_own(scene: Scene) -> None:
    """The profile allows one run, and the machine more."""
    scene.profiles["waits"] = ""
    one_at_work(scene, max=1)
    scene.add("NEXT")
    scene.weft("claim", "NEXT", "--worker", "agent-2")


def without_memory(scene: Scene) -> None:
    """The machine has not enough memory free."""
    claimed_by_an_agent(scene)
    scene.configure(min_free_memory_mb=MEMORY_MB)


def on_a_busy_machine(scene: Scene) -> None:
    """The machine is as busy as is allowed."""
    claimed_by_an_agent(scene)
    scene.configure(max_load=0.000001)


def never_begun(scene: Scene) -> None:
    """An agent's claim that nobody runs, and a person's that will be given away."""
    claimed_by_an_agent(scene)
    scene.add("SLOW")
    scene.weft("claim", "SLOW", "--worker", "human-ana")
    scene.configure(steal_after_minutes=1, steal_notice_minutes=10)
    engine = scene.engine
    notices.steal(engine, (), workers.worker_list(engine))


def while_the_dispatcher_is_paused(scene: Scene) -> None:
    """Agents would take and start tasks by themselves, and may not."""
    claimed_by_an_agent(scene)
    scene.agent("agent-2", "quick")
    scene.add("READY")
    scene.configure(dispatch="queue")
    scene.weft("dispatch", "pause")


def while_its_worker_is_paused(scene: Scene) -> None:
    """An agent owns a task and may not begin it."""
    claimed_by_an_agent(scene)
    scene.weft("pause", "agent-1")


def without_a_base(scene: Scene) -> None:
    """The branch that everything lands on was renamed; an agent is idle."""
    claimed_by_an_agent(scene)
    scene.agent("agent-2", "quick")
    scene.add("READY")
    scene.configure(dispatch="queue")
    scene.disk.git("branch", "-m", "main", "trunk")


def stopped_by_a_person(scene: Scene) -> None:
    """A person ended what an agent had; nobody takes it by itself, though one is idle."""
    claimed_by_an_agent(scene)
    scene.configure(dispatch="queue")
    scene.weft("abort", "NEXT")


def stacked(scene: Scene) -> None:
    """Work in review on which another builds cannot be put together."""
    scene.configure(dependency_satisfied_by="review")
    for key, worker in (("ONE", "human-ana"), ("TWO", "human-bo")):
        scene.add(key)
        scene.work(key, worker, "a.txt", f"of {key}\n")
    scene.add("BOTH", "--depends", "ONE", "--depends", "TWO")


def nobody_is_heard(scene: Scene) -> None:
    """A runner that is stopped from outside: its worker gives no sign of life."""
    one_at_work(scene)
    scene.add("FREE")
    (run,) = outcomes.list_runs(scene.engine.repo, live_only=True)
    runner = identify(run.runner_pid or 0)
    assert runner is not None
    assert suspend(runner)
    scene.configure(stale_after_minutes=0.01)
    wait_until(lambda: workers.get(scene.engine, "agent-1").status.value == "offline")


SCENES: dict[Callable[[Scene], None], list[Case]] = {
    on_the_board: [
        Case(C.DEPENDENCY, "DEP", "Waits for HELD (human-bo, claimed)."),
        Case(C.DEPENDENCY, "DEPONCE", "Waits for ONCE (backlog, failed once)."),
        Case(
            C.DEPENDENCY_FAILED,
            "DEPESC",
            "Waits for ESC, which failed 2 times and waits for a person.",
        ),
        Case(C.ESCALATED, "ESC", "Failed 2 times and waits for a person: retry it."),
        Case(C.ATTEMPTS, "ONCE", "Its attempts are used up (1 of 1): retry it."),
        Case(C.FILE_HELD, "FILE", "src/app.py is held by human-bo for HELD."),
        Case(C.CRITICAL_FILE, "CRIT", "package.json is critical and held by human-bo for HELD."),
        Case(C.APPROVAL, "APPROVE", "Needs a guardian's approval."),
        Case(C.REJECTED, "NO", "human-ana said no: Not now."),
        Case(C.SKILL, "RUST", "human-ana lacks the skill rust."),
        Case(C.STATUS, "HELD", "HELD is claimed: it belongs to human-bo.", "human-ana"),
        Case(C.FILE_HELD, "FILE", "src/app.py is held by human-bo for HELD.", "human-ana"),
    ],
    of_workers: [
        Case(C.WORKER_BUSY, "FREE", "human-bo is busy with HELD.", "human-bo"),
        Case(C.WORKER_PAUSED, "FREE", "agent-paused is paused.", "agent-paused"),
        Case(C.WORKER_PROGRAM, "FREE", "agent-gone: ", "agent-gone"),
        Case(C.SKILL, "RUST", "human-ana lacks the skill rust.", "human-ana"),
        Case(
            C.WIP_LIMIT,
            "FREE",
            "human-cid has reached the limit of work that has not landed (1).",
            "human-cid",
        ),
        Case(C.STATUS, "REVIEWED", "REVIEWED is in review, not in the backlog.", "human-ana"),
    ],
    at_its_limits: [
        Case(C.WIP_LIMIT, "FREE", "The limit of work under way is reached (1)."),
        Case(C.WIP_LIMIT, "FREE", "The limit of work in review is reached (1)."),
    ],
    spent: [
        Case(C.BUDGET, "SPENT", "Its budget is spent ($2.00 of $1.00)."),
        Case(C.BUDGET, "FREE", "The day's budget is spent ($2.00 of $1.50)"),
        Case(C.BUDGET, "FREE", "The day's budget is spent ($2.00 of $1.50)", "agent-1"),
    ],
    without_a_place: [
        Case(C.CAPACITY, "NEXT", "Starts when a place is free (1 of 1 running)."),
        Case(C.CAPACITY, "READY", "Starts when a place is free (1 of 1 running)."),
    ],
    without_a_place_of_its_own: [
        Case(C.CAPACITY, "NEXT", "Starts when a place for waits is free (1 of 1 running)."),
    ],
    without_memory: [
        Case(C.CAPACITY, "NEXT", f"Starts when memory is free (<n> of {MEMORY_MB} MB)."),
    ],
    on_a_busy_machine: [
        Case(C.CAPACITY, "NEXT", "Starts when the machine is less busy (load <n> of 1e-06)."),
    ],
    never_begun: [
        Case("not_started", "NEXT", "Claimed, not started: run it."),
        Case("notice", "NEXT", "Goes to another at <time> unless agent-1 starts it."),
        Case("notice", "SLOW", "Goes to another at <time> unless human-ana starts it."),
    ],
    while_the_dispatcher_is_paused: [
        Case("dispatch_paused", key, "Waits until the dispatcher goes on: a person paused it.")
        for key in ("NEXT", "READY")
    ],
    while_its_worker_is_paused: [Case(C.WORKER_PAUSED, "NEXT", "agent-1 is paused.")],
    without_a_base: [
        Case(
            "no_base",
            key,
            "There is no branch main, the base of repo. Name another base: weft init --base BRANCH",
        )
        for key in ("NEXT", "READY")
    ],
    stopped_by_a_person: [
        Case(C.STOPPED, "NEXT", "A person stopped it: run it, or retry it."),
    ],
    stacked: [
        Case(C.STACK, "BOTH", "TWO conflicts with ONE in a.txt: one must land first."),
    ],
    nobody_is_heard: [
        Case(
            C.WORKER_OFFLINE,
            "FREE",
            "agent-1 is offline: nothing was heard of it since <time>.",
            "agent-1",
        ),
    ],
}


def test_every_reason_that_there_is_is_among_these() -> None:
    produced = {case.code for cases in SCENES.values() for case in cases}

    assert produced - {"not_started", "notice", "dispatch_paused", "no_base"} == set(ReasonCode)


@pytest.mark.parametrize("produce", SCENES, ids=lambda produce: produce.__name__)
def test_a_reason_is_told_everywhere_in_the_same_words(
    scene: Scene, produce: Callable[[Scene], None]
) -> None:
    produce(scene)

    check(scene, SCENES[produce])
