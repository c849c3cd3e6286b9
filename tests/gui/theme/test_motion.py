"""Nothing moves for a person who asked for less."""

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gui.theme import motion


def test_less_motion_sets_the_end_at_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    monkeypatch.setenv(motion.REDUCED_MOTION, "1")

    running = motion.animate(label, "maximumHeight", 0, 40)

    assert running is None
    assert label.maximumHeight() == 40


def test_motion_ends_where_it_should(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    monkeypatch.delenv(motion.REDUCED_MOTION, raising=False)
    qapp.setStyle("Fusion")

    running = motion.animate(label, "maximumHeight", 0, 40)

    assert running is not None
    qtbot.waitUntil(lambda: label.maximumHeight() == 40)
