"""Widgets are tested in the sheet they are shown in."""

from collections.abc import Iterator
from typing import Protocol

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.theme.theme import Theme, theme


class Show(Protocol):
    """Shows widgets below each other in one window, which lives as long as the test."""

    def __call__(self, *widgets: QWidget, width: int = 600) -> QWidget: ...


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[Theme]:
    theme().choose("light")
    theme().apply(qapp)
    yield theme()
    theme().choose("light")


@pytest.fixture
def show(qtbot: QtBot) -> Iterator[Show]:
    windows = []

    def show_in_window(*widgets: QWidget, width: int = 600) -> QWidget:
        window = QWidget()
        column = QVBoxLayout(window)
        for widget in widgets:
            column.addWidget(widget)
        window.resize(width, 300)
        windows.append(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield show_in_window
    for window in windows:
        window.close()
        window.deleteLater()
