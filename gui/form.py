"""A field in a form: its label, the control, and the sentence that says what is wrong with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space, Tone
from gui.widgets.label import make_label

LINE: Final = 18


class FormField(QWidget):
    """Label above, problem below; the label names the control for assistive tools."""

    def __init__(self, label: str, control: QWidget, hint: str = "") -> None:
        super().__init__()
        self.control = control
        self._hint = hint
        self._label = make_label(label, role="strong")
        self._label.setBuddy(control)
        self._below = make_label(hint, role="meta")
        self._below.setWordWrap(True)
        self._below.setVisible(bool(hint))
        control.setAccessibleName(label)
        if hint:
            control.setAccessibleDescription(hint)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(Space.XS)
        stack.addWidget(self._label)
        stack.addWidget(control)
        stack.addWidget(self._below)

    def show_problem(self, sentence: str) -> None:
        """Say what is wrong; an empty sentence shows the hint again."""
        self._below.setText(sentence or self._hint)
        self._below.setVisible(bool(sentence or self._hint))
        set_look(self._below, tone=Tone.BAD.value if sentence else "")
        set_look(self.control, invalid=bool(sentence))
        self.control.setAccessibleDescription(sentence or self._hint)

    def problem(self) -> str:
        """Return what is said to be wrong."""
        text = self._below.text()
        return "" if text == self._hint else text

    def label(self) -> QLabel:
        """Return the label."""
        return self._label


class PlainField(QPlainTextEdit):
    """A text of several lines, where Tab leads on to the next field; it grows with its text."""

    def __init__(self, lines: int, *, most: int = 0, mono: bool = False) -> None:
        """Make a field as high as *lines*, and up to *most* if that is more."""
        super().__init__()
        self._least, self._most = lines, max(lines, most)
        self.setTabChangesFocus(True)
        self._fit()
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        if mono:
            set_look(self, mono=True)

    def _fit(self) -> None:
        wanted = int(self.document().size().height())  # in lines, as they are wrapped
        lines = min(max(wanted, self._least), self._most)
        self.setFixedHeight(LINE * lines + 14)


def split_lines(text: str) -> tuple[str, ...]:
    """Return the lines of *text* that hold something, each once."""
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
