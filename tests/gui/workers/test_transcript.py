"""A transcript follows its end, can be searched and copied, and ends when its run has."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication
from shiboken6 import delete

from core.domain.run import RunStatus
from core.domain.transcript import TranscriptLine, TranscriptPage
from gui.navigation import Navigation
from gui.workers.actions import WorkerActions
from gui.workers.transcript_panel import PAGE, TranscriptPanel
from gui.workers.transcript_text import KEPT, LONGEST, PART, TranscriptText, shown
from tests.gui.fakes import NOW, make_run, sample_board
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from gui.widgets.message_bar import MessageBar


def line(number: int, text: str = "", kind: str = "output") -> TranscriptLine:
    return TranscriptLine(number, "2030-01-02T03:04:05.000Z", kind, text or f"line {number}")


class Tape:
    """A transcript that grows; offsets count lines."""

    def __init__(self, count: int) -> None:
        self.lines = [line(number) for number in range(count)]

    def page(self, run_id: str, *, offset: int, limit: int) -> TranscriptPage:
        del run_id
        found = tuple(self.lines[offset : offset + limit])
        return TranscriptPage(found, offset + len(found))


@pytest.fixture
def tape() -> Tape:
    return Tape(PAGE + 20)


@pytest.fixture
def client(tape: Tape) -> RecordingClient:
    return RecordingClient(answers={"transcript": tape.page})


def make_panel(client: RecordingClient, message_bar: MessageBar) -> TranscriptPanel:
    navigation = Navigation()
    actions = WorkerActions(client, message_bar, navigation)
    run = make_run("run-1", "issue-4", "agent-claude-1")
    return TranscriptPanel(client, message_bar, navigation, actions, run)


@pytest.fixture
def panel(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, message_bar: MessageBar
) -> Iterator[TranscriptPanel]:
    made = make_panel(client, message_bar)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.hide()


def test_all_that_was_said_is_read_and_what_comes_later_too(
    panel: TranscriptPanel, tape: Tape, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: f"line {PAGE + 19}" in panel.text.toPlainText())

    tape.lines.append(line(9999, "and one more"))

    qtbot.waitUntil(lambda: panel.text.toPlainText().endswith("and one more"))
    assert panel.text.follows


def test_who_scrolled_up_stays_there(panel: TranscriptPanel, tape: Tape, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: f"line {PAGE + 19}" in panel.text.toPlainText())
    panel.text.verticalScrollBar().setValue(3)

    tape.lines.append(line(9999, "and one more"))

    qtbot.waitUntil(lambda: panel.text.toPlainText().endswith("and one more"))
    assert panel.text.verticalScrollBar().value() == 3
    panel.text.go_to_end()
    assert panel.text.follows


def test_a_run_that_has_ended_is_asked_no_more(
    panel: TranscriptPanel, client: RecordingClient, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: f"line {PAGE + 19}" in panel.text.toPlainText())
    ended = replace(panel.run, status=RunStatus.FAILED, ended_at=NOW, reason="It fell over.")

    panel.show_board(sample_board(runs=(ended,)))

    qtbot.waitUntil(panel.is_at_rest)
    asked = len(client.named("transcript"))
    assert not panel.abort.isVisible()
    assert panel.reason() == "It fell over."
    assert len(client.named("transcript")) == asked


def test_a_hidden_panel_asks_no_more(
    panel: TranscriptPanel, client: RecordingClient, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: bool(client.named("transcript")))

    panel.hide()

    qtbot.waitUntil(panel.is_at_rest)


def test_a_deleted_panel_asks_no_more(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, message_bar: MessageBar
) -> None:
    client.hold.add("transcript")
    panel = make_panel(client, message_bar)
    panel.show()
    qtbot.waitUntil(lambda: client.is_waiting)

    delete(panel)

    qtbot.waitUntil(lambda: client.cancelled == ["transcript"])


def test_search_finds_goes_round_and_says_when_there_is_nothing(
    panel: TranscriptPanel, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: f"line {PAGE + 19}" in panel.text.toPlainText())

    panel.search.setText("line 12")
    panel.find_next()
    first = panel.text.textCursor().position()
    panel.find_next(backwards=True)
    panel.find_next()
    panel.search.setText("nowhere to be seen")
    panel.find_next()

    assert panel.text.textCursor().position() >= first
    assert panel.search.property("invalid") is True


def test_copy_takes_all_lines(panel: TranscriptPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: f"line {PAGE + 19}" in panel.text.toPlainText())

    panel.copy_all()

    assert "line 0" in QGuiApplication.clipboard().text()


def test_what_could_upset_the_view_is_not_shown_as_it_came() -> None:
    assert shown("\x1b[31mred\x1b[0m\x07") == "�[31mred�[0m�"
    assert len(shown("x" * 10_000_000)) < LONGEST + 60


def test_only_so_many_lines_are_kept(qtbot: QtBot) -> None:
    text = TranscriptText("Transcript")
    qtbot.addWidget(text)

    text.add([line(number) for number in range(KEPT + 100)])

    qtbot.waitUntil(lambda: text.toPlainText().endswith(f"line {KEPT + 99}"))
    assert text.blockCount() <= KEPT


def test_a_flood_is_written_in_parts_and_in_its_order(qtbot: QtBot) -> None:
    text = TranscriptText("Transcript")
    qtbot.addWidget(text)

    text.add([line(number) for number in range(3 * PART)])
    at_once = text.blockCount()
    text.add([line(3 * PART, "and the last one")])

    assert at_once == PART
    qtbot.waitUntil(lambda: text.toPlainText().endswith("and the last one"))
    told = [row.split("  ")[-1] for row in text.toPlainText().splitlines()]
    assert told[:-1] == [f"line {number}" for number in range(3 * PART)]


def test_a_step_of_a_plan_has_one_mark(qtbot: QtBot) -> None:
    text = TranscriptText("Transcript")
    qtbot.addWidget(text)
    step = replace(line(1, "[x] Read the file", "plan"), state="completed")

    text.add([step, line(2, "[x] as it came", "message")])
    qtbot.waitUntil(lambda: "as it came" in text.toPlainText())

    first, second = text.toPlainText().splitlines()
    assert first.endswith("  ☑ Read the file")
    assert second.endswith("  [x] as it came")


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone cannot be set for one process")
def test_lines_have_the_time_of_the_persons_own_clock(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TranscriptText("Transcript")
    qtbot.addWidget(text)
    try:
        monkeypatch.setenv("TZ", "JST-9")
        time.tzset()
        text.add((line(1), replace(line(2), at="2030-01-02 ??")))
        qtbot.waitUntil(lambda: text.toPlainText().count("\n") == 1)
    finally:
        monkeypatch.undo()
        time.tzset()

    assert text.toPlainText().splitlines()[0].startswith("12:04:05  ")
