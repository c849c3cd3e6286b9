"""The locks in a table, with release."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.domain.lock import Lock, LockOrigin, TaskWarning, WarningKind
from core.domain.task import TaskStatus
from gui.board.cards import make_cards, meta_line
from gui.durations import utc_now
from gui.workers.locks_panel import LocksPanel
from tests.gui.fakes import NOW, sample_board
from tests.gui.recording_client import Call, RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from gui.widgets.message_bar import MessageBar

LOCKS = (
    Lock("package.json", "human-ana", "issue-5", NOW, None, True, LockOrigin.CRITICAL),
    Lock("src/cart/*.py", "agent-claude-1", "issue-4", NOW, utc_now() + timedelta(hours=30), False),
)


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(answers={"unlock": ()})


@pytest.fixture
def panel(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, message_bar: MessageBar
) -> LocksPanel:
    made = LocksPanel(client, message_bar)
    qtbot.addWidget(made)
    made.show_board(sample_board(locks=LOCKS))
    made.resize(900, 300)
    made.show()
    return made


def cells(panel: LocksPanel, row: int) -> list[str]:
    return [panel.model.index(row, column).data() for column in range(panel.model.columnCount())]


def test_each_lock_says_who_for_what_and_until_when(panel: LocksPanel) -> None:
    assert cells(panel, 0) == [
        "package.json", "human-ana", "issue-5", "critical file", "until released"
    ]  # fmt: skip
    assert cells(panel, 1)[3] == "asked for, shared"
    assert cells(panel, 1)[4].endswith("(1 d)")


def test_a_release_is_asked_before_it_is_done(
    panel: LocksPanel, client: RecordingClient, message_bar: MessageBar, qtbot: QtBot
) -> None:
    panel.table.selectRow(1)
    panel.release.click()

    assert client.calls == []
    assert message_bar.text() == "Release src/cart/*.py?"
    panel.release_lock(LOCKS[1])
    wanted = Call("unlock", (("src/cart/*.py",),), {"task": "issue-4", "force": True})
    qtbot.waitUntil(lambda: client.calls == [wanted])


def test_without_locks_it_says_what_makes_one(panel: LocksPanel) -> None:
    panel.show_board(sample_board())

    assert panel.model.rowCount() == 0
    assert not panel.release.isEnabled()


def test_cards_tell_of_their_locks_and_of_what_was_changed_past_them() -> None:
    said = "It changes src/tax.py, which agent-codex-1 works on for issue-7."
    warning = TaskWarning("issue-4", WarningKind.OVERLAP, said, ("src/tax.py",), "issue-7")
    columns = make_cards(sample_board(locks=LOCKS, warnings=(warning,)), {})

    (card,) = [one for one in columns[TaskStatus.IN_PROGRESS] if one.key == "issue-4"]
    assert meta_line(card, NOW).endswith("1 locked")
    assert card.reason == said
    assert card.mark == "warning"


def test_the_chosen_lock_stays_chosen_when_others_are_taken_and_leases_renewed(
    panel: LocksPanel,
) -> None:
    panel.table.selectRow(1)
    renewed = replace(LOCKS[1], expires_at=utc_now() + timedelta(hours=31))
    other = replace(LOCKS[0], path="a.py")

    panel.show_board(sample_board(locks=(other, LOCKS[0], renewed)))

    assert panel.table.currentIndex().row() == 2
    assert panel.release.isEnabled()
    panel.show_board(sample_board(locks=(other, LOCKS[0])))
    assert not panel.release.isEnabled()
