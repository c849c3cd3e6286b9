from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.theme.theme import theme
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    theme().choose("light")
    theme().apply(qapp)


@pytest.fixture
def message_bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar
