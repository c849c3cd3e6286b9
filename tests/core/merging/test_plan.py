from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.merge_run import MergeProgress, MergeStage
from core.domain.plan import StepOutcome, Strategy
from core.domain.task import TaskStatus
from core.errors import UsageError, UserError
from core.merging.plan import make_plan
from core.paths import scratch_folder
from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from core.domain.plan import MergePlan
    from tests.core.merging.board import Board


def outcomes(plan: MergePlan) -> dict[str, StepOutcome]:
    return {step.task: step.outcome for step in plan.steps}


CLEAN, CONFLICT = StepOutcome.CLEAN, StepOutcome.CONFLICT
BLOCKED, EMPTY = StepOutcome.BLOCKED, StepOutcome.EMPTY


@pytest.mark.parametrize("strategy", list(Strategy))
@pytest.mark.parametrize("name", ["content_conflict", "add_add", "modify_delete"])
async def test_of_two_that_collide_one_lands_and_the_other_is_put_aside(
    board: Board, name: str, strategy: Strategy
) -> None:
    scenario = board.scenario(name)
    ((_, files),) = scenario.conflicts.items()

    plan = await board.plan(strategy=strategy)

    assert [step.outcome for step in plan.steps] == [CLEAN, CONFLICT]
    first, second = plan.steps
    assert second.files == tuple(files)
    assert second.hunks == 1
    assert second.tree == first.tree
    assert f"conflicts with {first.task} in {second.files[0]}" in second.why
    assert plan.conflict_steps == 1
    assert plan.compared == {"recommended": 1, "arrival": 1, "fewest_conflicts_first": 1}


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_clean_branches_keep_arrival_order_and_tell_their_size(
    board: Board, strategy: Strategy
) -> None:
    board.scenario("clean_trio")

    plan = await board.plan(strategy=strategy)

    assert [step.task for step in plan.steps] == ["one", "two", "three"]
    assert [step.position for step in plan.steps] == [1, 2, 3]
    assert [(step.files, step.added, step.removed) for step in plan.steps] == [
        (("one.txt",), 1, 0),
        (("two.txt",), 1, 0),
        (("three.txt",), 1, 0),
    ]
    assert {step.why for step in plan.steps} == {"nobody near it"}
    assert plan.base_sha == board.git.head("main")


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_a_dry_run_leaves_everything_as_it_was(board: Board, strategy: Strategy) -> None:
    board.scenario("colliding_trio")
    board.git.write("a.txt", "staged\n")
    board.git.git("add", "a.txt")
    board.git.write("b.txt", "changed\n")
    board.git.write("untracked.txt", "mine\n")
    before = board.git.fingerprint(), board.object_count()

    await board.plan(strategy=strategy)

    assert (board.git.fingerprint(), board.object_count()) == before
    assert list(scratch_folder("quarantine").iterdir()) == []


async def test_the_branch_that_meets_two_others_lands_last(board: Board) -> None:
    board.branch("hub", {"a.txt": numbered_lines(line_2="hub", line_9="hub")})
    board.branch("top", {"a.txt": numbered_lines(line_2="top")})
    board.branch("end", {"a.txt": numbered_lines(line_9="end")})

    plan = await board.plan()

    assert [step.task for step in plan.steps] == ["top", "end", "hub"]
    assert plan.compared == {"recommended": 1, "arrival": 2, "fewest_conflicts_first": 1}
    assert plan.steps[2].hunks == 2


async def test_a_person_is_spared_and_the_plan_says_so(board: Board) -> None:
    board.branch("agents", {"a.txt": numbered_lines(line_3="agent")})
    board.branch("persons", {"a.txt": numbered_lines(line_3="person")}, human=True)

    plan = await board.plan()

    assert [(step.task, step.outcome) for step in plan.steps] == [
        ("persons", CLEAN),
        ("agents", CONFLICT),
    ]
    assert plan.steps[0].why == "before agents: a person's work is dearer to redo"


