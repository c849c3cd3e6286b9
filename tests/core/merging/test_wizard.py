from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.merge_run import MergeProgress, MergeStage
from core.domain.plan import MergedTask, MergePlan, MergeResult, PlanStep, StepOutcome, Strategy
from core.errors import IllegalTransition, Refused
from core.merging.wizard import MergeWizard, Offer, Work
from core.merging.wizard import WizardStep as Page

OFFERS = (
    Offer("a", "First", "worker/a"),
    Offer("b", "Second", "worker/b"),
    Offer("c", "Third", "worker/c", hold="not in review"),
)
RESULT = MergeResult(
    merged=(MergedTask("a", "worker/a", "1" * 40),),
    put_aside=(),
    base="main",
    before="0" * 40,
    after="1" * 40,
    backup_ref="refs/weft/merges/x/before",
)
UNDONE = replace(RESULT, before=RESULT.after, after=RESULT.before)


def plan_of(*tasks: str, outcome: StepOutcome = StepOutcome.CLEAN) -> MergePlan:
    steps = tuple(
        PlanStep(position, task, f"worker/{task}", "2" * 40, outcome, (), "3" * 40, "near nobody")
        for position, task in enumerate(tasks, start=1)
    )
    return MergePlan("main", "0" * 40, Strategy.MERGE, steps, 0, {"recommended": 0})


@pytest.fixture
def first() -> MergeWizard:
    return MergeWizard.open(OFFERS)


@pytest.fixture
def ordered(first: MergeWizard) -> MergeWizard:
    there = first.forward()
    return there.planned(there.number, plan_of("b", "a"))


@pytest.fixture
def merging(ordered: MergeWizard) -> MergeWizard:
    return ordered.forward().forward()


@pytest.fixture
def finished(merging: MergeWizard) -> MergeWizard:
    return merging.merged(merging.number, RESULT)


def test_an_earlier_run_is_shown_again_and_can_be_taken_back(first: MergeWizard) -> None:
    there = first.reopened(RESULT)

    assert there.step is Page.RESULT
    assert there.undo().work is Work.UNDO
    with pytest.raises(IllegalTransition, match="leave this merge first"):
        first.forward().reopened(RESULT)


def test_pages_have_the_names_that_people_see() -> None:
    assert list(Page) == ["Choose branches", "Order", "Dry run", "Merge", "Result"]


def test_at_first_all_is_chosen_that_nothing_holds_back(first: MergeWizard) -> None:
    assert first.step is Page.CHOOSE
    assert first.chosen == {"a", "b"}
    assert first.keys == ("a", "b")
    assert first.can_go_forward
    assert not first.can_go_back


def test_the_whole_way(first: MergeWizard) -> None:
    order = first.forward()
    assert (order.step, order.work) == (Page.ORDER, Work.PLAN)
    order = order.planned(order.number, plan_of("b", "a"))
    dry_run = order.forward()
    assert (dry_run.step, dry_run.work) == (Page.DRY_RUN, None)
    merging = dry_run.forward()
    assert (merging.step, merging.work, merging.keys) == (Page.MERGE, Work.MERGE, ("b", "a"))
    result = merging.merged(merging.number, RESULT)
    assert (result.step, result.result, result.can_undo) == (Page.RESULT, RESULT, True)
    undoing = result.undo()
    assert undoing.work is Work.UNDO
    done = undoing.taken_back(undoing.number, UNDONE)
    assert (done.step, done.undone, done.can_undo) == (Page.RESULT, UNDONE, False)


def test_without_a_choice_there_is_no_way_on(first: MergeWizard) -> None:
    nothing = first.toggle("a").toggle("b")

    assert nothing.why_not_forward == "Choose at least one branch."
    with pytest.raises(IllegalTransition, match="Choose at least one"):
        nothing.forward()


def test_a_held_branch_can_be_chosen_and_a_stranger_cannot(first: MergeWizard) -> None:
    assert first.toggle("c").chosen == {"a", "b", "c"}
    assert first.choose(["a", "stranger"]).chosen == {"a"}


def test_while_the_plan_is_made_one_waits(first: MergeWizard) -> None:
    waiting = first.forward()

    assert waiting.why_not_forward == "Wait for the dry run."
    assert waiting.can_go_back


def test_another_order_is_dry_run_and_kept_for_the_merge(ordered: MergeWizard) -> None:
    moved = ordered.place("a", 0)
    assert (moved.order, moved.work, moved.is_ordered) == (("a", "b"), Work.PLAN, True)
    again = moved.planned(moved.number, plan_of("a", "b"))

    assert again.forward().forward().keys == ("a", "b")
    assert again.recommended().order is None
    assert again.recommended().work is Work.PLAN


