from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from core.domain.conflict import ConflictedFile, Hunk
from core.domain.lock import TaskWarning, WarningKind
from core.errors import EnvironmentFault, Refused
from gui.conflicts.file_row import FileRow
from gui.widgets.prose import Prose
from tests.gui.conflicts import samples

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from gui.conflicts.page import ConflictsPage
    from gui.widgets.message_bar import MessageBar
    from tests.gui.conftest import Complete
    from tests.gui.recording_client import RecordingClient

Key = Qt.Key
NAME = QAccessible.Text.Name
REFUSAL = Refused("issue-5 depends on issue-4.", hint="A cycle would never end.")


def computed(client: RecordingClient) -> int:
    return len(client.named("compute_matrix"))


def spoken(page: ConflictsPage, row: int, column: int) -> str:
    """Return the name of a cell as assistive tools get it: headers count as row and column 0."""
    table = QAccessible.queryAccessibleInterface(page.matrix.view)
    width = page.matrix.model.columnCount() + 1
    return table.child((row + 1) * width + column + 1).text(NAME)


def names_of_rows(page: ConflictsPage) -> list[str]:
    return [row.accessibleName() for row in page.findChildren(FileRow) if row.isVisible()]


def test_cells_read_as_the_contract_says(page: ConflictsPage) -> None:
    assert page.accessibleName() == "Conflicts"
    assert spoken(page, 1, 2) == "issue-4 × issue-5: 3 files"  # noqa: RUF001  the contract's sign
    assert spoken(page, 2, 1) == "issue-5 × issue-4: 3 files"  # noqa: RUF001
    assert spoken(page, 0, 1) == "issue-3 × issue-4: clean"  # noqa: RUF001
    assert spoken(page, 5, 7) == "issue-9 × main: 1 files"  # noqa: RUF001


def test_every_control_has_a_name(page: ConflictsPage) -> None:
    for child in page.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and child.isVisibleTo(page):
            assert QAccessible.queryAccessibleInterface(child).text(NAME), child


def test_the_worst_pair_is_chosen_at_first(page: ConflictsPage, client: RecordingClient) -> None:
    meeting = page.pair.meeting()

    assert meeting is not None
    assert meeting.pair == ("issue-4", "issue-5")
    assert client.named("read_sides")[-1].args == ("issue-4", "issue-5", samples.TOTALS)
    assert page.pair.hunk_text() == "Hunk 1 of 2 · both rewrote total()"
    assert page.badge() == 4


def test_arrows_walk_the_cells_and_enter_opens_the_pair(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient
) -> None:
    view = page.matrix.view
    view.setFocus()
    view.choose(2, 3)

    for _ in range(2):
        QTest.keyClick(view, Key.Key_Right)
    meeting = page.pair.meeting()
    assert meeting is not None
    assert meeting.pair == ("issue-5", "issue-9")
    QTest.keyClick(view, Key.Key_Return)

    qtbot.waitUntil(lambda: client.named("read_sides")[-1].args[2] == samples.IMAGES)
    assert page.focusWidget().accessibleName() == "Files in conflict"


def test_a_clean_pair_says_why(page: ConflictsPage) -> None:
    page.choose("issue-3", "issue-6")

    assert page.pair.sentence() == (
        "Both touch README.md, in different places: git merges them by itself."
    )


def test_a_pair_that_meets_the_base_first_is_not_called_clean(
    page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    one = (ConflictedFile("README.md", "contents", (Hunk((3, 1), (3, 1), (3, 1)),)),)
    matrix = samples.matrix(
        (samples.branch("issue-3"), samples.branch("issue-6")),
        (samples.pair("issue-3", "issue-6", overlap=("README.md", "setup.py")),),
        base_files={"issue-6": one},
    )
    client.answers["compute_matrix"] = (matrix, samples.board())
    complete(page.refresh())

    page.choose("issue-3", "issue-6")

    assert page.pair.sentence() == (
        "Both touch README.md, where issue-6 collides with main already."
        " The two are compared there once that is resolved."
    )
    assert page.pair.head.verdict() == "Not compared"


def test_what_two_change_without_having_declared_it_is_told_before_it_collides(
    qtbot: QtBot, empty_page: ConflictsPage, client: RecordingClient
) -> None:
    said = ("human-ana changes README.md for issue-6 too.", "Changes README.md, not declared.")
    warnings = (
        TaskWarning("issue-3", WarningKind.OVERLAP, said[0], ("README.md",), "issue-6"),
        TaskWarning("issue-6", WarningKind.UNDECLARED, said[1], ("README.md",)),
    )
    board = replace(samples.board(), warnings=warnings)
    client.answers["compute_matrix"] = (samples.storefront(), board)
    empty_page.recheck.click()
    qtbot.waitUntil(lambda: "Hunk" in empty_page.pair.hunk_text())
    listed = [prose.plain() for prose in empty_page.matrix.findChildren(Prose) if prose.isVisible()]
    assert empty_page.pair.warned.text() == ""

    empty_page.choose("issue-3", "issue-6")
    assert empty_page.pair.warned.text() == f"issue-3: {said[0]}"
    empty_page.matrix.view.choose(3, 3)
    assert empty_page.pair.warned.text() == f"issue-6: {said[1]}"
    assert f"issue-3: {said[0]}" in listed
    assert f"issue-6: {said[1]}" in listed


def test_the_diagonal_lists_whom_a_branch_meets(page: ConflictsPage) -> None:
    page.matrix.view.choose(2, 2)

    assert page.pair.sentence() == "issue-5 meets issue-4 (3 files) and issue-9 (2 files)."


def test_keys_go_from_hunk_to_hunk_and_on_to_the_next_file(
    qtbot: QtBot, page: ConflictsPage
) -> None:
    page.pair.step_hunk(1)
    assert page.pair.hunk_text() == "Hunk 2 of 2 · both rewrote tax()"

    page.pair.step_hunk(1)

    assert page.pair.path() == samples.VIEW
    qtbot.waitUntil(lambda: page.pair.hunk_text().startswith("Hunk 1"))


def test_a_deleted_file_says_who_deleted_it(qtbot: QtBot, page: ConflictsPage) -> None:
    page.pair.choose_path(samples.GONE)

    qtbot.waitUntil(lambda: page.pair.hunk_text() == "issue-5 deleted what issue-4 changed")


def test_versions_that_cannot_be_read_say_why(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient
) -> None:
    client.answers["read_sides"] = EnvironmentFault("git could not read the file.")

    page.pair.choose_path(samples.VIEW)

    qtbot.waitUntil(lambda: page.pair.sentence() == "git could not read the file.")


def test_the_answer_for_a_tab_left_behind_is_dropped(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient
) -> None:
    client.hold.add("read_sides")
    page.pair.choose_path(samples.VIEW)
    page.pair.choose_path(samples.GONE)
    qtbot.waitUntil(lambda: len(client.named("read_sides")) == 3)

    client.let_go()

    qtbot.waitUntil(lambda: page.pair.hunk_text() == "issue-5 deleted what issue-4 changed")


def test_a_hot_file_shows_its_collision(page: ConflictsPage) -> None:
    page.choose("issue-3", None)

    page.matrix.file_chosen.emit(samples.VIEW)

    meeting = page.pair.meeting()
    assert meeting is not None
    assert meeting.pair == ("issue-4", "issue-5")
    assert page.pair.path() == samples.VIEW


def test_the_cheaper_one_is_offered_to_wait(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient, message_bar: MessageBar
) -> None:
    best = page.pair.head.buttons[0]
    assert best.text() == "Let 4 wait for 5"
    assert best.accessibleName() == "Let issue-4 wait for issue-5"

    best.click()
    qtbot.waitUntil(lambda: bool(message_bar.text()))
    page.feed.pacer.stop()

    assert client.named("set_dependencies")[0].args == ("issue-4", ("issue-5",))
    assert message_bar.text() == "issue-4 now waits for issue-5"


def test_a_refused_wait_is_told(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient, message_bar: MessageBar
) -> None:
    client.answers["set_dependencies"] = REFUSAL

    page.pair.head.menu.actions()[0].trigger()

    qtbot.waitUntil(lambda: bool(message_bar.text()))
    assert message_bar.text() == "Let a task wait: issue-5 depends on issue-4."
    assert message_bar.detail() == "A cycle would never end."


def test_stacked_branches_are_not_offered_to_wait(page: ConflictsPage) -> None:
    page.choose("issue-7", "issue-10")

    names = [cure.name for cure in page.pair.head.cures().first]
    assert names == [
        "Bring issue-7 into issue-10 now",
        "Ask agent-codex-1 to bring issue-7 into issue-10",
    ]


def test_an_agent_that_has_ended_is_asked_to_resolve(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient, message_bar: MessageBar
) -> None:
    page.choose("issue-9", None)
    best = page.pair.head.buttons[1]
    assert best.text() == "Ask agent to resolve"
    assert best.accessibleName() == "Ask agent-gemini-1 to bring main into issue-9"

    best.click()

    qtbot.waitUntil(lambda: bool(message_bar.text()))
    page.feed.pacer.stop()
    assert client.named("ask_branch_agent")[0].args == ("issue-9", None)
    assert message_bar.text() == "agent-gemini-1 is asked to bring main into issue-9"


def test_what_finds_no_room_as_a_button_is_in_the_menu(qtbot: QtBot, page: ConflictsPage) -> None:
    head = page.pair.head
    head.show_cures(replace(head.cures(), first=head.cures().first * 2))

    head.resize(260, head.height())

    shown = [button for button in head.buttons if not button.isHidden()]
    assert len(shown) < len(head.cures().first)
    named = [action.text() for action in head.menu.actions()]
    assert head.cures().first[0].name in named


def test_the_base_is_brought_into_a_branch(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient, message_bar: MessageBar
) -> None:
    page.choose("issue-3", None)

    page.pair.head.buttons[0].click()

    qtbot.waitUntil(lambda: bool(message_bar.text()))
    page.feed.pacer.stop()
    assert client.named("bring_base_in")[0].args == ("issue-3",)
    assert message_bar.text() == "main is in issue-3 now: 2 files changed"
    assert "Commit ddddddd" in message_bar.detail()


def test_what_was_brought_in_is_taken_back_with_one_click(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient, message_bar: MessageBar
) -> None:
    page.choose("issue-3", None)
    page.pair.head.buttons[0].click()
    qtbot.waitUntil(lambda: bool(message_bar.text()))
    (undo,) = (b for b in message_bar.findChildren(QPushButton) if b.text() == "Undo")

    undo.click()

    qtbot.waitUntil(lambda: message_bar.text() == "issue-3 is back to before main came in")
    page.feed.pacer.stop()
    assert client.named("take_back")[0].args == ("issue-3", "d" * 40)


def test_a_refused_cure_says_why_and_can_be_tried_again(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient, message_bar: MessageBar
) -> None:
    client.answers["bring_base_in"] = Refused(
        "Uncommitted files are in the way.", reasons=("a.py",)
    )
    page.choose("issue-3", None)

    page.pair.head.buttons[0].click()

    qtbot.waitUntil(lambda: bool(message_bar.text()))
    assert message_bar.text().endswith("Uncommitted files are in the way.")
    assert message_bar.detail() == "a.py"
    assert page.pair.head.buttons[0].isEnabled()


def test_without_branches_the_board_is_offered(
    qtbot: QtBot, empty_page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    client.answers["compute_matrix"] = (samples.no_branches(), samples.board(()))

    complete(empty_page.refresh())

    assert empty_page.matrix.sentence().startswith("No branches yet.")
    assert not empty_page.pair.isVisible()
    button = empty_page.matrix.empty.button
    assert button is not None
    with qtbot.waitSignal(empty_page.board_requested):
        button.click()


def test_when_all_is_clean_it_says_so(
    empty_page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    client.answers["compute_matrix"] = (samples.all_clean(), samples.board())

    complete(empty_page.refresh())

    assert empty_page.pair.sentence() == "Nobody collides. All branches land on main cleanly."
    assert empty_page.badge() == 0


def test_trouble_in_the_background_is_told_once(
    empty_page: ConflictsPage,
    client: RecordingClient,
    message_bar: MessageBar,
    complete: Complete,
) -> None:
    client.answers["compute_matrix"] = Refused("No repository is chosen.", hint="weft init")

    complete(empty_page.refresh())
    assert message_bar.text() == "Check conflicts: No repository is chosen."
    assert empty_page.matrix.sentence() == "No repository is chosen. weft init"
    message_bar.dismiss()
    complete(empty_page.refresh())

    assert message_bar.isHidden()


def test_a_long_computation_says_what_it_does_and_can_be_called_off(
    qtbot: QtBot, empty_page: ConflictsPage, client: RecordingClient
) -> None:
    client.hold.add("compute_matrix")
    empty_page.recheck.click()
    qtbot.waitUntil(lambda: computed(client) == 1)
    line = empty_page.matrix.work

    client.calls[-1].kwargs["progress"]("pairs", 12, 45)
    qtbot.waitUntil(lambda: line.text() == "Merging every pair: 12 of 45")
    qtbot.waitUntil(line.isVisible)
    line.cancel_button.click()

    qtbot.waitUntil(lambda: client.cancelled == ["compute_matrix"])
    qtbot.waitUntil(lambda: not line.isVisible())
    assert empty_page.matrix.sentence() == "Called off. Re-check begins anew."


def test_the_backlog_is_foreseen_for_cards_and_hot_files(
    qtbot: QtBot, empty_page: ConflictsPage, complete: Complete
) -> None:
    with qtbot.waitSignal(empty_page.forecasts_changed) as caught:
        complete(empty_page.refresh())

    sentence = f"Likely to meet issue-4 in {samples.TOTALS} and 1 more file (0.8)"
    assert caught.args[0] == {"issue-12": (sentence,)}
    name = f"{samples.TOTALS}: issue-4, issue-5, issue-12 (backlog)"
    qtbot.waitUntil(lambda: names_of_rows(empty_page)[:1] == [name])


def test_verdicts_are_published_for_the_cards(
    qtbot: QtBot, empty_page: ConflictsPage, complete: Complete
) -> None:
    with qtbot.waitSignal(empty_page.verdicts_changed) as caught:
        complete(empty_page.refresh())

    assert caught.args[0]["issue-4"].text == "meets issue-5"


@pytest.mark.parametrize("count", [12, 50])
def test_many_branches_fit_or_scroll(
    empty_page: ConflictsPage, client: RecordingClient, complete: Complete, count: int
) -> None:
    client.answers["compute_matrix"] = (samples.many(count), samples.board())

    complete(empty_page.refresh())

    view = empty_page.matrix.view
    assert view.model().columnCount() == count + 1
    assert (view.horizontalScrollBar().maximum() > 0) == (count == 50)
    assert spoken(empty_page, 1, 8) == "task-2 × task-9: not looked at"  # noqa: RUF001