async def test_an_order_given_by_a_person_is_run_as_it_is(board: Board) -> None:
    board.branch("a", {"a.txt": numbered_lines(line_3="a")})
    board.branch("b", {"a.txt": numbered_lines(line_3="b")})
    board.branch("c", {"c.txt": "c\n"})

    plan = await board.plan(order=["B", "c"])

    assert [(step.task, step.outcome) for step in plan.steps] == [
        ("b", CLEAN),
        ("c", CLEAN),
        ("a", CONFLICT),
    ]
    assert plan.steps[0].why == "placed here by hand"
    assert set(plan.compared) == {"recommended", "arrival", "fewest_conflicts_first"}


async def test_an_order_that_names_a_stranger_is_refused(board: Board) -> None:
    board.scenario("clean_trio")

    with pytest.raises(UsageError, match="'stranger'"):
        await board.plan(order=["stranger"])


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_a_stacked_branch_lands_after_the_one_it_is_built_on(
    board: Board, strategy: Strategy
) -> None:
    board.git.branch("upper")
    board.git.commit("lower work", a=numbered_lines(line_3="lower"))
    board.git.git("branch", "lower")
    board.git.commit("upper work", a=numbered_lines(line_3="upper"))
    board.git.switch("main")
    board.review("upper")
    board.review("lower")

    plan = await board.plan(strategy=strategy)

    assert [(step.task, step.outcome) for step in plan.steps] == [
        ("lower", CLEAN),
        ("upper", CLEAN),
    ]
    assert plan.steps[1].why == "lands after lower, which it is built on"
    assert board.tree_files(board.git.head("upper"))["a.txt"].splitlines()[2] == "upper"


async def test_a_branch_built_on_one_that_is_put_aside_is_blocked(board: Board) -> None:
    board.branch("first", {"a.txt": numbered_lines(line_3="first")})
    board.branch("lower", {"a.txt": numbered_lines(line_3="lower")})
    board.branch("upper", {"b.txt": "upper\n"}, at="lower")

    plan = await board.plan(order=["first", "lower", "upper"])

    assert outcomes(plan) == {"first": CLEAN, "lower": CONFLICT, "upper": BLOCKED}
    assert plan.steps[2].why.endswith("it is built on lower, which has not landed")


async def test_a_branch_built_on_work_outside_the_plan_is_blocked(board: Board) -> None:
    board.branch("lower", {"a.txt": "lower\n"}, status=TaskStatus.IN_PROGRESS)
    upper = board.branch("upper", {"b.txt": "upper\n"}, at="lower")

    plan = await make_plan(board.repo, [upper], strategy=Strategy.MERGE)

    assert [(step.outcome, step.why) for step in plan.steps] == [
        (BLOCKED, "built on lower, which has not landed")
    ]


async def test_uncommitted_files_block_a_branch(board: Board) -> None:
    folder = board.git.worktree("dirty")
    (folder / "a.txt").write_text("changed\n")
    (folder / "new.txt").write_text("new\n")
    board.review("dirty", worktree=folder)

    plan = await board.plan()

    assert [(step.outcome, step.why) for step in plan.steps] == [
        (BLOCKED, "2 uncommitted files: commit or discard")
    ]


async def test_a_worktree_that_is_gone_does_not_keep_its_commit_from_landing(board: Board) -> None:
    gone = board.git.path.parent / "gone"
    board.branch("left", {"l.txt": "l\n"}, worktree=gone)

    assert outcomes(await board.plan()) == {"left": CLEAN}


async def test_what_may_not_land_is_blocked_with_its_reason(board: Board) -> None:
    board.branch("working", {"w.txt": "w\n"}, status=TaskStatus.IN_PROGRESS)
    board.branch("held", {"h.txt": "h\n"}, hold="a guardian has not approved it")
    board.review("lost", "no-such-branch")
    board.branch("needy", {"n.txt": "n\n"}, depends_on=("working",))
    board.branch("needier", {"m.txt": "m\n"}, depends_on=("needy",))
    board.branch("free", {"f.txt": "f\n"})

    plan = await board.plan()

    assert {step.task: step.why for step in plan.steps} == {
        "free": "nobody near it",
        "working": "not in review",
        "held": "a guardian has not approved it",
        "lost": "its branch no-such-branch is gone",
        "needy": "waits for working, which has not landed",
        "needier": "waits for needy, which has not landed",
    }
    assert plan.steps[0].task == "free"
    assert plan.conflict_steps == 0


