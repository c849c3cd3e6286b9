"""A column: its title with the count, what dropping would do, and the list of its cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from core.domain.task import TaskStatus
from gui.board.card_layout import SCROLL_ROOM
from gui.board.column_model import ColumnModel
from gui.board.column_view import ColumnView
from gui.task_drag import DragSession, DropAnswer, dragged_key
from gui.theme.fonts import TextStyle, font
from gui.theme.theme import theme
from gui.theme.tokens import Radius, Space, Tone
from gui.widgets.label import make_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.board.cards import Card

HINT_HEIGHT: Final = 52
LEAST_WIDTH: Final = 150
EMPTY_WORDS: Final = {
    TaskStatus.BACKLOG: "Nothing waits to be done.",
    TaskStatus.CLAIMED: "Nobody holds a task.",
    TaskStatus.IN_PROGRESS: "Nobody is at work. Drop a card on a worker to begin.",
    TaskStatus.REVIEW: "Nothing waits for review.",
    TaskStatus.DONE: "What has landed comes here.",
}


class Column(QWidget):
    """One column of the board. Its list carries the accessible name."""

    def __init__(self, status: TaskStatus, session: DragSession) -> None:
        super().__init__()
        self.status = status
        self.model = ColumnModel(status)
        self.view = ColumnView(self.model, session, EMPTY_WORDS[status])
        self._title = make_label(status.label, role="strong")
        self._count = make_label("0", role="muted")
        self._limit = make_label("", role="meta", tone=Tone.WARN)
        self._hint = DropHint()
        head = QHBoxLayout()
        head.setContentsMargins(Space.XS, 0, Space.XS + SCROLL_ROOM, 0)
        head.setSpacing(6)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch()
        head.addWidget(self._limit)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(6)
        stack.addLayout(head)
        hint_row = QHBoxLayout()
        hint_row.setContentsMargins(0, 0, SCROLL_ROOM, 0)
        hint_row.addWidget(self._hint)
        stack.addLayout(hint_row)
        stack.addWidget(self.view, 1)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setAcceptDrops(True)
        self.view.hovered.connect(self._hint.set_hovered)

    def show_cards(self, cards: Sequence[Card]) -> None:
        """Show *cards* and how many they are."""
        if self.model.cards() != tuple(cards):
            self.model.show_cards(cards)
        self._count.setText(str(len(cards)))
        if not cards:
            self.view.viewport().update()

    def show_limit(self, running: int, limit: int) -> None:
        """Say how many of the allowed runs are under way, once none is left."""
        self._limit.setText(f"limit {running} of {limit}" if running >= limit else "")

    def limit_words(self) -> str:
        """Return what is said about the limit."""
        return self._limit.text()

    def show_answer(self, answer: DropAnswer | None, *, is_own: bool = False) -> None:
        """Say what dropping would do while a card is on its way; None when it is over."""
        refuses = answer is not None and not answer.accepts
        self.view.set_dimmed(refuses)
        self._title.setDisabled(refuses)
        self._count.setDisabled(refuses)
        self.view.set_refusal(answer.words if answer is not None and refuses else "")
        self._hint.show_answer(None if is_own or refuses else answer)

    def hint(self) -> DropHint:
        """Return what says in words what dropping does."""
        return self._hint

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_key(event.mimeData()) is not None:
            event.acceptProposedAction()
            self._hint.set_hovered(hovered=True)

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._hint.set_hovered(hovered=False)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        key = dragged_key(event.mimeData())
        self._hint.set_hovered(hovered=False)
        if key is not None:
            event.acceptProposedAction()
            self.view.dropped.emit(key, self.status, 0)


class DropHint(QWidget):
    """The place where a card would go, with words; hidden while nothing is dragged."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: DropAnswer | None = None
        self._hovered = False
        self.setFixedHeight(HINT_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_answer(self, answer: DropAnswer | None) -> None:
        """Show *answer*, which accepts; None hides the place."""
        self._answer = answer
        self._hovered = self._hovered and answer is not None
        self.setAccessibleName(answer.words if answer else "")
        self._settle()

    def set_hovered(self, hovered: bool) -> None:
        """Look ready to take the card."""
        self._hovered = hovered
        self._settle()

    def words(self) -> str:
        """Return what is said."""
        return self._answer.words if self._answer else ""

    @override
    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, HINT_HEIGHT)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._answer is None:
            return
        palette = theme().palette
        colors = palette.tone(Tone.ACCENT)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colors.ink, 1.5 if self._hovered else 1.0)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(colors.ground if self._hovered else Qt.BrushStyle.NoBrush)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(frame, Radius.CARD, Radius.CARD)
        painter.setPen(colors.ink)
        painter.setFont(font(TextStyle.META))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(8, 2, -8, -2), flags, self._answer.words)
        painter.end()

    def _settle(self) -> None:
        # The room is free for as long as the drag goes on: making it under the pointer would
        # move the list away from it, and back, for ever.
        self.setVisible(self._answer is not None)
        self.update()
