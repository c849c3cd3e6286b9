from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from core.domain.merge_run import MergeStage
from core.errors import Refused
from core.merging.wizard import WizardStep, Work
from gui.merging.requests import Start
from tests.gui.conflicts.samples import task
from tests.gui.merging import samples

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.merging.page import MergePage
    from gui.widgets.message_bar import MessageBar
    from tests.gui.conftest import Complete
    from tests.gui.recording_client import RecordingClient

W = WizardStep
IN_REVIEW = ("issue-3", "issue-6", "issue-5", "issue-4", "issue-10")
NOWHERE = QModelIndex()


def walk(qtbot: QtBot, page: MergePage, step: WizardStep) -> None:
    """Go forward until *step* is shown and its work is done."""
    while page.wizard.step is not step:
        before = page.wizard.step
        qtbot.waitUntil(page.footer.forward.isEnabled)
        page.footer.forward.click()
        qtbot.waitUntil(partial(has_left, page, before))
        qtbot.waitUntil(partial(has_left, page, W.MERGE))
    settle(qtbot, page)


def has_left(page: MergePage, step: WizardStep) -> bool:
    return shown(page) is not step


def shown(page: MergePage) -> WizardStep:
    return page.wizard.step


def settle(qtbot: QtBot, page: MergePage) -> None:
    qtbot.waitUntil(lambda: page.wizard.work is None)


def press(*keys: Qt.Key, alt: bool = False) -> None:
    modifier = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
    for one in keys:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, one, modifier)


def test_the_pages_have_the_names_of_the_contract(page: MergePage) -> None:
    assert page.accessibleName() == "Merge wizard"
    assert [child.accessibleName() for child in page.pages.values()] == [
        "Choose branches",
        "Order",
        "Dry run",
        "Merge",
        "Result",
    ]


def test_every_control_has_a_name(qtbot: QtBot, page: MergePage) -> None:
    walk(qtbot, page, W.DRY_RUN)

    for child in page.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisibleTo(page):
            interface = QAccessible.queryAccessibleInterface(child)
            assert interface.text(QAccessible.Text.Name), child


def test_everything_in_review_is_chosen_at_first(page: MergePage) -> None:
    assert page.choose_page.list.rows.ticked_tasks() == IN_REVIEW
    assert page.footer.forward.text() == "Plan 5 branches"
    assert page.badge() == 5


def test_with_nothing_chosen_there_is_no_way_forward(page: MergePage) -> None:
    page.choose_page.all.click()

    assert not page.wizard.chosen
    assert not page.footer.forward.isEnabled()
    assert page.footer.why_not.text() == "Choose at least one branch."


def test_an_empty_review_says_what_to_do(
    page: MergePage, client: RecordingClient, complete: Complete
) -> None:
    client.answers["read_start"] = samples.EMPTY

    complete(page.refresh())

    assert page.choose_page.sentence().startswith("Nothing waits to land.")
    assert not page.footer.forward.isEnabled()


def test_the_whole_way_by_keyboard_alone(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    page.choose_page.list.take_focus(by_keys=True)
    press(Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Space)
    assert "issue-10" not in page.wizard.chosen

    press(Qt.Key.Key_Return)
    settle(qtbot, page)
    assert shown(page) is W.ORDER
    press(Qt.Key.Key_Right, alt=True)
    assert shown(page) is W.DRY_RUN
    press(Qt.Key.Key_Left, alt=True)
    assert shown(page) is W.ORDER
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: shown(page) is W.RESULT)

    assert page.result_page.headline() == "3 branches landed on main"
    (merge,) = client.named("merge")
    assert merge.args[0].check == "pytest -q"
    page.result_page.undo.setFocus()
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Backtab, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.wizard.undone is not None)
    assert page.result_page.headline() == "main is back where it was"
    page.result_page.list.setFocus()
    press(Qt.Key.Key_Return)
    assert shown(page) is W.CHOOSE
    page.conductor.pacer.stop()


