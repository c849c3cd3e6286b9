from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.domain.merge_run import MergeProgress, MergeStage
from core.domain.plan import StepOutcome, Strategy
from core.domain.task import TaskStatus
from core.errors import Refused, UserError
from core.events.log import read
from core.merging.journal_entry import last_landed, unfinished
from core.paths import scratch_folder
from core.store.schema import MergeRunRow, TaskRow
from core.tasks.board import get_task
from tests.scenarios import numbered_lines
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.domain.plan import MergeResult
    from tests.core.merging.board import Board


def landed(result: MergeResult) -> list[str]:
    return [one.task for one in result.merged]


def aside(result: MergeResult) -> dict[str, str]:
    return {one.task: one.reason for one in result.put_aside}


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_what_lands_is_the_tree_that_the_plan_showed(
    board: Board, strategy: Strategy
) -> None:
    board.scenario("colliding_trio")
    plan = await board.plan(strategy=strategy)

    result = await board.merge(strategy=strategy)

    assert landed(result) == [step.task for step in plan.clean_steps]
    assert board.git.git("rev-parse", "main^{tree}") == plan.clean_steps[-1].tree
    assert board.git.head("main") == result.after
    assert result.before == plan.base_sha
    (loser,) = result.put_aside
    assert loser.files == ("a.txt",)
    assert "conflicts with" in loser.reason
    board.git.git("fsck", "--strict", "--no-dangling")


async def test_tasks_become_done_and_one_event_tells_the_run(board: Board) -> None:
    board.scenario("colliding_trio")

    result = await board.merge()

    for one in result.merged:
        task = get_task(board.repo, one.task)
        assert (task.status, task.landed_commit) == (TaskStatus.DONE, one.commit)
        done = next(event for event in read(task=one.task) if event.kind == "task.done")
        assert task.landed_at == done.at
    assert board.status(result.put_aside[0].task) is TaskStatus.REVIEW
    assert board.event_kinds() == ["merge.started", "task.done", "task.done", "merge.landed"]
    assert read()[-1].data["merged"] == landed(result)
    assert board.git.git("rev-parse", result.backup_ref) == result.before


async def test_a_checkout_whose_git_directory_lies_elsewhere_follows(
    board: Board, tmp_path: Path
) -> None:
    """As in a submodule, of which git's own list names the git directory."""
    store = tmp_path / "modules" / "sub"
    store.parent.mkdir()
    board.git.git("init", "--quiet", f"--separate-git-dir={store}")
    board.git.git("config", "core.worktree", str(board.git.path))
    board.repo = replace(board.repo, git_dir=store)
    board.branch("task-4", {"new.txt": "new\n"})

    await board.merge()

    assert (board.git.path / "new.txt").read_text() == "new\n"
    assert board.git.git("status", "--porcelain") == ""


async def test_a_merge_commit_says_task_and_title_in_the_persons_name(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})

    result = await board.merge()

    shown = board.git.git("show", "-s", "--format=%an <%ae>|%cn|%P|%B", result.after)
    parents = f"{result.before} {board.git.head('task-4')}"
    assert shown.rstrip() == (
        f"Weft Tests <tests@weft.invalid>|Weft Tests|{parents}|"
        "Merge task-4: Title of task-4\n\nTask: task-4"
    )


async def test_a_squashed_branch_is_one_commit_that_names_its_other_authors(board: Board) -> None:
    board.git.branch("task-4")
    board.git.commit("one", {"1.txt": "1\n"})
    board.git.write("2.txt", "2\n")
    board.git.git("add", "--all")
    board.git.git("commit", "-qm", "two", "--author=Ana <ana@example.org>")
    board.git.switch("main")
    board.review("task-4")

    result = await board.merge(strategy=Strategy.SQUASH)

    shown = board.git.git("show", "-s", "--format=%P|%B", result.after)
    assert shown.rstrip() == (
        f"{result.before}|Title of task-4\n\nTask: task-4\nCo-authored-by: Ana <ana@example.org>"
    )


async def test_replayed_commits_keep_author_date_and_words(board: Board) -> None:
    board.git.branch("task-4")
    board.git.write("1.txt", "1\n")
    board.git.git("add", "--all")
    board.git.git("commit", "-qm", "grüß\n\nbody\n", "--author=Ana <ana@example.org>")
    board.git.commit("second", {"2.txt": "2\n"})
    board.git.switch("main")
    board.git.commit("main moves on", {"m.txt": "m\n"})
    board.review("task-4")
    form = "--format=%an|%ae|%at|%B"
    before = board.git.git("log", form, "main..task-4")

    result = await board.merge(strategy=Strategy.REBASE)

    assert board.git.git("log", form, f"{result.before}..main") == before
    assert board.git.git("rev-list", "--merges", f"{result.before}..main") == ""


