"""The palette's list offers what the board as it stands allows, and nothing that is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.command_list import CommandList
from gui.main_window import MainWindow
from gui.theme.theme import theme
from gui.workers.actions import WorkerActions
from tests.gui.fakes import sample_board
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


def test_workers_are_offered_what_their_state_allows(qtbot: QtBot, qapp: QApplication) -> None:
    theme().apply(qapp)
    window = MainWindow()
    qtbot.addWidget(window)
    client = RecordingClient()
    actions = WorkerActions(client, window.message_bar, window.navigation)

    offered = CommandList(window, client, actions).commands(sample_board())

    def of(worker: str) -> list[str]:
        ends = [command.text for command in offered if command.text.endswith(f" {worker}")]
        return [text.removesuffix(f" {worker}") for text in ends]

    assert of("agent-claude-1") == ["View", "Pause", "Abort", "Merge"]
    assert of("agent-gemini-1") == ["View", "Resume", "Abort"]
    assert of("human-ana") == ["View"]
    assert of("agent-claude-3") == ["View"]