def test_a_place_beyond_the_end_is_the_end_and_the_same_place_is_no_change(
    ordered: MergeWizard,
) -> None:
    assert ordered.place("b", 99).order == ("a", "b")
    assert ordered.place("b", 0) is ordered
    with pytest.raises(IllegalTransition, match="stranger"):
        ordered.place("stranger", 0)


def test_moving_twice_before_the_first_answer_uses_the_second_order(ordered: MergeWizard) -> None:
    once = ordered.place("a", 0)
    twice = once.place("b", 0)

    assert twice.planned(once.number, plan_of("a", "b")) == twice
    assert twice.planned(twice.number, plan_of("b", "a")).work is None


def test_another_choice_or_strategy_drops_the_plan(ordered: MergeWizard) -> None:
    assert ordered.land_by(Strategy.SQUASH).plan is None
    assert ordered.land_by(Strategy.SQUASH).work is Work.PLAN
    back = ordered.back()
    assert back.toggle("a").plan is None
    assert back.toggle("a").work is None
    assert back.forward() == ordered


def test_a_check_does_not_change_the_plan(ordered: MergeWizard) -> None:
    checked = ordered.check_with("  make test ")

    assert (checked.check, checked.plan) == ("make test", ordered.plan)


def test_when_an_input_moves_the_plan_is_made_anew(
    first: MergeWizard, ordered: MergeWizard, merging: MergeWizard
) -> None:
    assert ordered.inputs_moved().work is Work.PLAN
    assert first.inputs_moved() is first
    assert merging.inputs_moved() is merging


def test_a_dry_run_in_which_nothing_lands_cannot_be_merged(first: MergeWizard) -> None:
    there = first.forward()
    plan = plan_of("a", "b", outcome=StepOutcome.CONFLICT)
    dry_run = there.planned(there.number, plan).forward()

    assert dry_run.why_not_forward == "None of these branches can land."
    assert [step.task for step in dry_run.will_be_put_aside] == ["a", "b"]
    assert dry_run.will_land == ()


def test_a_plan_that_failed_says_why_and_can_be_retried(first: MergeWizard) -> None:
    there = first.forward()
    failed = there.failed(there.number, Refused("No base.", hint="Make one.", reasons=("Gone.",)))

    assert failed.problem is not None
    assert (failed.problem.message, failed.problem.hint) == ("No base.", "Make one.")
    assert failed.problem.reasons == ("Gone.",)
    assert failed.why_not_forward == "There is no dry run yet."
    assert failed.retry().work is Work.PLAN
    assert failed.retry().problem is None


def test_progress_is_shown_only_of_the_work_under_way(merging: MergeWizard) -> None:
    news = MergeProgress(MergeStage.TRYING, "Merging a", "a", 0, 2)

    assert merging.told(merging.number, news).progress == news
    assert merging.told(merging.number - 1, news) == merging


def test_a_merge_can_be_cancelled_once_and_not_left(merging: MergeWizard) -> None:
    assert merging.can_cancel
    assert not merging.can_go_back
    cancelling = merging.cancel()
    assert cancelling.is_cancelling
    with pytest.raises(IllegalTransition, match="Nothing is being merged"):
        cancelling.cancel()

    assert cancelling.merged(cancelling.number, RESULT).step is Page.RESULT


def test_a_merge_that_was_refused_can_be_retried_or_left_for_a_new_dry_run(
    merging: MergeWizard,
) -> None:
    refused = merging.failed(merging.number, Refused("In the way."))

    assert refused.step is Page.MERGE
    assert refused.retry().work is Work.MERGE
    back = refused.back()
    assert (back.step, back.plan, back.work) == (Page.DRY_RUN, None, Work.PLAN)


def test_choices_stand_once_the_merge_has_begun(
    merging: MergeWizard, finished: MergeWizard
) -> None:
    for wizard in (merging, finished):
        with pytest.raises(IllegalTransition, match="choice stands"):
            wizard.toggle("a")
        with pytest.raises(IllegalTransition, match="no order to change"):
            wizard.place("a", 0)


def test_from_the_result_there_is_no_way_but_undo(finished: MergeWizard) -> None:
    assert not finished.can_go_forward
    assert not finished.can_go_back
    with pytest.raises(IllegalTransition):
        finished.back()
    with pytest.raises(IllegalTransition, match="Nothing failed"):
        finished.retry()


def test_nothing_landed_is_nothing_to_undo(merging: MergeWizard) -> None:
    nothing = merging.merged(merging.number, replace(RESULT, merged=()))

    assert not nothing.can_undo
    with pytest.raises(IllegalTransition, match="nothing to take back"):
        nothing.undo()


def test_an_undo_that_failed_can_be_retried(finished: MergeWizard) -> None:
    undoing = finished.undo()
    failed = undoing.failed(undoing.number, RuntimeError())

    assert failed.problem is not None
    assert failed.problem.message == "RuntimeError"
    assert failed.retry().work is Work.UNDO
