"""The drawer stands at the right edge of its page, whatever happens to the page meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPropertyAnimation
from PySide6.QtWidgets import QLabel, QWidget

from gui.drawer import MARGIN, Drawer
from gui.theme import motion

if TYPE_CHECKING:
    import pytest
    from pytestqt.qtbot import QtBot


def test_a_window_that_shrinks_while_it_slides_in_keeps_it_in_sight(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(motion, "duration_ms", lambda: 100)
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1900, 800)
    drawer = Drawer(host)
    host.show()
    drawer.show_content("Transcript", QLabel("words"), 700)
    (sliding,) = drawer.findChildren(QPropertyAnimation)

    with qtbot.waitSignal(sliding.destroyed):
        host.resize(1200, 800)

    assert drawer.geometry().right() == host.rect().right()
    assert drawer.x() > MARGIN
