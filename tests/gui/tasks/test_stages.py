"""The stages of a task, and the word that a gate waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest

from core.domain.stage import Stage, StageStatus
from gui.tasks.stages_panel import StagesPanel
from gui.widgets.message_bar import MessageBar
from tests.gui.recording_client import Call, RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop


def stage(position: int, name: str, status: StageStatus, **more: object) -> Stage:
    facts: dict[str, object] = {
        "run": "", "attempts": 1, "sent_back": 0, "note": "", "artifact": "",
        "started_at": None, "ended_at": None,
    }  # fmt: skip
    return Stage("task-1", position, name, status, **(facts | more))  # type: ignore[arg-type]


STAGES = (
    stage(0, "analyze", StageStatus.GATE, note="Touches src/cart.py."),
    stage(1, "build", StageStatus.WAITING),
)


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(
        answers={
            "stage_approve": stage(0, "analyze", StageStatus.DONE),
            "stage_reject": stage(0, "analyze", StageStatus.WAITING),
            "stage_escalate": stage(0, "analyze", StageStatus.GATE),
        }
    )


@pytest.fixture
def panel(qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient) -> StagesPanel:
    bar = MessageBar()
    qtbot.addWidget(bar)
    made = StagesPanel(client, bar, "task-1")
    qtbot.addWidget(made)
    made.show_stages(STAGES)
    made.resize(440, 300)
    made.show()
    return made


def test_a_stage_at_its_gate_is_approved_with_words(
    panel: StagesPanel, client: RecordingClient, qtbot: QtBot
) -> None:
    assert panel.gate is not None
    QTest.keyClicks(panel.gate.words, "Good, but keep the API.")
    panel.gate.approve.click()

    wanted = Call("stage_approve", ("task-1", "Good, but keep the API."), {})
    qtbot.waitUntil(lambda: client.calls == [wanted])
    qtbot.waitUntil(lambda: panel.message_bar.text() == "task-1: analyze is approved")


def test_sending_back_wants_words(
    panel: StagesPanel, client: RecordingClient, qtbot: QtBot
) -> None:
    assert panel.gate is not None
    panel.gate.reject.click()
    assert client.calls == []
    assert panel.gate.words.property("invalid") is True

    QTest.keyClicks(panel.gate.words, "Look at the tax too.")
    panel.gate.reject.click()
    qtbot.waitUntil(lambda: [call.name for call in client.calls] == ["stage_reject"])


def test_half_written_words_survive_news_of_the_same_stages(panel: StagesPanel) -> None:
    assert panel.gate is not None
    QTest.keyClicks(panel.gate.words, "half")

    panel.show_stages(STAGES)

    assert panel.gate.words.text() == "half"


def test_without_stages_there_is_nothing_to_see(panel: StagesPanel) -> None:
    panel.show_stages(())

    assert not panel.isVisible()
    assert panel.gate is None
