"""What goes wrong among tasks that wait for each other is told, each accident with its sentence."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.domain.reason import ReasonCode
from core.engine import launching, notices, overview, tasks, workers
from core.engine.watching import look_at_files
from core.errors import UserError
from core.processes.identity import identify
from core.queue import outcomes
from core.tasks import board
from gui.conflicts.facts import BoardFacts
from gui.conflicts.sentences import told_of
from tests.end_to_end.reason_fixtures import bytecode, scene
from tests.end_to_end.reasons import Case, check, claimed_by_an_agent, one_at_work
from tests.killing import KILL
from tests.waiting import wait_until

if TYPE_CHECKING:
    from tests.end_to_end.reasons import Scene

__all__ = ["bytecode", "scene"]


def test_a_lock_goes_when_its_holder_dies_and_not_before(scene: Scene) -> None:
    scene.configure(overlap="wait")
    one_at_work(scene)
    scene.add("OTHER", "--file", "*.txt")
    check(
        scene,
        [Case(ReasonCode.FILE_HELD, "OTHER", "a.txt is held by agent-1 for BUSY until <time>.")],
    )
    (run,) = outcomes.list_runs(scene.engine.repo, live_only=True)
    assert run.runner_pid is not None

    os.kill(run.runner_pid, KILL)
    wait_until(lambda: identify(run.runner_pid or 0) is None)
    assert scene.cards()["OTHER"].reason.startswith("a.txt is held by agent-1 for BUSY until")
    asyncio.run(launching.recover(scene.engine))
    scene.lead()

    cards = scene.cards()
    assert cards["OTHER"].reasons == ()
    assert cards["BUSY"].reason == "Attempt 1 failed: Its runner died."
    assert scene.told("task.ready", "OTHER")
    assert [one["paths"] for one in scene.told("lock.released", "BUSY")] == [["a.txt"]]
    assert [one["reason"] for one in scene.told("run.ended", "BUSY")] == ["Its runner died."]
    assert "Its runner died." in scene.weft("task", "show", "BUSY")
    assert "a.txt" not in scene.weft("locks")
    scene.weft("claim", "OTHER", "--worker", "human-ana")


def test_a_circle_of_dependencies_is_refused_and_shown(scene: Scene) -> None:
    scene.add("ONE")
    scene.add("TWO", "--depends", "ONE")
    scene.add("THREE", "--depends", "TWO")
    said = "ONE would wait for itself: ONE → THREE → TWO → ONE."

    assert said in scene.weft("task", "edit", "ONE", "--depends", "THREE", status=1)
    with pytest.raises(UserError) as caught:  # what the window's form and HTTP call
        tasks.task_edit(scene.engine, "ONE", depends=("THREE",))
    assert caught.value.message == said
    assert board.get_task(scene.engine.repo, "ONE").depends_on == ()
    assert not scene.told("task.edited", "ONE")


def test_a_claim_that_is_never_begun_is_given_to_another_with_notice(scene: Scene) -> None:
    claimed_by_an_agent(scene)
    scene.agent("agent-2", "quick")
    scene.configure(steal_after_minutes=0.02, steal_notice_minutes=0.01)
    engine = scene.engine

    def stolen() -> bool:
        everybody = workers.worker_list(engine)
        notices.steal(engine, [one for one in everybody if one.name == "agent-2"], everybody)
        return bool(scene.told("task.stolen", "NEXT"))

    wait_until(stolen)

    (notice,) = scene.told("task.notice", "NEXT")
    assert str(notice["sentence"]).startswith("Goes to another at ")
    (theft,) = scene.told("task.stolen", "NEXT")
    assert theft["why"] == "agent-1 did not start it for 0 min."
    assert scene.cards()["NEXT"].task.worker == "agent-2"
    assert scene.cards()["NEXT"].reason == "Claimed, not started: run it."


def test_work_on_a_file_that_was_not_declared_is_told_on_both_cards_and_between_them(
    scene: Scene,
) -> None:
    for key, worker, file in (("ONE", "human-ana", "a.txt"), ("TWO", "human-bo", "b.txt")):
        scene.add(key, "--file", file)
        scene.weft("claim", key, "--worker", worker)
        worktree = Path(board.get_task(scene.engine.repo, key).worktree or "")
        (worktree / "c.txt").write_text(f"of {key}\n", encoding="utf-8")

    asyncio.run(look_at_files(scene.engine))

    undeclared = "Changes c.txt, not declared."
    both = {
        "ONE": "human-bo changes c.txt for TWO too.",
        "TWO": "human-ana changes c.txt for ONE too.",
    }
    for key, sentence in both.items():
        assert set(scene.cards()[key].reasons) == {undeclared, sentence}
        assert [one["sentence"] for one in scene.told("task.overlap", key)] == [sentence]
        assert [one["sentence"] for one in scene.told("task.undeclared", key)] == [undeclared]
    facts = BoardFacts.of(overview.board(scene.engine))
    assert set(told_of(facts.warned("ONE", "TWO"))) == {f"{k}: {said}" for k, said in both.items()}
    assert f"ONE: {undeclared}" in told_of(facts.warned("ONE"))
