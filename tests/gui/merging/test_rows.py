from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt

from core.domain.merge_run import MergeStage
from core.domain.plan import FLAKY, StepOutcome
from core.merging.wizard import MergeWizard, Offer
from gui.merging.rows import (
    choice_rows,
    compared_words,
    dry_run_rows,
    order_rows,
    result_rows,
    size_words,
)
from gui.merging.step_rows import StepModel, StepRow
from gui.merging.trace import CHECKING, MERGED, PUT_ASIDE, TO_COME, MergeTrace
from tests.gui.merging import samples

ROWS = [StepRow("a", number="1", movable=True), StepRow("b", number="2", movable=True)]
FIXED = StepRow("c", number="3")
NOWHERE = QModelIndex()


def model_of(*rows: StepRow) -> StepModel:
    model = StepModel()
    model.show_rows(rows)
    return model


def test_a_branch_that_landed_with_a_flaky_check_says_so() -> None:
    landed = replace(samples.RESULT.merged[0], flaky=True, log="/tmp/check.log")

    row = result_rows(replace(samples.RESULT, merged=(landed,)), {}, undone=False)[0]

    assert row.note == "flaky check"
    assert row.why == FLAKY


def test_what_is_not_in_review_says_why_and_cannot_be_ticked() -> None:
    wizard = MergeWizard.open([Offer("issue-3", "Session expiry", "worker/x/issue-3")])

    rows = {row.task: row for row in choice_rows(samples.START, wizard)}

    assert rows["issue-3"].checked
    assert not rows["issue-7"].enabled
    assert rows["issue-7"].why == "not in review: still being worked on"


def test_sizes_are_told_by_outcome() -> None:
    words = {step.outcome: size_words(step) for step in samples.plan().steps}

    assert words[StepOutcome.CLEAN] == "9 files · +210 −96"  # noqa: RUF001  the minus sign
    assert words[StepOutcome.CONFLICT] == "3 files, 4 hunks"
    assert words[StepOutcome.BLOCKED] == "2 files"


def test_the_plan_is_compared_with_the_order_of_arrival() -> None:
    assert compared_words(samples.plan()) == "1 conflicting step · by arrival it would be 2"


def test_blocked_steps_stay_behind_and_cannot_be_moved() -> None:
    rows = order_rows(samples.plan("issue-10", "issue-3"))

    assert [(row.task, row.movable) for row in rows] == [("issue-3", True), ("issue-10", False)]


def test_rows_read_as_one_sentence_for_assistive_tools() -> None:
    model = model_of(*dry_run_rows(samples.plan()))

    spoken = model.index(3).data(Qt.ItemDataRole.AccessibleTextRole)

    assert spoken == (
        "4 issue-4 Cart totals as one service: conflict, 3 files, 4 hunks, put aside,"
        " after issue-5: its agent is still at work"
    )


def test_moving_a_row_numbers_anew_and_tells_which() -> None:
    model = model_of(*ROWS, FIXED)

    assert model.moveRow(NOWHERE, 1, NOWHERE, 0)

    assert [(row.task, row.number) for row in model.rows] == [("b", "1"), ("a", "2"), ("c", "3")]
    assert model.last_moved == "b"


def test_no_row_moves_behind_what_is_blocked() -> None:
    model = model_of(*ROWS, FIXED)

    assert not model.moveRow(NOWHERE, 0, NOWHERE, 3)
    assert not model.moveRow(NOWHERE, 2, NOWHERE, 0)
    assert [row.task for row in model.rows] == ["a", "b", "c"]


def test_a_row_that_is_off_cannot_be_ticked() -> None:
    model = model_of(StepRow("a", checked=False), StepRow("b", checked=False, enabled=False))

    for row in range(2):
        model.setData(model.index(row), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)

    assert model.ticked_tasks() == ("a",)


def test_a_branch_no_longer_spoken_of_has_been_merged() -> None:
    trace = MergeTrace()
    trace.begin(["a", "b", "c"])

    trace.take(samples.news(MergeStage.TRYING, "a"))
    trace.take(samples.news(MergeStage.CHECKING, "a"))
    assert trace.state_of("a") == CHECKING
    trace.take(samples.news(MergeStage.TRYING, "b"))
    trace.take(samples.news(MergeStage.PUT_ASIDE, "b", text="b is put aside: it conflicts"))

    assert [trace.state_of(task) for task in "abc"] == [MERGED, PUT_ASIDE, TO_COME]
    assert trace.reason_of("b") == "it conflicts"


def test_a_run_that_begins_again_forgets_what_it_told() -> None:
    trace = MergeTrace()
    trace.begin(["a"])
    trace.take(samples.news(MergeStage.PUT_ASIDE, "a", text="a is put aside: no"))

    trace.take(samples.news(MergeStage.LOOKING))

    assert trace.state_of("a") == TO_COME
    assert not trace.reason_of("a")


def test_results_say_what_landed_and_why_the_rest_did_not() -> None:
    rows = result_rows(samples.RESULT, samples.TITLES, undone=False)

    assert [row.word for row in rows] == ["Landed"] * 3 + ["Put aside"] * 2
    assert rows[0].size == "1a4f0c2"
    assert rows[3].why == "conflicts with what landed before it: src/cart/totals.py"
