"""The lines of a transcript, dressed by kind; it follows the end unless the reader scrolled up."""

from __future__ import annotations

import re
from collections import deque
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QPlainTextEdit
from typing_extensions import override

from gui.durations import wall_clock
from gui.theme.fonts import TextStyle, font
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor

    from core.domain.transcript import TranscriptLine

KEPT: Final = 10_000
LONGEST: Final = 4_000
"""Characters of a line that are shown; a line of megabytes would stop the window."""
PART: Final = 100
"""Lines that are written in one round of events: some 2 ms, so that others get their turn too."""
_TOOL_ENDS: Final = {"done": " ✓", "failed": " ✕"}
_PLAN_MARKS: Final = {"completed": "☑ ", "in_progress": "◉ "}
_WRITTEN_MARK: Final = re.compile(r"^\[[ >x]\] ")
"""Of a step of a plan; the window draws a mark of its own."""
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Shown(StrEnum):
    """Which lines are in sight; the value is the word on screen."""

    ALL = "All"
    WORDS = "Words"
    TOOLS = "Tools"
    OUTPUT = "Output"


_KINDS: Final = {
    Shown.WORDS: frozenset({"message", "thought", "plan", "question", "state", "error"}),
    Shown.TOOLS: frozenset({"tool", "diff", "question", "state", "error"}),
    Shown.OUTPUT: frozenset({"output", "error"}),
}


class TranscriptText(QPlainTextEdit):
    """Read-only; text can be selected and copied."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: deque[TranscriptLine] = deque(maxlen=KEPT)
        self._waiting: deque[TranscriptLine] = deque(maxlen=KEPT)
        self._shown = Shown.ALL
        self._is_empty = True
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setMaximumBlockCount(KEPT)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(font(TextStyle.MONO))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.document().setDocumentMargin(12)
        set_look(self, surface="code")
        self._writer = QTimer(self)
        self._writer.setInterval(0)
        self._writer.timeout.connect(self._write_part)

    @property
    def follows(self) -> bool:
        """Return whether the end is in sight, so that new lines come into sight too."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - 2

    def add(self, lines: Sequence[TranscriptLine]) -> None:
        """Add later lines; what is more than one part comes with the next rounds of events."""
        self._lines.extend(lines)
        is_at_work = bool(self._waiting)
        self._waiting.extend(line for line in lines[-KEPT:] if self._is_wanted(line))
        if not is_at_work:
            self._write_part()

    def show_only(self, shown: Shown) -> None:
        """Show lines of some kinds, or all; the end comes into sight."""
        if shown is not self._shown:
            self._shown = shown
            self._write_anew()

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
            self._write_anew()

    def _is_wanted(self, line: TranscriptLine) -> bool:
        return self._shown is Shown.ALL or line.kind in _KINDS[self._shown]

    def _write_anew(self) -> None:
        self.clear()
        self._is_empty = True
        self._waiting.clear()
        self._waiting.extend(line for line in self._lines if self._is_wanted(line))
        self._write_part()

    def _write_part(self) -> None:
        """Write some of what waits: ten thousand lines at once would stop the window."""
        follows = self.follows
        part = [self._waiting.popleft() for _ in range(min(PART, len(self._waiting)))]
        self._write(part)
        if follows:
            self.go_to_end()
        if self._waiting and not self._writer.isActive():
            self._writer.start()
        elif not self._waiting:
            self._writer.stop()

    def _write(self, lines: Sequence[TranscriptLine]) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        looks = _Looks()
        for line in lines:
            look = looks.of(line)
            if self._is_empty:
                cursor.setBlockFormat(look.block)
                self._is_empty = False
            else:
                cursor.insertBlock(look.block)
            cursor.insertText(f"{wall_clock(line.at)}  ", looks.time)
            words = _WRITTEN_MARK.sub("", line.text) if line.kind == "plan" else line.text
            cursor.insertText(look.mark + shown(words) + look.end, look.text)
        cursor.endEditBlock()


class _Look:
    """How one kind of line is dressed."""

    def __init__(
        self,
        color: QColor,
        *,
        mark: str = "",
        ground: QColor | None = None,
        italic: bool = False,
        strong: bool = False,
    ) -> None:
        self.mark = mark
        self.end = ""
        self.text = QTextCharFormat()
        self.text.setForeground(color)
        self.text.setFontItalic(italic)
        if strong:
            self.text.setFontWeight(600)
        self.block = QTextBlockFormat()
        if ground is not None:
            self.block.setBackground(ground)


class _Looks:
    """The looks of all kinds in the present colours; made anew for each batch of lines."""

    def __init__(self) -> None:
        palette = theme().palette
        self.time = QTextCharFormat()
        self.time.setForeground(palette.faint)
        self._plain = _Look(palette.muted)
        self._by_kind = {
            "message": _Look(palette.text),
            "thought": _Look(palette.muted, italic=True),
            "tool": _Look(palette.accent, mark="▸ "),
            "output": _Look(palette.muted, mark="  "),
            "state": _Look(palette.faint, mark="· "),
            "error": _Look(palette.bad, mark="✕ "),
            "plan": _Look(palette.text, mark="☐ "),
            "question": _Look(palette.wait, mark="? ", ground=palette.wait_ground, strong=True),
        }
        self._failed = _Look(palette.bad, mark="▸ ")
        self._added = _Look(palette.ok, mark="  ", ground=palette.ok_ground)
        self._removed = _Look(palette.bad, mark="  ", ground=palette.bad_ground)
        self._hunk = _Look(palette.faint, mark="  ")

    def of(self, line: TranscriptLine) -> _Look:
        """Return the look of one line."""
        match line.kind:
            case "diff":
                return self._of_diff(line.text)
            case "tool":
                look = self._failed if line.state == "failed" else self._by_kind["tool"]
                look.end = _TOOL_ENDS.get(line.state, "")
                return look
            case "plan":
                look = self._by_kind["plan"]
                look.mark = _PLAN_MARKS.get(line.state, "☐ ")
                return look
            case _:
                return self._by_kind.get(line.kind, self._plain)

    def _of_diff(self, text: str) -> _Look:
        if text.startswith("+") and not text.startswith("+++"):
            return self._added
        if text.startswith("-") and not text.startswith("---"):
            return self._removed
        return self._hunk if text.startswith(("@@", "+++", "---")) else self._by_kind["output"]


def shown(text: str) -> str:
    """Return *text* without what would not be seen or would upset the view."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text):,} characters)"
    return _UNSEEN.sub("�", cut)
