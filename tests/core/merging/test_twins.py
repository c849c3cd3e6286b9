"""Names that differ in case alone, in a repository that takes them for one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.conflicts.matrix import conflict_matrix
from core.domain.plan import StepOutcome, Strategy
from core.errors import Refused
from core.merging.branch_commit import Spot
from core.merging.early_cure import bring_base_in
from core.merging.resolve import lay_open
from tests.core.merging.board import START

if TYPE_CHECKING:
    from tests.core.merging.board import Board


@pytest.fixture
def twins(board: Board) -> Board:
    """Two branches that add one name in two spellings, and one that respells a file of the base."""
    board.git.commit("licence", {"LICENSE": "mine\n"})
    board.branch("upper", {"README.md": "upper\n"})
    board.branch("lower", {"readme.md": "lower\n"})
    board.branch("against", {"License": "theirs\n"})
    board.branch("apart", {"other.md": "apart\n"})
    board.git.branch("respelled")
    board.git.git("mv", "a.txt", "moved.txt")
    board.git.git("mv", "moved.txt", "A.txt")
    board.git.commit("respelled")
    board.git.switch("main")
    board.review("respelled")
    board.git.git("config", "core.ignoreCase", "true")
    return board


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_one_of_two_lands_and_the_other_is_put_aside_with_both_names(
    twins: Board, strategy: Strategy
) -> None:
    plan = await twins.plan(strategy=strategy)
    result = await twins.merge(strategy=strategy)

    outcomes = {step.task: (step.outcome, step.files) for step in plan.steps}
    assert outcomes["against"] == (StepOutcome.CONFLICT, ("LICENSE", "License"))
    assert sum(outcome is StepOutcome.CLEAN for outcome, _ in outcomes.values()) == 3
    assert outcomes["respelled"][0] is StepOutcome.CLEAN
    aside = {one.task: one.files for one in result.put_aside}
    assert aside.pop("against") == ("LICENSE", "License")
    (second,) = aside
    assert aside[second] == ("README.md", "readme.md")
    assert f"conflicts with {'lower' if second == 'upper' else 'upper'} in README.md" in next(
        one.reason for one in result.put_aside if one.task == second
    )
    names = [name.casefold() for name in twins.tree_files("main")]
    assert len(names) == len(set(names))


async def test_the_plan_and_the_matrix_agree(twins: Board) -> None:
    matrix = await conflict_matrix(twins.repo, twins.all)
    plan = await twins.plan()

    assert {verdict.task for verdict in matrix.against_base if verdict.conflict} == {"against"}
    assert [(pair.a, pair.b) for pair in matrix.pairs if pair.conflict] == [("upper", "lower")]
    assert plan.conflict_steps == 2


async def test_where_case_counts_all_of_them_land(twins: Board) -> None:
    twins.git.git("config", "core.ignoreCase", "false")

    plan = await twins.plan()

    assert plan.conflict_steps == 0


async def test_no_side_can_be_taken_so_the_cure_is_said(twins: Board) -> None:
    spot = Spot("against", "against", None)

    with pytest.raises(Refused, match="differ in case alone") as refused:
        await lay_open(twins.repo, spot, None)
    assert refused.value.reasons == ("LICENSE", "License")

    twins.git.commit("other", {"Readme.md": "base\n"})
    with pytest.raises(Refused, match="does not merge cleanly") as refused:
        await bring_base_in(twins.repo, Spot("upper", "upper", None), now=START)
    assert refused.value.reasons == ("README.md", "Readme.md")
