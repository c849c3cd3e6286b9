"""The lines of a transcript, coloured by kind; it follows the end unless the reader scrolled up."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent
from PySide6.QtGui import QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit
from typing_extensions import override

from gui.theme.fonts import TextStyle, font
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor

    from core.domain.overview import TranscriptLine

KEPT: Final = 10_000
LONGEST: Final = 4_000
"""Characters of a line that are shown; a line of megabytes would stop the window."""
MARKS: Final = {"message": "", "output": "  ", "tool": "▸ ", "state": "· ", "error": "✕ "}
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class TranscriptText(QPlainTextEdit):
    """Read-only; text can be selected and copied."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: deque[TranscriptLine] = deque(maxlen=KEPT)
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setMaximumBlockCount(KEPT)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(font(TextStyle.MONO))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.document().setDocumentMargin(12)
        set_look(self, surface="code")

    @property
    def follows(self) -> bool:
        """Return whether the end is in sight, so that new lines come into sight too."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - 2

    def add(self, lines: Sequence[TranscriptLine]) -> None:
        """Add later lines."""
        follows = self.follows
        self._lines.extend(lines)
        self._write(lines[-KEPT:])
        if follows:
            self.go_to_end()

    def go_to_end(self) -> None:
        """Follow the end again."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def find_text(self, text: str, *, backwards: bool = False) -> bool:
        """Go to the next place that holds *text*, from the other end if there is no other."""
        flags = QTextDocument.FindFlag(0)
        if backwards:
            flags |= QTextDocument.FindFlag.FindBackward
        if not text or self.find(text, flags):
            return bool(text)
        kept = self.textCursor()
        end = QTextCursor.MoveOperation.End if backwards else QTextCursor.MoveOperation.Start
        self.moveCursor(end)
        found = self.find(text, flags)
        if not found:
            self.setTextCursor(kept)
        return found

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and getattr(self, "_lines", None):
            follows = self.follows
            self.clear()
            self._write(list(self._lines))
            if follows:
                self.go_to_end()

    def _write(self, lines: Sequence[TranscriptLine]) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for line in lines:
            if not self.document().isEmpty():
                cursor.insertBlock()
            cursor.insertText(f"{line.at[11:19]}  ", _format(theme().palette.faint))
            mark = MARKS.get(line.kind, "")
            cursor.insertText(mark + shown(line.text), _format(_color(line.kind)))
        cursor.endEditBlock()


def shown(text: str) -> str:
    """Return *text* without what would not be seen or would upset the view."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"
    return _UNSEEN.sub("�", cut)


def _format(color: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(color)
    return made


def _color(kind: str) -> QColor:
    palette = theme().palette
    match kind:
        case "message":
            return palette.text
        case "tool":
            return palette.accent
        case "error":
            return palette.bad
        case "state":
            return palette.faint
        case _:
            return palette.muted
