"""The list of one column: keys, drags that start here, and cards that are dropped here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView
from typing_extensions import override

from gui.board.card_delegate import CardDelegate
from gui.board.card_layout import GAP, SCROLL_ROOM
from gui.board.column_model import ColumnModel, Role
from gui.board.drag_picture import drag_picture
from gui.task_drag import DragSession, dragged_key
from gui.theme.fonts import TextStyle, font
from gui.theme.theme import theme
from gui.theme.tokens import Radius
from gui.widgets.focus_ring import shows_ring

if TYPE_CHECKING:
    from core.domain.task import TaskStatus
    from gui.board.cards import Card

BATCH: Final = 50
REFUSAL_HEIGHT: Final = 52
_K = Qt.Key


class ColumnView(QListView):
    """Cards of one column.

    Signals:
        opened: (key) the person wants to see the task.
        dropped: (key, status, place) a card was dropped here; place counts from the top.
        step_asked: (-1 or 1) the arrow keys leave for the column beside.
        move_asked: (key, -1 or 1) the card itself shall go to the column beside.
        reorder_asked: (key, place) the card shall go to another place in its column.
        menu_asked: (key, what) `move`, `assign`, `remove` or `context` by key or mouse.
        hovered: (bool) a card hangs over this column, or has left it.
    """

    opened = Signal(str)
    dropped = Signal(str, object, int)
    step_asked = Signal(int)
    move_asked = Signal(str, int)
    reorder_asked = Signal(str, int)
    menu_asked = Signal(str, str)
    hovered = Signal(bool)

    def __init__(self, model: ColumnModel, session: DragSession, empty_words: str) -> None:
        super().__init__()
        self._column = model
        self._session = session
        self._empty_words = empty_words
        self._marker = -1
        self._refusal = ""
        self._is_over = False
        self._laid_out_width = 0
        self._pressed = ""
        self._card_delegate = CardDelegate(self)
        self.setModel(model)
        self.setItemDelegate(self._card_delegate)
        self.setAccessibleName(model.status.label)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(BATCH)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(Role.KEY)))

    @property
    def status(self) -> TaskStatus:
        """Return the column's status."""
        return self._column.status

    def current_card(self) -> Card | None:
        """Return the card that the keyboard is on, if it is in this column."""
        index = self.currentIndex()
        card: Card | None = index.data(Role.CARD) if index.isValid() else None
        return card

    def select(self, row: int) -> None:
        """Put keyboard and selection on *row*, or as near as there is one."""
        rows = self._column.rowCount()
        if rows:
            self.setCurrentIndex(self._column.index(max(0, min(row, rows - 1))))

    def clear_choice(self) -> None:
        """Select nothing: another column has the selection now."""
        self.setCurrentIndex(QModelIndex())
        self.clearSelection()

    def set_dimmed(self, dimmed: bool) -> None:
        """Fade the cards while this column would refuse what is dragged."""
        self._card_delegate.is_dimmed = dimmed
        self.viewport().update()

    def set_refusal(self, words: str) -> None:
        """Say *words* while a card hangs over this column, which would refuse it."""
        if words != self._refusal:
            self._refusal = words
            self._is_over = self._is_over and bool(words)
            self.viewport().update()

    def place_at(self, position: QPoint) -> int:
        """Return the place, counted from the top, that a card dropped at *position* would get."""
        index = self.indexAt(position)
        if not index.isValid():
            return self._column.rowCount()
        middle = self.visualRect(index).center().y() - GAP // 2
        return index.row() if position.y() < middle else index.row() + 1

    # -- keys ------------------------------------------------------------------------------

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        card = self.current_card()
        moving = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._step(event.key(), card, moving=moving) or (
            card is not None and not moving and self._act(event.key(), card.key)
        ):
            event.accept()
            return
        super().keyPressEvent(event)

    def _step(self, key: int, card: Card | None, *, moving: bool) -> bool:
        if key in (_K.Key_Left, _K.Key_Right):
            direction = -1 if key == _K.Key_Left else 1
            if moving and card is not None:
                self.move_asked.emit(card.key, direction)
            else:
                self.step_asked.emit(direction)
            return True
        if moving and card is not None and key in (_K.Key_Up, _K.Key_Down):
            place = self.currentIndex().row() + (-1 if key == _K.Key_Up else 1)
            if 0 <= place < self._column.rowCount():
                self.reorder_asked.emit(card.key, place)
            return True
        return False

    def _act(self, key: int, card: str) -> bool:
        match key:
            case _K.Key_Return | _K.Key_Enter:
                self.opened.emit(card)
            case _K.Key_M:
                self.menu_asked.emit(card, "move")
            case _K.Key_A:
                self.menu_asked.emit(card, "assign")
            case _K.Key_Delete:
                self.menu_asked.emit(card, "remove")
            case _K.Key_Menu:
                self.menu_asked.emit(card, "context")
            case _:
                return False
        return True

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._card_delegate.shows_ring = shows_ring(event.reason())
        had_choice = self.currentIndex().isValid()
        super().focusInEvent(event)
        if self._card_delegate.shows_ring and not had_choice:
            self.select(0)

    # -- drags that start here -------------------------------------------------------------

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        card = self.current_card()
        self._pressed = card.key if card is not None else ""

    @override
    def startDrag(self, supported: Qt.DropAction) -> None:
        card = self.current_card()
        if card is None or self._pressed not in ("", card.key):
            return  # the pressed card went meanwhile; the one beside it was not meant
        drag = QDrag(self)
        drag.setMimeData(self._column.mimeData([self.currentIndex()]))
        picture, hot_spot = drag_picture(card, self.visualRect(self.currentIndex()).size())
        drag.setPixmap(picture)
        drag.setHotSpot(hot_spot)
        self._card_delegate.lifted = card.key
        self._session.begin(card.task)
        try:
            self.execute(drag)
        finally:
            self._card_delegate.lifted = ""
            self._session.end()
            self.viewport().update()

    def execute(self, drag: QDrag) -> Qt.DropAction:
        """Run the drag until it is dropped; a test puts its own in here."""
        return drag.exec(Qt.DropAction.MoveAction)

    # -- cards that come here --------------------------------------------------------------

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_key(event.mimeData()) is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self._hover(over=True)

    @override
    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        key = dragged_key(event.mimeData())
        if key is None:
            event.ignore()
            return
        event.acceptProposedAction()
        if not self._is_over:
            self._hover(over=True)
        own = self._column.row_of(key) >= 0
        self._show_marker(self.place_at(event.position().toPoint()) if own else -1)
        self._scroll_near_edge(event.position().toPoint())

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_marker(-1)
        self._hover(over=False)

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        key = dragged_key(event.mimeData())
        self._show_marker(-1)
        self._hover(over=False)
        if key is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self.dropped.emit(key, self.status, self.place_at(event.position().toPoint()))

    def _hover(self, *, over: bool) -> None:
        self._is_over = over
        self.viewport().update()
        self.hovered.emit(over)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._laid_out_width != self.width():
            self._laid_out_width = self.width()
            self.scheduleDelayedItemsLayout()  # Qt itself only looks at the height

    def _show_marker(self, place: int) -> None:
        if place != self._marker:
            self._marker = place
            self.viewport().update()

    def _scroll_near_edge(self, position: QPoint) -> None:
        bar = self.verticalScrollBar()
        margin = self.autoScrollMargin() * 2
        if position.y() < margin:
            bar.setValue(bar.value() - margin)
        elif position.y() > self.viewport().height() - margin:
            bar.setValue(bar.value() + margin)

    # -- painting --------------------------------------------------------------------------

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if self._column.rowCount() == 0:
            painter.setPen(theme().palette.faint)
            painter.setFont(font(TextStyle.META))
            room = QRect(8, 20, self.width() - SCROLL_ROOM - 16, 60)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(room, flags | Qt.TextFlag.TextWordWrap, self._empty_words)
        if self._marker >= 0:
            self._paint_marker(painter)
        if self._refusal and self._is_over:
            self._paint_refusal(painter)
        painter.end()

    def _paint_refusal(self, painter: QPainter) -> None:
        palette = theme().palette
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.warn, 1))
        painter.setBrush(palette.warn_ground)
        box = QRect(1, 1, self.width() - SCROLL_ROOM - 2, REFUSAL_HEIGHT)
        painter.drawRoundedRect(box, Radius.CARD, Radius.CARD)
        painter.setPen(palette.warn)
        painter.setFont(font(TextStyle.META))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(box.adjusted(8, 2, -8, -2), flags, self._refusal)

    def _paint_marker(self, painter: QPainter) -> None:
        rows = self._column.rowCount()
        if self._marker < rows:
            top = self.visualRect(self._column.index(self._marker)).top() - GAP // 2
        else:
            top = self.visualRect(self._column.index(rows - 1)).bottom() - GAP // 2
        line = QRect(2, max(1, top), self.width() - SCROLL_ROOM - 4, 0)
        pen = QPen(theme().palette.accent, 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(line.topLeft(), line.topRight())