async def test_a_dependency_that_is_done_holds_nothing_up(board: Board) -> None:
    board.branch("landed", {"l.txt": "l\n"}, status=TaskStatus.DONE)
    needs = board.branch("needs", {"n.txt": "n\n"}, depends_on=("landed",))

    plan = await make_plan(board.repo, [needs], strategy=Strategy.MERGE)

    assert outcomes(plan) == {"needs": CLEAN}


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_a_branch_without_anything_new_is_empty(board: Board, strategy: Strategy) -> None:
    board.branch("same", {})
    board.git.git("branch", "none")
    board.review("none")

    plan = await board.plan(strategy=strategy)

    assert outcomes(plan) == {"same": EMPTY, "none": EMPTY}


async def test_a_branch_that_conflicts_with_the_base_is_last(board: Board) -> None:
    board.branch("old", {"a.txt": numbered_lines(line_3="old")}, human=True)
    board.git.commit("main moves on", a=numbered_lines(line_3="main"))
    board.branch("new", {"b.txt": "new\n"})

    plan = await board.plan()

    assert outcomes(plan) == {"new": CLEAN, "old": CONFLICT}
    assert plan.steps[1].why.endswith("conflicts with the base in a.txt")


async def test_histories_without_a_common_commit_are_blocked(board: Board) -> None:
    board.git.git("switch", "--quiet", "--orphan", "island")
    board.git.commit("island", {"i.txt": "i\n"})
    board.git.switch("main")
    board.review("island")

    (step,) = (await board.plan()).steps

    assert step.outcome is BLOCKED
    assert "unrelated histories" in step.why


async def test_a_base_that_is_gone_is_told(board: Board) -> None:
    board.scenario("clean_trio")
    board.git.git("switch", "--quiet", "--detach")
    board.git.git("branch", "-D", "main")

    with pytest.raises(UserError, match="base branch main"):
        await board.plan()


async def test_attributes_of_the_base_decide_how_files_merge(board: Board) -> None:
    board.git.commit("union", {".gitattributes": "log.txt merge=union\n", "log.txt": "0\n"})
    board.branch("a", {"log.txt": "0\na\n"})
    board.branch("b", {"log.txt": "0\nb\n"})

    plan = await board.plan()

    assert outcomes(plan) == {"a": CLEAN, "b": CLEAN}


async def test_progress_is_told_for_each_branch(board: Board) -> None:
    board.scenario("clean_trio")
    told: list[MergeProgress] = []

    await make_plan(board.repo, board.all, strategy=Strategy.MERGE, progress=told.append)

    assert [(one.stage, one.task, one.done, one.total) for one in told] == [
        (MergeStage.LOOKING, "", 0, 3),
        (MergeStage.TRYING, "one", 0, 3),
        (MergeStage.TRYING, "two", 1, 3),
        (MergeStage.TRYING, "three", 2, 3),
    ]


async def test_nothing_to_plan_is_an_empty_plan(board: Board) -> None:
    plan = await board.plan()

    assert plan.steps == ()
    assert plan.compared == {"recommended": 0, "arrival": 0, "fewest_conflicts_first": 0}


async def test_a_file_in_the_way_of_a_folder_is_told_by_its_own_name(board: Board) -> None:
    board.branch("file", {"thing": "a file\n"})
    board.branch("folder", {"thing/inside": "in a folder\n"})

    plan = await board.plan(order=["folder", "file"])

    assert [step.files for step in plan.steps] == [("thing/inside",), ("thing",)]
