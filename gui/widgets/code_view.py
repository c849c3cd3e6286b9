"""Code to read: monospace, line numbers, tinted lines, colours only for what is in sight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextDocument,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextDocumentLayout, QPlainTextEdit, QWidget
from typing_extensions import override

from gui.theme.fonts import LINE_HEIGHTS, TextStyle, font, metrics
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.theme.tokens import Space, Tone
from gui.widgets.syntax import colored_spans, lexer_for

LINE_HEIGHT = LINE_HEIGHTS[TextStyle.MONO]
MARGIN = 6
STRETCH = 100
"""Lines coloured at a time, and the context read before them."""
NUMBER_ALIGNMENT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One line: its text, its number in the file (None shows none), and what its ground says."""

    text: str
    number: int | None = None
    tint: Tone | None = None


class CodeView(QPlainTextEdit):
    """A read-only view of lines; text can be selected and copied."""

    def __init__(self, name: str = "Code") -> None:
        super().__init__()
        self._lines: tuple[CodeLine, ...] = ()
        self._path = ""
        self._colored: set[int] = set()
        self._gutter = _Gutter(self)
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self._text = QTextDocument(self)  # the view owns neither of the two
        self._rows = _EvenRows(self._text)
        self._text.setDocumentLayout(self._rows)
        self._text.setDocumentMargin(MARGIN)
        self._text.setDefaultFont(font(TextStyle.MONO))
        self.setDocument(self._text)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(font(TextStyle.MONO))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabStopDistance(4 * metrics(TextStyle.MONO).horizontalAdvance(" "))
        set_look(self, surface="code")
        self.updateRequest.connect(self._on_update_request)
        self.verticalScrollBar().valueChanged.connect(self._color_visible)

    def show_lines(self, lines: Sequence[CodeLine], path: str = "") -> None:
        """Show *lines*; *path* (its name is enough) decides the syntax colours."""
        self._lines = tuple(lines)
        self._path = path
        self._colored.clear()
        self.setPlainText("\n".join(line.text for line in self._lines))
        self._place_gutter()
        self._color_visible()

    def show_text(self, text: str, path: str = "", first_number: int = 1) -> None:
        """Show *text* with its lines numbered from *first_number*."""
        numbered = enumerate(text.split("\n"), start=first_number)
        self.show_lines([CodeLine(line, number) for number, line in numbered], path)

    def lines(self) -> tuple[CodeLine, ...]:
        """Return what is shown."""
        return self._lines

    def content_height(self) -> int:
        """Return the height at which nothing has to scroll up or down."""
        bar = self.horizontalScrollBar()
        extra = bar.sizeHint().height() if bar.isVisible() else 0
        return max(1, len(self._lines)) * LINE_HEIGHT + 2 * MARGIN + 2 + extra

    def gutter_width(self) -> int:
        """Return the width of the line numbers, 0 when there are none."""
        largest = max((line.number for line in self._lines if line.number is not None), default=0)
        if largest == 0:
            return 0
        digits = max(2, len(str(largest)))
        return digits * metrics(TextStyle.MONO).horizontalAdvance("0") + Space.M + Space.L

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._lines:
            self._colored.clear()
            self._color_visible()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_gutter()
        self._color_visible()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        palette = theme().palette
        for line, rect in self.visible_lines():
            if line.tint is not None:
                painter.fillRect(rect, palette.tone(line.tint).ground)
        painter.end()
        super().paintEvent(event)

    def visible_lines(self) -> Iterator[tuple[CodeLine, QRect]]:
        """Yield the lines in sight with where they are in the viewport, over its whole width."""
        width, height = self.viewport().width(), self.viewport().height()
        first = self.firstVisibleBlock()
        top = round(self.blockBoundingGeometry(first).translated(self.contentOffset()).top())
        for line in self._lines[first.blockNumber() :]:
            if top > height:
                return
            yield line, QRect(0, top - self._rows.lift, width, LINE_HEIGHT)
            top += LINE_HEIGHT

    def _color_visible(self) -> None:
        if not self._path or not self._lines:
            return
        first = self.firstVisibleBlock().blockNumber()
        last = min(first + self.viewport().height() // LINE_HEIGHT + 1, len(self._lines) - 1)
        for stretch in range(first // STRETCH, last // STRETCH + 1):
            if stretch not in self._colored:
                self._colored.add(stretch)
                self._color_stretch(stretch * STRETCH)

    def _color_stretch(self, first: int) -> None:
        start = max(0, first - STRETCH)
        lines = [line.text for line in self._lines[start : first + STRETCH]]
        spans = colored_spans(lexer_for(self._path), lines, theme().palette)
        block = self.document().findBlockByNumber(first)
        for row in spans[first - start :]:
            block.layout().setFormats([_format(*span) for span in row])
            self.document().markContentsDirty(block.position(), block.length())
            block = block.next()

    def _place_gutter(self) -> None:
        width = self.gutter_width()
        if self.viewportMargins().left() != width:  # each call resizes, and that comes here again
            self.setViewportMargins(width, 0, 0, 0)
        inside = self.contentsRect()
        self._gutter.setGeometry(QRect(inside.left(), inside.top(), width, inside.height()))
        self._gutter.setVisible(width > 0)

    def _on_update_request(self, rect: QRect, dy: int) -> None:
        if dy:
            self._gutter.scroll(0, dy)
        else:
            self._gutter.update(0, rect.y(), self._gutter.width(), rect.height())


class _EvenRows(QPlainTextDocumentLayout):
    """Rows of one height, whatever the font says; the text hangs from the top of its row."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self.lift = (LINE_HEIGHT - metrics(TextStyle.MONO).height()) // 2

    @override
    def blockBoundingRect(self, block: QTextBlock) -> QRectF:
        rect = super().blockBoundingRect(block)
        if rect.isValid():
            is_last = not block.next().isValid()
            rect.setHeight(LINE_HEIGHT + (MARGIN if is_last else 0))
        return rect


class _Gutter(QWidget):
    """The column of line numbers; the eye's, not the reader's."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    @override
    def sizeHint(self) -> QSize:
        return QSize(self._view.gutter_width(), 0)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setFont(font(TextStyle.MONO))
        for line, rect in self._view.visible_lines():
            row = QRect(0, rect.top(), self.width(), rect.height())
            if line.tint is not None:
                painter.fillRect(row, palette.tone(line.tint).ground)
            if line.number is not None:
                painter.setPen(palette.faint if line.tint is None else palette.muted)
                numbers = row.adjusted(0, 0, -Space.M, 0)
                painter.drawText(numbers, NUMBER_ALIGNMENT, str(line.number))
        painter.end()


def _format(start: int, length: int, color: QColor) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start = start
    found.length = length
    found.format = QTextCharFormat()
    found.format.setForeground(color)
    return found
