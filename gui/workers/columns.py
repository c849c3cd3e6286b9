"""The table of workers, whose columns are as wide as what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTableView
from typing_extensions import override

from gui.theme.fonts import TextStyle, metrics
from gui.theme.tokens import state_look
from gui.widgets.avatar import AVATAR_EDGE
from gui.widgets.pill import pill_size
from gui.workers.table import AGENT, COLUMNS, FACTS_ROLE, LAST_SIGN, NOW, SKILLS, STATE, WORKER

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent

PADDING: Final = 28
LEAST_NOW: Final = 200
LEAST_NAME: Final = 120
LEAST: Final = 56
MOST: Final = {WORKER: 300, SKILLS: 180}
MOST_OTHER: Final = 160
DROPPED: Final = (LAST_SIGN, SKILLS, AGENT)
"""What goes where there is too little room, the first first."""


class WorkersTable(QTableView):
    """Fits its columns to its rows; *Now* has what is left, and columns go before it is narrow."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted = [LEAST] * len(COLUMNS)
        self._is_due = False

    def follow_model(self) -> None:
        """Fit the columns now and whenever rows change; after the model has been set."""
        header = self.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NOW, QHeaderView.ResizeMode.Stretch)
        self.model().modelReset.connect(self._begin_anew)
        self.model().dataChanged.connect(self._measure)
        self._begin_anew()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_due:
            self._measure()

    def _begin_anew(self) -> None:
        self._wanted = [LEAST] * len(COLUMNS)
        self._measure()

    def _measure(self) -> None:
        """Widen the columns that hold more than before; a clock must not make them tremble.

        Out of sight it waits: rows change several times a second, and each look takes 8 ms.
        """
        self._is_due = not self.isVisible()
        if self._is_due:
            return
        model = self.model()
        for column, title in enumerate(COLUMNS):
            widths = [metrics(TextStyle.META).horizontalAdvance(title) + PADDING]
            widths += [self._width_of(row, column) for row in range(model.rowCount())]
            most = max(self._wanted[column], *widths)
            self._wanted[column] = min(most, MOST.get(column, MOST_OTHER))
        self._fit()

    def _width_of(self, row: int, column: int) -> int:
        index = self.model().index(row, column)
        if column == STATE:
            look = state_look(index.data(FACTS_ROLE).state)
            return pill_size(look.word, look.glyph).width() + PADDING
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        width = metrics(TextStyle.TEXT).horizontalAdvance(text) + PADDING
        return width + AVATAR_EDGE + 8 if column == WORKER else width

    def _fit(self) -> None:
        room = self.viewport().width() - LEAST_NOW
        shown = [column for column in range(len(COLUMNS)) if column != NOW]
        for column in DROPPED:
            if sum(self._wanted[other] for other in shown) > room:
                shown.remove(column)
        widths = {column: self._wanted[column] for column in shown}
        too_much = max(0, sum(widths.values()) - room)
        widths[WORKER] = max(LEAST_NAME, widths[WORKER] - too_much)
        for column in range(len(COLUMNS)):
            self.setColumnHidden(column, column != NOW and column not in shown)
            if column in widths:
                self.setColumnWidth(column, widths[column])
