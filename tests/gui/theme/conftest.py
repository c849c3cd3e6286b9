"""A theme of its own for each test, and an application left as it was found."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from gui.theme.theme import Theme


@pytest.fixture
def fresh_theme(qapp: QApplication) -> Iterator[Theme]:
    made = Theme()
    yield made
    made.choose("system")
    made.deleteLater()
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())
