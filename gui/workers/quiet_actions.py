"""Buttons that are always there for keyboard and screen reader, and painted when called for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget
from typing_extensions import override

from gui.widgets.button import Button, ButtonKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QPaintEvent, QResizeEvent

ICONS: Final = {
    "View": "eye",
    "Pause": "pause",
    "Resume": "play",
    "Abort": "stop",
    "Merge": "merge",
}
WORDS_FROM: Final = 232
"""From this width on the buttons have words; below, icons."""


class QuietButton(Button):
    """A button that paints nothing until it is revealed.

    Signals:
        focused: it got or lost the keyboard.
        step_asked: (-1 or 1) an arrow key goes to the button beside.
    """

    focused = Signal()
    step_asked = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__(name, ButtonKind.SECONDARY, small=True)
        self.is_revealed = False
        self.setStyleSheet("padding: 0 6px;")
        self.rename(name)

    def rename(self, name: str) -> None:
        """Do another thing: the accessible name is the word, painted or not."""
        self.setAccessibleName(name)
        self.setToolTip(name)
        self._show_name(as_word=not self.icon().isNull() and bool(self.text()))

    def show_as(self, *, word: bool) -> None:
        """Paint the word, or the icon where there is little room."""
        self._show_name(as_word=word)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focused.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step_asked.emit(-1 if event.key() == Qt.Key.Key_Left else 1)
            return
        super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_revealed:
            super().paintEvent(event)

    def _show_name(self, *, as_word: bool) -> None:
        name = self.accessibleName()
        self.setText(name if as_word else "")
        self.set_icon("" if as_word else ICONS[name])


class QuietActions(QWidget):
    """A row of quiet buttons.

    Signals:
        asked: (name) one of them was pressed.
        focus_moved: the keyboard came to one of them, or left.
    """

    asked = Signal(str)
    focus_moved = Signal()

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addStretch()
        self._buttons: list[QuietButton] = []
        for name in names:
            button = QuietButton(name)
            button.clicked.connect(lambda _=False, b=button: self.asked.emit(b.accessibleName()))
            button.focused.connect(self.focus_moved)
            button.step_asked.connect(self._step)
            row.addWidget(button)
            self._buttons.append(button)
        self._show_words(words=False)

    def button(self, name: str) -> QuietButton:
        """Return the button with this accessible name."""
        return next(button for button in self._buttons if button.accessibleName() == name)

    def all(self) -> tuple[QuietButton, ...]:
        """Return the buttons from left to right."""
        return tuple(self._buttons)

    def rename(self, old: str, new: str) -> None:
        """Let a button do another thing (`Pause`, `Resume`)."""
        for button in self._buttons:
            if button.accessibleName() == old:
                button.rename(new)
                button.show_as(word=self._words)

    def reveal(self, revealed: bool) -> None:
        """Paint them, or not."""
        for button in self._buttons:
            button.is_revealed = revealed
            button.update()

    def has_focus(self) -> bool:
        """Return whether the keyboard is on one of them."""
        return any(button.hasFocus() for button in self._buttons)

    def is_ringed(self) -> bool:
        """Whether the keyboard is on one of them, and seen to be."""
        return any(button.is_ringed() for button in self._buttons)

    def take_focus(self, reason: Qt.FocusReason) -> None:
        """Put the keyboard on the first of them; the arrow keys reach the others."""
        self._buttons[0].setFocus(reason)

    def _step(self, direction: int) -> None:
        here = next((n for n, button in enumerate(self._buttons) if button.hasFocus()), 0)
        place = max(0, min(len(self._buttons) - 1, here + direction))
        self._buttons[place].setFocus(Qt.FocusReason.TabFocusReason)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_words(words=self.width() >= WORDS_FROM)

    def _show_words(self, *, words: bool) -> None:
        self._words = words
        for button in self._buttons:
            button.show_as(word=words)