def test_the_order_shows_reasons_and_the_comparison(qtbot: QtBot, page: MergePage) -> None:
    walk(qtbot, page, W.ORDER)

    rows = page.order_page.list.rows.rows
    assert [row.task for row in rows] == list(IN_REVIEW)
    assert rows[2].why == "before issue-4: a person's work is dearer to redo"
    assert page.order_page.caption() == "1 conflicting step · by arrival it would be 2"


def test_reordering_by_keyboard_dry_runs_anew(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, W.ORDER)
    view = page.order_page.list
    view.setCurrentIndex(view.rows.index(2))

    QTest.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, page)

    wish = client.named("plan_merge")[-1].args[0]
    assert wish.ordered
    assert wish.keys == ("issue-3", "issue-5", "issue-6", "issue-4", "issue-10")
    assert [row.task for row in view.rows.rows] == list(wish.keys)
    assert view.currentIndex().row() == 1
    assert page.order_page.recommended.isVisible()


def test_reordering_while_a_dry_run_is_under_way_ends_that_one(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, W.ORDER)
    client.hold.add("plan_merge")
    rows = page.order_page.list.rows

    rows.moveRow(NOWHERE, 0, NOWHERE, 2)
    qtbot.waitUntil(lambda: len(client.named("plan_merge")) == 2)
    rows.moveRow(NOWHERE, 0, NOWHERE, 3)
    qtbot.waitUntil(lambda: len(client.named("plan_merge")) == 3)
    qtbot.waitUntil(lambda: client.cancelled == ["plan_merge"])
    client.let_go()
    settle(qtbot, page)

    assert page.wizard.order == ("issue-3", "issue-5", "issue-6", "issue-4", "issue-10")


def test_the_recommended_order_comes_back(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, W.ORDER)
    page.order_page.list.rows.moveRow(NOWHERE, 0, NOWHERE, 2)
    settle(qtbot, page)

    page.order_page.recommended.click()
    settle(qtbot, page)

    assert not client.named("plan_merge")[-1].args[0].ordered
    assert [row.task for row in page.order_page.list.rows.rows] == list(IN_REVIEW)


def test_another_strategy_dry_runs_anew(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, W.DRY_RUN)

    page.bar.strategy.setCurrentIndex(1)
    settle(qtbot, page)

    assert client.named("plan_merge")[-1].args[0].strategy == "squash"


def test_the_dry_run_says_what_will_land(qtbot: QtBot, page: MergePage) -> None:
    walk(qtbot, page, W.DRY_RUN)

    shown = page.dry_run_page
    assert shown.lands.figure() == "3 of 5"
    assert shown.lands.caption() == "20 files, +405 −197"  # noqa: RUF001  the minus sign
    assert shown.way_back.caption() == "main is kept under refs/weft/merges/"
    assert shown.check.text() == "pytest -q"
    assert page.footer.forward.text() == "Merge 3 branches"


def test_a_check_that_a_person_names_is_the_one_that_runs(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, W.DRY_RUN)
    page.dry_run_page.check.setText("make test")

    walk(qtbot, page, W.RESULT)

    assert client.named("merge")[0].args[0].check == "make test"


def test_a_dry_run_that_fails_is_told_and_can_be_tried_again(
    qtbot: QtBot, page: MergePage, client: RecordingClient, message_bar: MessageBar
) -> None:
    answer = client.answers["plan_merge"]
    client.answers["plan_merge"] = Refused("The base branch main is gone.", hint="Make it again.")
    page.footer.forward.click()
    qtbot.waitUntil(lambda: page.wizard.problem is not None)
    assert message_bar.text() == "Dry run: The base branch main is gone."
    assert message_bar.detail() == "Make it again."

    client.answers["plan_merge"] = answer
    assert page.footer.forward.text() == "Try again"
    page.footer.forward.click()
    settle(qtbot, page)

    assert page.wizard.plan is not None


@pytest.mark.logs_errors
def test_a_bug_does_not_leave_the_wizard_waiting(
    qtbot: QtBot, page: MergePage, client: RecordingClient, message_bar: MessageBar
) -> None:
    client.answers["plan_merge"] = ZeroDivisionError("oops")

    page.footer.forward.click()
    qtbot.waitUntil(lambda: page.wizard.problem is not None)

    assert page.wizard.work is None
    qtbot.waitUntil(lambda: "bug" in message_bar.text())


