"""Locks and guardians through the engine and the command line's doors."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.domain.task import TaskStatus
from core.engine import locking, merging, overview, tasks, workers
from core.engine.approving import approvals
from core.engine.claiming import claim_and_provision
from core.engine.doctor import doctor
from core.engine.lock_keeping import LockKeeping
from core.engine.reset import reset
from core.errors import Refused
from core.events import log
from core.locks.touched import note_touched

if TYPE_CHECKING:
    from core.engine.context import Engine
    from tests.core.conftest import SteadyClock
    from tests.scenarios import Repo


@pytest.fixture
def board(engine: Engine, repo: Repo) -> Engine:
    """Two tasks of which the first one's file is wanted by both, and two people."""
    repo.commit("start", {"app.py": "x\n", "package.json": "{}\n"})
    for key in ("a", "b"):
        tasks.task_add(engine, key, key=key, file=("app.py",))
    for name in ("human-ana", "human-bob"):
        workers.worker_add(engine, name, type="human")
    return engine


async def test_card_task_list_claim_and_event_say_the_same(
    board: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_OVERLAP", "wait")
    await claim_and_provision(board, "a", "human-ana")
    await LockKeeping().keep(board)
    said = "app.py is held by human-ana for a."

    (waiting,) = overview.board(board).waiting
    with pytest.raises(Refused) as caught:
        await claim_and_provision(board, "b", "human-bob")

    assert waiting.reasons == caught.value.reasons == (said,)
    assert tasks.task_show(board, "b").reasons == (said,)
    assert [one.key for one in tasks.task_list(board, available=True)] == []
    assert log.read(task="b", repo=str(board.repo.path))[-1].data["sentence"] == said
    assert [lock.path for lock in overview.board(board).locks] == ["app.py"]


async def test_lock_files_come_and_go_with_the_setting(
    board: Engine, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    await claim_and_provision(board, "a", "human-ana")
    monkeypatch.setenv("WEFT_LOCK_FILES", "true")
    await LockKeeping().keep(board)
    assert [file.name for file in (repo.path / ".task-locks").iterdir()] == ["app.py.lock"]
    assert repo.git("status", "--porcelain") == ""

    monkeypatch.setenv("WEFT_LOCK_FILES", "false")
    await LockKeeping().keep(board)

    assert not (repo.path / ".task-locks").exists()


async def test_a_reset_ends_reserved_locks_too(board: Engine) -> None:
    await claim_and_provision(board, "a", "human-ana")
    locking.lock(board, ("other.txt",), worker="human-bob", task="b", minutes=60)

    await reset(board, yes=True)

    assert locking.locks(board) == ()


async def test_the_doctor_tells_of_locks_that_ran_out_and_ends_them(
    board: Engine, clock: SteadyClock
) -> None:
    locking.lock(board, ("other.txt",), worker="human-bob", task="b", minutes=60)
    clock.pass_(timedelta(hours=2))

    told = {one.check: one.message for one in await doctor(board, fix=True)}

    assert told["locks"] == "1 locks ran out: other.txt."
    assert locking.locks(board) == ()


async def test_a_critical_file_that_was_changed_undeclared_wants_a_guardian_before_the_merge(
    board: Engine, monkeypatch: pytest.MonkeyPatch, repo: Repo
) -> None:
    repo.commit(
        "rules",
        {
            ".weft.toml": 'guardians = ["human-ana"]\ncritical_files = ["package.json"]\n'
            'approve_before = "merge"\n'
        },
    )
    await claim_and_provision(board, "a", "human-bob")
    note_touched(board.repo, {"a": {"package.json": True}}, now=board.now())
    assert tasks.finish(board, "a").status is TaskStatus.REVIEW

    (step,) = (await merging.merge_plan(board)).steps
    tasks.task_approve(board, "a", by="human-ana", reason="Not so.", reject=True)
    (refused,) = (await merging.merge_plan(board)).steps
    tasks.task_approve(board, "a", by="human-ana", reason="So.")

    assert "needs a guardian's approval" in step.why
    assert "human-ana said no: Not so" in refused.why
    assert "guardian" not in (await merging.merge_plan(board)).steps[0].why
    assert [(one.approved, one.reason) for one in approvals(board, "a")] == [
        (False, "Not so."),
        (True, "So."),
    ]


@pytest.mark.parametrize("before", ["claim", "merge"])
async def test_critical_files_of_a_branch_want_a_guardian_though_nobody_watched_it(
    board: Engine, repo: Repo, before: str
) -> None:
    rules = (
        f'guardians = ["human-ana"]\ncritical_files = ["package.json"]\napprove_before = "{before}"'
    )
    repo.commit("rules", {".weft.toml": rules})
    await done_by_bob(board, repo)

    result = await merging.merge_run(board)
    tasks.task_approve(board, "a", by="human-ana", reason="So.")
    landed = await merging.merge_run(board)

    assert not result.merged
    assert "needs a guardian's approval" in result.put_aside[0].reason
    assert landed.merged


async def test_what_became_critical_after_the_claim_wants_a_guardian_before_it_lands(
    board: Engine, repo: Repo
) -> None:
    rules = 'guardians = ["human-ana"]\ncritical_files = ["package.json"]'
    repo.commit("rules", {".weft.toml": rules})
    await claim_and_provision(board, "a", "human-bob")
    tasks.task_edit(board, "a", file=("package.json",))
    tasks.finish(board, "a")

    (step,) = (await merging.merge_plan(board)).steps

    assert "needs a guardian's approval" in step.why


TWO = 'guardians = ["human-ana", "human-bob"]\ncritical_files = ["package.json"]\n'


async def done_by_bob(board: Engine, repo: Repo) -> None:
    claimed = await claim_and_provision(board, "a", "human-bob")
    (Path(claimed.worktree) / "package.json").write_text('{"a": 1}\n')
    repo.git("commit", "--quiet", "--no-verify", "--all", "-m", "work", cwd=Path(claimed.worktree))
    tasks.finish(board, "a")


async def test_a_guardian_does_not_approve_what_he_does_himself(board: Engine, repo: Repo) -> None:
    repo.commit("rules", {".weft.toml": TWO + 'approve_before = "merge"\n'})
    await claim_and_provision(board, "a", "human-bob")
    tasks.task_edit(board, "a", file=("package.json",))

    with pytest.raises(Refused, match="human-bob does a: another guardian must approve it"):
        tasks.task_approve(board, "a", by="Human-Bob")
    refused = tasks.task_approve(board, "a", by="human-bob", reject=True)
    approved = tasks.task_approve(board, "a", by="human-ana")

    assert (refused.approved_by, approved.approved_by) == (None, "human-ana")


async def test_what_a_guardian_approved_and_then_did_wants_another_one_before_it_lands(
    board: Engine, repo: Repo
) -> None:
    repo.commit("rules", {".weft.toml": TWO})
    tasks.task_edit(board, "a", file=("package.json",))
    tasks.task_approve(board, "a", by="human-bob")
    await done_by_bob(board, repo)

    (alone,) = (await merging.merge_plan(board)).steps
    tasks.task_approve(board, "a", by="human-ana")

    assert "was approved only by human-bob, who did it: another guardian must" in alone.why
    assert "guardian" not in (await merging.merge_plan(board)).steps[0].why


async def test_the_only_guardian_approves_his_own(board: Engine, repo: Repo) -> None:
    repo.commit("rules", {".weft.toml": TWO.replace('"human-ana", ', "")})
    tasks.task_edit(board, "a", file=("package.json",))
    tasks.task_approve(board, "a", by="human-bob")
    await done_by_bob(board, repo)

    assert tasks.task_approve(board, "a", by="human-bob").approved_by == "human-bob"
    assert "guardian" not in (await merging.merge_plan(board)).steps[0].why
