"""The conflict view is looked at anew: when, how often, and what stays as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QLabel, QTabBar

from core.domain.event import Event
from tests.gui.conflicts import samples
from tests.gui.conflicts.test_page import computed, spoken

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from core.domain.conflict import ConflictMatrix
    from gui.conflicts.page import ConflictsPage
    from tests.gui.conftest import Complete
    from tests.gui.recording_client import RecordingClient


def event(kind: str) -> Event:
    return Event(1, samples.NOW, kind, "/src/storefront", "issue-4", None, None, "weft", {})


def a_changed_tree() -> ConflictMatrix:
    """Return a matrix in which issue-4 has other content, and all else is the same."""
    matrix = samples.storefront()
    changed = replace(matrix.branches[1], tree="e" * 40)
    return replace(matrix, branches=(matrix.branches[0], changed, *matrix.branches[2:]))


def test_recheck_uses_nothing_that_is_remembered(
    page: ConflictsPage, client: RecordingClient
) -> None:
    assert client.named("compute_matrix")[0].kwargs["fresh"]


def test_requests_while_computing_make_one_more_and_no_pile(
    qtbot: QtBot, empty_page: ConflictsPage, client: RecordingClient
) -> None:
    empty_page.feed.pacer.interval_ms = 1
    client.hold.add("compute_matrix")
    empty_page.feed.ask()
    qtbot.waitUntil(lambda: computed(client) == 1)

    for _ in range(5):
        empty_page.on_events([event("run.ended")])
    client.hold.clear()
    client.let_go()

    qtbot.waitUntil(lambda: computed(client) == 2)
    qtbot.waitUntil(lambda: not empty_page.feed.pacer.is_running)
    assert not empty_page.feed.pacer.is_waiting


def test_events_of_no_matter_change_nothing(page: ConflictsPage) -> None:
    page.on_events([event("setting.changed")])

    assert not page.feed.pacer.is_waiting


def test_a_chosen_pair_stays_chosen_when_the_matrix_is_new(
    page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    page.choose("issue-5", "issue-9")
    matrix = samples.storefront()
    client.answers["compute_matrix"] = (
        replace(matrix, branches=matrix.branches[1:], pairs=matrix.pairs[6:]),
        samples.board(),
    )

    complete(page.refresh())

    meeting = page.pair.meeting()
    assert meeting is not None
    assert meeting.pair == ("issue-5", "issue-9")
    assert page.matrix.view.currentIndex().row() == 1


def test_news_of_others_leave_the_reader_where_he_is(
    page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    page.pair.step_hunk(1)
    matrix = samples.storefront()
    first = replace(matrix.branches[0], head="d" * 40)
    asked = len(client.named("read_sides"))
    client.answers["compute_matrix"] = (
        replace(matrix, branches=(first, *matrix.branches[1:])),
        samples.board(),
    )

    complete(page.refresh())

    assert page.pair.hunk_text().startswith("Hunk 2 of 2")
    assert len(client.named("read_sides")) == asked


def test_a_new_version_of_the_file_keeps_tab_and_hunk(
    qtbot: QtBot, page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    page.pair.step_hunk(1)
    matrix = samples.storefront()
    changed = replace(matrix.branches[1], tree="e" * 40)
    asked = len(client.named("read_sides"))
    client.answers["compute_matrix"] = (
        replace(matrix, branches=(matrix.branches[0], changed, *matrix.branches[2:])),
        samples.board(),
    )

    complete(page.refresh())

    qtbot.waitUntil(lambda: len(client.named("read_sides")) == asked + 1)
    assert page.pair.path() == samples.TOTALS
    assert page.pair.hunk_text().startswith("Hunk 2 of 2")


def test_the_matrix_follows_edits_while_it_is_in_sight(
    qtbot: QtBot, empty_page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    client.hold.add("follow_matrix")
    complete(empty_page.refresh())
    qtbot.waitUntil(lambda: len(client.named("follow_matrix")) == 1)
    matrix = samples.storefront()
    edited = replace(matrix, pairs=(samples.pair("issue-3", "issue-4", samples.PAIR_FILES),))

    client.named("follow_matrix")[0].kwargs["tell"](edited)

    qtbot.waitUntil(lambda: spoken(empty_page, 0, 1).endswith("3 files"))
    assert computed(client) == 1
    empty_page.hide()
    qtbot.waitUntil(lambda: client.cancelled == ["follow_matrix"])


def test_the_same_branches_are_watched_on_and_others_anew(
    qtbot: QtBot, empty_page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    client.hold.add("follow_matrix")
    complete(empty_page.refresh())
    complete(empty_page.refresh())
    qtbot.waitUntil(lambda: len(client.named("follow_matrix")) == 1)

    client.answers["compute_matrix"] = (samples.all_clean(), samples.board())
    complete(empty_page.refresh())

    qtbot.waitUntil(lambda: len(client.named("follow_matrix")) == 2)
    assert client.cancelled == ["follow_matrix"]
    empty_page.hide()
    qtbot.waitUntil(lambda: len(client.cancelled) == 2)


def test_the_menu_of_cures_keeps_its_entries(
    page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    menu = page.pair.head.menu
    entries = menu.actions()
    menu.setActiveAction(entries[1])
    client.answers["compute_matrix"] = (a_changed_tree(), samples.board())

    complete(page.refresh())

    assert menu.actions() == entries
    assert menu.activeAction() is entries[1]


def test_tabs_stay_while_the_files_are_the_same(
    page: ConflictsPage, client: RecordingClient, complete: Complete
) -> None:
    tabs = page.pair.findChildren(QTabBar)[0]
    mark = QLabel("mark")
    tabs.setTabButton(1, QTabBar.ButtonPosition.RightSide, mark)  # a tab made anew has none
    client.answers["compute_matrix"] = (a_changed_tree(), samples.board())

    complete(page.refresh())

    assert tabs.tabButton(1, QTabBar.ButtonPosition.RightSide) is mark


def test_a_long_look_moves_no_cell(page: ConflictsPage) -> None:
    view = page.matrix.view
    before = view.mapTo(page, view.rect().topLeft())

    page.matrix.work.begin("Merging every pair", at_once=True)

    QApplication.processEvents()
    assert page.matrix.work.isVisible()
    assert view.mapTo(page, view.rect().topLeft()) == before
    page.matrix.work.end()