async def test_a_branch_that_needs_no_replaying_lands_as_it_is(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})

    result = await board.merge(strategy=Strategy.REBASE)

    assert result.after == board.git.head("task-4")


async def test_a_base_that_moves_during_the_check_is_merged_again(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    once = board.git.path.parent / "once"
    commit = f"git -C {board.git.path} commit -q --allow-empty -m moved"

    result = await board.merge(check=f"test -e {once} || {{ touch {once}; {commit}; }}")

    moved = board.git.head(f"{result.after}^1")
    assert board.git.git("show", "-s", "--format=%s", moved) == "moved"
    assert result.before == moved
    assert landed(result) == ["task-4"]


async def test_a_base_that_never_stands_still_is_given_up_politely(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    told: list[MergeStage] = []

    def move(progress: MergeProgress) -> None:
        told.append(progress.stage)
        if progress.stage is MergeStage.READY:
            board.git.commit(f"moved {len(told)}")

    with pytest.raises(Refused, match="5 times"):
        await board.merge(progress=move)

    assert told.count(MergeStage.READY) == 5
    assert board.status("task-4") is TaskStatus.REVIEW


async def test_a_branch_that_gets_another_commit_meanwhile_lands_with_it(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    heads: list[str] = []

    def commit(progress: MergeProgress) -> None:
        if progress.stage is MergeStage.READY and not heads:
            board.git.switch("task-4")
            heads.append(board.git.commit("more", {"more.txt": "more\n"}))
            board.git.switch("main")

    await board.merge(progress=commit)

    assert board.git.git("show", "main:more.txt") == "more"


async def test_a_task_that_is_sent_back_to_work_meanwhile_does_not_land(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    board.branch("task-5", {"other.txt": "other\n"})

    def send_back(progress: MergeProgress) -> None:
        if progress.stage is MergeStage.READY:
            TaskRow.update(status=TaskStatus.IN_PROGRESS.value).where(
                TaskRow.key == "task-4"
            ).execute()

    result = await board.merge(progress=send_back)

    assert landed(result) == ["task-5"]
    assert aside(result) == {"task-4": "not in review"}


async def test_a_failing_check_puts_its_branch_aside_and_the_rest_is_planned_anew(
    board: Board,
) -> None:
    board.branch("bad", {"a.txt": numbered_lines(line_3="bad"), "bad": "x\n"}, human=True)
    board.branch("good", {"a.txt": numbered_lines(line_3="good")})
    board.branch("needy", {"n.txt": "n\n"}, depends_on=("bad",))

    result = await board.merge(check="ls; test ! -e bad")

    assert landed(result) == ["good"]
    assert aside(result) == {
        "bad": "the check failed with status 1",
        "needy": "it waits for bad, which has not landed",
    }
    log = scratch_folder("merges").glob("*/bad.log")
    assert [path.read_text().split() for path in log] == [["a.txt", "b.txt", "bad"]]
    assert result.put_aside[0].log.endswith("/bad.log")


async def test_a_check_that_is_cancelled_leaves_nothing_behind(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    before = board.git.fingerprint()
    running = board.git.path.parent / "running"

    result = await board.merge(
        check=f"setsid sleep 600 & touch {running}; sleep 600", cancelled=running.exists
    )

    assert (landed(result), result.notes) == ([], ("Cancelled: main was not touched.",))
    assert board.git.fingerprint() == before
    assert unfinished(board.repo) == ()


async def test_cancelling_the_coroutine_stops_the_check_and_closes_the_journal(
    board: Board,
) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    running = board.git.path.parent / "running"
    task = asyncio.create_task(board.merge(check=f"touch {running}; sleep 600"))
    await wait_until_async(running.exists)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert unfinished(board.repo) == ()
    assert board.git.head("main") == board.git.head("task-4~1")


async def test_a_cancel_after_the_base_moved_is_too_late(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    stages: list[MergeStage] = []
    task: asyncio.Task[MergeResult] | None = None

    def cancel(progress: MergeProgress) -> None:
        stages.append(progress.stage)
        if progress.stage is MergeStage.MOVED and task is not None:
            task.cancel()

    task = asyncio.create_task(board.merge(progress=cancel))
    with pytest.raises(asyncio.CancelledError):
        await task

    assert stages[-1] is MergeStage.RECORDED
    assert board.status("task-4") is TaskStatus.DONE
    assert board.git.git("status", "--porcelain") == ""


async def test_a_second_run_is_refused_with_who_and_when(board: Board) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    running, go = (board.git.path.parent / name for name in ("running", "go"))
    check = f"touch {running}; while [ ! -e {go} ]; do sleep 0.01; done"
    first = asyncio.create_task(board.merge(check=check))
    await wait_until_async(running.exists)

    with pytest.raises(Refused, match="under way") as refused:
        await board.merge()
    go.touch()

    assert landed(await first) == ["task-4"]
    assert refused.value.reasons[0].startswith("person started it at ")


async def test_without_a_git_identity_it_refuses_before_it_starts(board: Board, home: Path) -> None:
    board.branch("task-4", {"new.txt": "new\n"})
    (home / ".gitconfig").write_text("")

    with pytest.raises(UserError, match="name and address") as refused:
        await board.merge()

    assert "git config --global user.name" in refused.value.hint
    assert "git config --global user.email" in refused.value.hint
    assert MergeRunRow.select().count() == 0


@pytest.mark.parametrize("build", ["nothing", "empty", "conflict"])
async def test_nothing_to_land_leaves_the_base_alone(board: Board, build: str) -> None:
    if build == "empty":
        board.branch("task-4", {})
    if build == "conflict":
        board.branch("task-4", {"a.txt": numbered_lines(line_3="x")})
        board.git.commit("main", a=numbered_lines(line_3="y"))
    before = board.git.fingerprint()

    result = await board.merge()

    assert (result.merged, result.before, result.backup_ref) == ((), result.after, "")
    assert result.notes == ("Nothing landed on main.",)
    assert board.git.fingerprint() == before
    assert last_landed(board.repo) is None


async def test_the_persons_own_order_is_merged_as_given(board: Board) -> None:
    board.branch("a", {"a.txt": numbered_lines(line_3="a")}, human=True)
    board.branch("b", {"a.txt": numbered_lines(line_3="b")})

    result = await board.merge(order=["b", "a"])

    assert landed(result) == ["b"]


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_stacked_branches_land_one_on_the_other(board: Board, strategy: Strategy) -> None:
    board.branch("lower", {"a.txt": numbered_lines(line_3="lower")})
    board.branch("upper", {"a.txt": numbered_lines(line_3="upper")}, at="lower")

    result = await board.merge(strategy=strategy)

    assert landed(result) == ["lower", "upper"]
    assert board.git.git("show", "main:a.txt").splitlines()[2] == "upper"


async def test_nothing_of_the_repository_runs_while_merging(board: Board) -> None:
    """Merge drivers, filters, hooks and fsmonitor of the repository: agents can write them."""
    marks = board.git.path.parent / "marks"
    marks.mkdir()
    board.git.commit("rules", {".gitattributes": "*.txt merge=m filter=f diff=d\n"})
    board.branch("one", {"a.txt": numbered_lines(line_1="one")})
    board.branch("two", {"a.txt": numbered_lines(line_9="two")})
    hooks = board.git_dir("hooks")
    for hook in ("reference-transaction", "post-checkout", "post-merge", "post-index-change"):
        (hooks / hook).write_text(f"#!/bin/sh\ntouch {marks}/{hook}\n")
        (hooks / hook).chmod(0o755)
    for key, mark in {
        "merge.m.driver": "driver",
        "filter.f.smudge": "smudge",
        "filter.f.clean": "clean",
        "diff.d.textconv": "textconv",
        "core.fsmonitor": "fsmonitor",
        "uploadpack.packObjectsHook": "pack",
    }.items():
        board.git.git("config", key, f"touch {marks}/{mark}; cat")

    plan = await board.plan()
    result = await board.merge()

    assert [step.outcome for step in plan.steps] == [StepOutcome.CLEAN] * 2
    assert landed(result) == ["one", "two"]
    assert sorted(path.name for path in marks.iterdir()) == []
    assert "trust" in result.notes[0]


async def test_files_of_a_step_are_kept_in_the_journal(board: Board) -> None:
    board.scenario("colliding_trio")

    result = await board.merge()

    entry = last_landed(board.repo)
    assert entry is not None
    assert entry.result() == result
    assert json.loads(MergeRunRow.get().notes) == []


@pytest.fixture
def racers() -> Callable[[Board, int], list[str]]:
    def build(board: Board, count: int) -> list[str]:
        for number in range(count):
            board.branch(f"t{number}", {f"{number}.txt": f"{number}\n"})
        return list(board.contenders)

    return build


async def test_people_who_commit_to_the_base_meanwhile_lose_nothing(
    board: Board, racers: Callable[[Board, int], list[str]]
) -> None:
    keys = racers(board, 3)
    board.git.git("switch", "--quiet", "--detach")
    pushed: list[str] = []

    def push(progress: MergeProgress) -> None:
        if progress.stage is MergeStage.READY and len(pushed) < 3:
            tree = board.git.git("rev-parse", "main^{tree}")
            name = f"push {len(pushed)}"
            commit = board.git.git("commit-tree", tree, "-p", "main", "-m", name)
            board.git.git("update-ref", "refs/heads/main", commit)
            pushed.append(name)

    result = await board.merge(progress=push)

    assert landed(result) == keys
    subjects = board.git.git("log", "--format=%s", "main").splitlines()
    assert set(pushed) <= set(subjects)
    assert {f"{number}.txt" for number in range(3)} <= board.tree_files("main").keys()
