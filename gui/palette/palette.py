"""The palette over the window: type, arrows, Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid
from typing_extensions import override

from gui.drawer import lift
from gui.palette.commands import Command, fitting
from gui.theme import icons
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Radius, Space
from gui.widgets.panel import make_rule
from gui.widgets.shortcut_hint import CAP_HEIGHT, cap_size, paint_cap, shortcut_text

if TYPE_CHECKING:
    from collections.abc import Sequence

Index = QModelIndex | QPersistentModelIndex
WIDTH: Final = 600
FIELD_LOOK: Final = (
    "QLineEdit, QLineEdit:focus { border: none; background: transparent; min-height: 44px;"
    " padding: 0 14px; font-size: 15px; }"
)
ROW: Final = 36
MOST_ROWS: Final = 11
COMMAND_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_ROOT: Final = QModelIndex()


class Palette(QFrame):
    """Hidden until `open_with`; Escape or a click elsewhere closes it."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._commands: Sequence[Command] = ()
        self._came_from: QWidget | None = None
        self.setAccessibleName("Command palette")
        self.field = QLineEdit()
        self.field.setPlaceholderText("Type a task, a worker, or what to do")
        self.field.setAccessibleName("Command")
        self.field.setStyleSheet(FIELD_LOOK)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.model = CommandModel()
        self.view = QListView()
        self.view.setAccessibleName("Commands")
        self.view.setModel(self.model)
        self.view.setItemDelegate(CommandDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMouseTracking(True)
        self.view.clicked.connect(self._run)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(1, 1, 1, Space.S)
        stack.setSpacing(0)
        stack.addWidget(self.field)
        stack.addWidget(make_rule())
        stack.addSpacing(Space.XS)
        stack.addWidget(self.view)
        host.installEventFilter(self)
        lift(self)
        self.hide()

    def open_with(self, commands: Sequence[Command]) -> None:
        """Offer *commands*."""
        self._commands = commands
        self._came_from = self._host.focusWidget() if not self.isVisible() else self._came_from
        self.field.clear()
        self._filter("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_palette(self) -> None:
        """Close, and give the keyboard back."""
        if self.isVisible():
            self.hide()
            if self._came_from is not None and isValid(self._came_from):
                self._came_from.setFocus(Qt.FocusReason.OtherFocusReason)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host:
            if event.type() == QEvent.Type.Resize:
                self._place()
            return False
        if event.type() == QEvent.Type.FocusOut and not self.view.underMouse():
            self.hide()
        return isinstance(event, QKeyEvent) and self._on_key(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.control_line, 1))
        painter.setBrush(palette.raised)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, Radius.CARD, Radius.CARD)
        painter.end()

    def _on_key(self, event: QKeyEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress:
            return False
        match event.key():
            case Qt.Key.Key_Escape:
                self.close_palette()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._run(self.view.currentIndex())
            case Qt.Key.Key_Down:
                self._step(1)
            case Qt.Key.Key_Up:
                self._step(-1)
            case Qt.Key.Key_PageDown:
                self._step(MOST_ROWS)
            case Qt.Key.Key_PageUp:
                self._step(-MOST_ROWS)
            case _:
                return False
        return True

    def _step(self, rows: int) -> None:
        count = self.model.rowCount()
        if count:
            row = max(0, min(count - 1, self.view.currentIndex().row() + rows))
            self.view.setCurrentIndex(self.model.index(row))

    def _run(self, index: QModelIndex) -> None:
        if index.isValid():
            command: Command = index.data(COMMAND_ROLE)
            self.close_palette()
            command.run()

    def _filter(self, typed: str) -> None:
        self.model.show_commands(fitting(self._commands, typed))
        if self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(0))
        self._place()

    def _place(self) -> None:
        width = min(WIDTH, self._host.width() - 2 * Space.XXL)
        rows = max(1, min(MOST_ROWS, self.model.rowCount()))
        room = self._host.height() - 160
        self.view.setFixedHeight(min(rows * ROW, max(ROW, room)))
        self.resize(width, self.sizeHint().height())
        self.move((self._host.width() - width) // 2, max(Space.L, self._host.height() // 10))


class CommandModel(QAbstractListModel):
    """The commands that fit."""

    def __init__(self) -> None:
        super().__init__()
        self._commands: Sequence[Command] = ()

    def show_commands(self, commands: Sequence[Command]) -> None:
        """Offer these."""
        self.beginResetModel()
        self._commands = commands
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._commands)

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        command = self._commands[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return command.text
            case Qt.ItemDataRole.AccessibleDescriptionRole:
                return command.detail
            case _ if role == COMMAND_ROLE:
                return command
            case _:
                return None


class CommandDelegate(QStyledItemDelegate):
    """Icon, text, what it is, and its shortcut."""

    @override
    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, ROW)

    @override
    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        palette = theme().palette
        command: Command = index.data(COMMAND_ROLE)
        row = QRect(option.rect).adjusted(Space.S, 1, -Space.S, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.accent_ground if selected else palette.hover)
            painter.drawRoundedRect(row, Radius.CONTROL, Radius.CONTROL)
        ink = palette.accent if selected else palette.muted
        top = row.y() + (row.height() - 16) // 2
        painter.drawPixmap(row.x() + Space.S, top, icons.pixmap(command.icon, ink))
        right = row.right() - Space.S
        if command.keys:
            cap = shortcut_text(command.keys)
            right -= cap_size(cap).width()
            place = QPoint(right, row.y() + (row.height() - CAP_HEIGHT) // 2)
            paint_cap(painter, place, cap)
            right -= Space.S
        left = row.x() + Space.S + 16 + Space.M
        _paint_words(painter, QRect(left, row.y(), right - left, row.height()), command)
        painter.restore()


def _paint_words(painter: QPainter, room: QRect, command: Command) -> None:
    palette = theme().palette
    middle = Qt.AlignmentFlag.AlignVCenter
    elide = Qt.TextElideMode.ElideRight
    detail_width = min(
        metrics(TextStyle.META).horizontalAdvance(command.detail) + 2, room.width() * 2 // 5
    )
    words = room.adjusted(0, 0, -(detail_width + Space.M), 0)
    painter.setPen(palette.text)
    painter.setFont(font(TextStyle.TEXT))
    text = metrics(TextStyle.TEXT).elidedText(command.text, elide, words.width())
    painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, text)
    painter.setPen(palette.muted)
    painter.setFont(font(TextStyle.META))
    detail = metrics(TextStyle.META).elidedText(command.detail, elide, detail_width)
    painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, detail)
