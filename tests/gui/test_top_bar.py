"""The bar on top keeps its parts in place while its title changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from gui.navigation import Place
from gui.theme.theme import theme
from gui.top_bar import TopBar

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("width", [700, 1096])
def test_the_search_stays_where_it_is_on_every_page(
    qapp: QApplication, qtbot: QtBot, width: int
) -> None:
    theme().apply(qapp)
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.resize(width, bar.height())
    bar.show()
    lefts = set()

    for place in Place:
        bar.show_title(place.value)
        QCoreApplication.sendPostedEvents(bar, QEvent.Type.LayoutRequest.value)
        lefts.add(bar.search.x())

    assert len(lefts) == 1
