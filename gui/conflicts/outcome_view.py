"""What will stand in the file at the place being decided; editable when it is one's own text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from core.domain.resolution import Take
from gui.conflicts.hunk_lines import split
from gui.theme.fonts import TextStyle, font
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Height, Space
from gui.widgets.code_view import CodeLine, CodeView
from gui.widgets.label import ElidedLabel
from gui.wording import listed

if TYPE_CHECKING:
    from gui.conflicts.resolution import Place, Resolution

EDITOR_HEIGHT = 140
WORDS_HEIGHT = Height.CONTROL - 2


class OutcomeView(QWidget):
    """A line of words, and below it the text if there is one.

    Signals:
        edited: (text) the person's own text is another one.
    """

    edited = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._words = ElidedLabel(role="meta")
        self._words.setFixedHeight(WORDS_HEIGHT)
        self._words.setContentsMargins(Space.L, 0, Space.L, 0)
        self.code = CodeView("Outcome")
        self.editor = QPlainTextEdit()
        self.editor.setAccessibleName("Your own text")
        self.editor.setFont(font(TextStyle.MONO))
        self.editor.setTabChangesFocus(True)
        self.editor.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.editor.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        set_look(self.editor, mono=True)
        self.editor.textChanged.connect(lambda: self.edited.emit(self.editor.toPlainText()))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.code)
        self._stack.addWidget(self.editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._words)
        column.addWidget(self._stack, 1)

    def show_outcome(self, resolution: Resolution, place: Place) -> None:
        """Show what is decided there."""
        decision, text = resolution.decision(place), resolution.text(place)
        is_own = decision is not None and decision.take is Take.OWN
        self._words.setText(_words(resolution, place))
        self._stack.setVisible(text is not None)
        self.setMaximumHeight(
            WORDS_HEIGHT + self._show_text(resolution, place, text, is_own=is_own)
        )

    def _show_text(
        self, resolution: Resolution, place: Place, text: str | None, *, is_own: bool
    ) -> int:
        """Show *text* and return the height at which nothing scrolls."""
        if text is None:
            return 0
        self._stack.setCurrentWidget(self.editor if is_own else self.code)
        if not is_own:
            lines = split(text) if text else []
            self.code.show_lines([CodeLine(line) for line in lines], resolution.file(place).path)
            return self.code.content_height()
        if self.editor.toPlainText() != text:
            with QSignalBlocker(self.editor):
                self.editor.setPlainText(text)
        return EDITOR_HEIGHT

    def words(self) -> str:
        """Return the line above the text."""
        return self._words.text()

    def take_focus(self) -> None:
        """Put the keyboard into one's own text."""
        self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def has_focus(self) -> bool:
        """Return whether the person writes."""
        return self.editor.hasFocus()


def _words(resolution: Resolution, place: Place) -> str:
    decision, file = resolution.decision(place), resolution.file(place)
    if decision is None:
        return file.note or "Not decided yet."
    names = {Take.LEFT: resolution.dispute.task, Take.RIGHT: resolution.dispute.right_name}
    who = names.get(decision.take, "")
    if place.hunk is not None:
        if resolution.text(place) == "" and decision.take is not Take.OWN:
            return "These lines go."
        if decision.take is Take.OWN:
            return "Your own text will stand here:"
        return f"As {who} has it:" if who else f"{listed(list(names.values()))}, in this order:"
    is_there = file.left if decision.take is Take.LEFT else file.right
    return f"The file stays as {who} has it." if is_there else f"The file goes, as in {who}."
