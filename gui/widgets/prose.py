"""A sentence in which some words stand out: strong ones, and keys or paths in monospace."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QSizePolicy
from typing_extensions import override

from gui.theme.fonts import mono_family
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that carry the sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A key, a path, a hash."""

    text: str


Word = str | Strong | Code


class Prose(QLabel):
    """A wrapping label for words of three weights; what it is given is text, never markup."""

    def __init__(self, words: Sequence[Word] = (), role: str = "muted") -> None:
        super().__init__()
        self._words: tuple[Word, ...] = ()
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        set_look(self, role=role)
        self.show_words(words)

    def show_words(self, words: Sequence[Word]) -> None:
        """Show *words*, one after the other; they bring their own spaces."""
        self._words = tuple(words)
        self.setAccessibleName(self.plain())
        self._render()

    def plain(self) -> str:
        """Return the sentence without weights."""
        return "".join(word if isinstance(word, str) else word.text for word in self._words)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._render()

    def _render(self) -> None:
        ink = theme().palette.text
        html = "".join(_html(word, ink) for word in self._words)
        if html != self.text():
            self.setText(html)


def _html(word: Word, ink: QColor) -> str:
    if isinstance(word, str):
        return escape(word)
    if isinstance(word, Strong):
        return f'<span style="color:{ink.name()};font-weight:600">{escape(word.text)}</span>'
    style = f"color:{ink.name()};font-family:'{mono_family()}'"
    return f'<span style="{style}">{escape(word.text)}</span>'