def test_progress_is_shown_branch_by_branch(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    client.hold.add("merge")
    walk(qtbot, page, W.DRY_RUN)
    page.footer.forward.click()
    qtbot.waitUntil(lambda: bool(client.named("merge")))
    told = client.named("merge")[0].kwargs["progress"]

    told(samples.news(MergeStage.TRYING, "issue-3"))
    told(samples.news(MergeStage.CHECKING, "issue-3", text="Checking issue-3"))
    told(samples.news(MergeStage.TRYING, "issue-6", 1, "Merging issue-6"))
    qtbot.waitUntil(lambda: page.merging_page.work.text() == "Merging issue-6")

    words = [row.word for row in page.merging_page.list.rows.rows]
    assert words == ["Merged", "Merging", "To come", "To come", "To come"]
    assert page.merging_page.work.fraction() == pytest.approx(0.2)
    client.let_go()
    qtbot.waitUntil(lambda: shown(page) is W.RESULT)


def test_cancel_asks_the_run_to_stop_and_waits_for_its_answer(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    client.hold.add("merge")
    client.answers["merge"] = samples.NOTHING
    walk(qtbot, page, W.DRY_RUN)
    page.footer.forward.click()
    qtbot.waitUntil(lambda: bool(client.named("merge")))

    page.footer.cancel.click()

    assert client.named("merge")[0].kwargs["cancelled"]()
    assert page.wizard.work is Work.MERGE
    assert not page.footer.cancel.isEnabled()
    client.let_go()
    qtbot.waitUntil(lambda: shown(page) is W.RESULT)
    assert page.result_page.headline() == "Nothing landed on main"
    assert not page.result_page.undo.isVisible()


def test_a_failed_check_shows_the_end_of_its_output(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    client.answers["merge"] = samples.FAILED_CHECK

    walk(qtbot, page, W.RESULT)
    qtbot.waitUntil(page.result_page.log.isVisible)

    assert page.result_page.log.title() == "Check of issue-6"
    assert page.result_page.log.code.lines()[-1].text == "1 failed, 41 passed in 3.02s"


def test_worktrees_that_can_go_are_removed_from_the_result(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    tidy = page.result_page.tidy
    walk(qtbot, page, W.RESULT)
    qtbot.waitUntil(tidy.isVisible)
    assert tidy.remove.text() == "Remove 2 worktrees"
    assert tidy.words.text().startswith("issue-3 and issue-5. They hold nothing")
    assert tidy.toolTip() == "issue-6: It holds 2 uncommitted files."

    tidy.remove.click()
    qtbot.waitUntil(lambda: not tidy.remove.isVisible())

    assert len(client.named("tidy_up")) == 1
    assert tidy.words.text() == "Removed 2 worktrees: issue-3 and issue-5. Branches stay."


def test_undo_asks_once_more_in_the_page(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, W.RESULT)

    page.result_page.undo.click()
    assert not client.named("undo_merge")
    page.result_page.keep.click()
    assert page.result_page.undo.isVisible()
    page.result_page.undo.click()
    page.result_page.sure.click()
    qtbot.waitUntil(lambda: page.wizard.undone is not None)

    assert page.result_page.headline() == "main is back where it was"
    assert not page.result_page.undo.isVisible()


def test_news_of_the_board_leave_the_question_before_an_undo(
    qtbot: QtBot, page: MergePage, complete: Complete
) -> None:
    walk(qtbot, page, W.RESULT)
    page.result_page.undo.click()

    complete(page.refresh())

    assert page.result_page.sure.isVisible()
    assert page.result_page.keep.hasFocus()
    assert not page.result_page.undo.isVisible()


def test_an_undo_that_is_refused_is_told(
    qtbot: QtBot, page: MergePage, client: RecordingClient, message_bar: MessageBar
) -> None:
    client.answers["undo_merge"] = Refused("main has moved since.")
    walk(qtbot, page, W.RESULT)

    page.result_page.ask_undo()
    page.result_page.sure.click()
    qtbot.waitUntil(lambda: page.wizard.problem is not None)

    assert message_bar.text() == "Undo: main has moved since."
    assert shown(page) is W.RESULT


@pytest.mark.parametrize("step", [W.ORDER, W.DRY_RUN])
def test_a_plan_whose_inputs_moved_is_marked_and_made_anew(
    qtbot: QtBot, page: MergePage, client: RecordingClient, step: WizardStep
) -> None:
    walk(qtbot, page, step)
    client.hold.add("plan_merge")
    client.answers["read_stamp"] = "moved"

    page.conductor._asking.due.emit()

    qtbot.waitUntil(lambda: len(client.named("plan_merge")) == 2)
    assert page.conductor.is_stale
    assert page.pages[step]._stale.isVisible()
    assert not page.footer.forward.isEnabled()
    client.hold.clear()
    client.let_go()
    qtbot.waitUntil(lambda: page.wizard.work is None)
    assert not page.pages[step]._stale.isVisible()


def test_a_plan_is_left_alone_while_nothing_moves(
    qtbot: QtBot, page: MergePage, client: RecordingClient
) -> None:
    walk(qtbot, page, W.DRY_RUN)
    asked = len(client.named("read_stamp"))

    page.conductor._asking.due.emit()

    qtbot.waitUntil(lambda: len(client.named("read_stamp")) == asked + 1)
    settle(qtbot, page)
    assert len(client.named("plan_merge")) == 1


def test_an_earlier_merge_can_be_taken_back(
    qtbot: QtBot, page: MergePage, client: RecordingClient, complete: Complete
) -> None:
    past = page.choose_page.past
    assert not past.isVisible()
    client.answers["read_start"] = replace(samples.START, past=samples.PAST)
    complete(page.refresh())

    past.show_last.click()
    page.result_page.ask_undo()
    page.result_page.sure.click()

    qtbot.waitUntil(lambda: page.wizard.undone is not None)
    assert client.named("undo_merge")[0].args == (samples.PAST[0].name,)


def test_all_earlier_merges_are_listed_and_one_that_is_built_on_cannot_be_taken_back(
    qtbot: QtBot, page: MergePage, client: RecordingClient, complete: Complete
) -> None:
    client.answers["read_start"] = replace(samples.START, past=samples.PAST)
    complete(page.refresh())
    past = page.choose_page.past

    past.earlier.click()
    rows = past.list.rows.rows
    assert [row.word for row in rows] == ["Landed", "Taken back", "Landed"]
    past.list.setCurrentIndex(past.list.rows.index(1))
    press(Qt.Key.Key_Return)
    assert shown(page) is W.CHOOSE

    past.list.setCurrentIndex(past.list.rows.index(2))
    press(Qt.Key.Key_Return)

    assert shown(page) is W.RESULT
    assert not page.result_page.undo.isVisible()
    assert page.result_page.why_not.text().startswith("Something stands on it")


def test_news_of_the_board_keeps_the_choice_and_adds_what_is_new(
    page: MergePage, client: RecordingClient, complete: Complete
) -> None:
    page.choose_page.list.rows.tick_all(checked=False)
    new = task("issue-20", "New", samples.REVIEW, "human-ana")
    client.answers["read_start"] = Start("main", (*samples.TASKS, new), "merge", "pytest -q", {})

    complete(page.refresh())

    assert page.wizard.chosen == {"issue-20"}
    assert page.badge() == 6


def test_the_wizard_opens_with_given_tasks(page: MergePage) -> None:
    page.choose_tasks(["issue-3", "issue-5"])
    page.conductor.pacer.stop()

    assert page.wizard.chosen == {"issue-3", "issue-5"}
    assert page.footer.forward.text() == "Plan 2 branches"


def test_cancel_before_the_merge_leaves_for_the_board(qtbot: QtBot, page: MergePage) -> None:
    walk(qtbot, page, W.ORDER)

    with qtbot.waitSignal(page.board_requested):
        page.footer.cancel.click()

    page.conductor.pacer.stop()
    assert shown(page) is W.CHOOSE
