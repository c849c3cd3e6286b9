"""The heat map: a table of even cells that walks by keyboard and fits the room there is."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget
from typing_extensions import override

from gui.conflicts.facts import Meeting
from gui.conflicts.heat_delegate import BASE_GAP, HeatDelegate
from gui.conflicts.heat_model import HeatModel, HeatRole, Index
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Glyph, Height, Space
from gui.widgets.glyph import paint_glyph

CELL = QSize(47, 35)
SMALLEST_CELL = QSize(24, 25)
HEADER_HEIGHT = 28
NAME_WIDTH = 150
MARK = 8
MANY_ROWS = 8


class HeatView(QTableView):
    """Shows a `HeatModel`; one cell is the current one, and it is the chosen pair.

    Signals:
        pair_chosen: (row, column) the current cell is another one.
        pair_opened: Enter, or a double click: the pair is to be read.
    """

    pair_chosen = Signal(int, int)
    pair_opened = Signal()

    def __init__(self, model: HeatModel) -> None:
        super().__init__()
        self._heat = model
        self.setModel(model)
        self.setItemDelegate(HeatDelegate(model, self))
        self.setHorizontalHeader(HeatHeader(Qt.Orientation.Horizontal, self))
        self.setVerticalHeader(HeatHeader(Qt.Orientation.Vertical, self))
        self.setAccessibleName("Who meets whom")
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.doubleClicked.connect(lambda _index: self.pair_opened.emit())
        model.modelReset.connect(self.fit)
        self.fit()

    def choose(self, row: int, column: int) -> None:
        """Make a cell the current one."""
        self.setCurrentIndex(self._heat.index(row, column))

    def fit(self) -> None:
        """Give the cells the size at which the most of them are in sight."""
        rows, columns = self._heat.rowCount(), self._heat.columnCount()
        names = self._name_width()
        self.verticalHeader().setFixedWidth(names)
        if rows == 0:
            return
        room = self.contentsRect().width() - names - BASE_GAP - self._bar_width(rows)
        wide_base = self._base_width()
        width = min(room // columns, (room - wide_base) // (columns - 1))
        width = max(SMALLEST_CELL.width(), min(CELL.width(), width))
        narrow = (width - SMALLEST_CELL.width()) / (CELL.width() - SMALLEST_CELL.width())
        height = SMALLEST_CELL.height() + round(narrow * (CELL.height() - SMALLEST_CELL.height()))
        self.horizontalHeader().setDefaultSectionSize(width)
        self.verticalHeader().setDefaultSectionSize(height)
        self.setColumnWidth(columns - 1, max(width, wide_base) + BASE_GAP)
        bar = self.horizontalScrollBar().sizeHint().height()
        overflows = (columns - 1) * width + max(width, wide_base) > room
        tall = HEADER_HEIGHT + rows * height + (bar if overflows else 0)
        self.setMaximumHeight(tall)
        self.setMinimumHeight(min(tall, HEADER_HEIGHT + 4 * height))
        self.updateGeometry()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
        elif self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    @override
    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.horizontalHeader().viewport().update()
        self.verticalHeader().viewport().update()
        if current.isValid():
            self.pair_chosen.emit(current.row(), current.column())

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space}:
            self.pair_opened.emit()
            return
        super().keyPressEvent(event)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()

    def current_meeting(self) -> Meeting | None:
        """Return who meets in the current cell."""
        return self._heat.meeting(self.currentIndex())

    def _name_width(self) -> int:
        texts = [
            str(self._heat.headerData(row, Qt.Orientation.Vertical))
            for row in range(self._heat.rowCount())
        ]
        widest = max((metrics(TextStyle.MONO).horizontalAdvance(text) for text in texts), default=0)
        return min(NAME_WIDTH, widest + MARK + Space.L)

    def _bar_width(self, rows: int) -> int:
        """Return the room kept for the bar that scrolls many rows."""
        return self.verticalScrollBar().sizeHint().width() if rows > MANY_ROWS else 0

    def _base_width(self) -> int:
        last = self._heat.columnCount() - 1
        text = str(self._heat.headerData(last, Qt.Orientation.Horizontal))
        return min(CELL.width() * 2, metrics(TextStyle.MONO).horizontalAdvance(text) + Space.S)


class HeatHeader(QHeaderView):
    """Keys beside the rows, short labels above the columns; the chosen pair's are in accent."""

    def __init__(self, orientation: Qt.Orientation, view: HeatView) -> None:
        super().__init__(orientation, view)
        self._view = view
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(SMALLEST_CELL.width())
        self.setHighlightSections(False)
        self.setSectionsClickable(False)
        self.setAccessibleName("Branches" if orientation == Qt.Orientation.Vertical else "Against")
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(HEADER_HEIGHT)

    @override
    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        palette = theme().palette
        current = self._view.currentIndex()
        is_row = self.orientation() == Qt.Orientation.Vertical
        chosen = current.row() if is_row else current.column()
        text = str(self.model().headerData(logicalIndex, self.orientation()))
        painter.save()
        painter.setFont(font(TextStyle.MONO))
        ink = palette.text if is_row else palette.muted
        painter.setPen(palette.accent if chosen == logicalIndex else ink)
        if is_row:
            self._paint_name(painter, rect, logicalIndex, text)
        else:
            is_base = logicalIndex == self.count() - 1
            cell = rect.adjusted(BASE_GAP if is_base else 0, 0, 0, -Space.XS)
            short = metrics(TextStyle.MONO).elidedText(
                text, Qt.TextElideMode.ElideMiddle, cell.width()
            )
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, short)
        painter.restore()

    def _paint_name(self, painter: QPainter, rect: QRect, section: int, text: str) -> None:
        mark = self.model().headerData(section, self.orientation(), HeatRole.MARK)
        room = rect.adjusted(2, 0, -Space.S, 0)
        if mark:
            palette = theme().palette
            glyph, ink = (
                (Glyph.CROSS, palette.bad) if mark == "problem" else (Glyph.PAUSE, palette.warn)
            )
            sign = QRect(room.right() - MARK, room.center().y() - MARK // 2, MARK, MARK)
            paint_glyph(painter, sign.toRectF(), glyph, ink)
            room.adjust(0, 0, -MARK - Space.XS, 0)
        short = metrics(TextStyle.MONO).elidedText(text, Qt.TextElideMode.ElideMiddle, room.width())
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, left, short)


class Legend(QWidget):
    """clean ▢ 1 ▢ 2 ▢ 3+ ▢."""

    STEPS = (("clean", 0), ("1", 1), ("2", 2), ("3+", 3))

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(Height.SMALL)
        self.setAccessibleName("The warmer a cell, the more files are in conflict")

    @override
    def paintEvent(self, event: object) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(TextStyle.META))
        left = 2
        for text, count in self.STEPS:
            width = metrics(TextStyle.META).horizontalAdvance(text)
            painter.setPen(palette.muted)
            words = QRect(left, 0, width + 2, self.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
            left += width + Space.S - 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.heat_of(count))
            painter.drawRoundedRect(QRect(left, (self.height() - 12) // 2, 18, 12), 3, 3)
            left += 18 + Space.S - 2
        painter.end()
