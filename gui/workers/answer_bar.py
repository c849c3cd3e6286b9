"""Where a question of an agent is answered: on its card, without a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.domain.question import OptionKind
from gui.theme.stylesheet import set_look
from gui.widgets.button import Button, ButtonKind, IconButton

if TYPE_CHECKING:
    from core.domain.question import Question, QuestionOption

MOST: Final = 3
"""Options that have a button; the others are in the transcript's own bar."""
SETTLE_MS: Final = 400
"""So long a question that comes under the pointer takes no answer: the click was for another."""
_SHORT: Final = {
    OptionKind.ALLOW_ONCE: "Allow",
    OptionKind.ALLOW_ALWAYS: "Always",
    OptionKind.DENY: "Deny",
    OptionKind.DENY_ALWAYS: "Never",
}
_TIPS: Final = {
    OptionKind.ALLOW_ONCE: "Allow it this once",
    OptionKind.ALLOW_ALWAYS: "Allow such acts for the rest of this run",
    OptionKind.DENY: "Refuse it; the agent goes on without",
    OptionKind.DENY_ALWAYS: "Refuse such acts for the rest of this run",
}


class AnswerBar(QWidget):
    """Buttons for the options of a question, or a field where any words will do.

    Signals:
        answered: (question, answer) the person chose an option's id or wrote words.
        left: (focus reason) it was answered by key, and the keyboard needs another place.
    """

    answered = Signal(object, str)
    left = Signal(object)

    def __init__(self, *, tall: bool = False) -> None:
        super().__init__()
        self._question: Question | None = None
        self._is_sent = False
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(lambda: self._enable(is_enabled=True))
        self._most = 9 if tall else MOST
        self._tall = tall
        self.buttons: list[Button] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("Answer…")
        self.field.setAccessibleName("Answer")
        set_look(self.field, small=True)
        self.field.returnPressed.connect(self._send)
        self.send = IconButton("arrow-right", "Send the answer")
        self.send.clicked.connect(self._send)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.send)
        self._row.addStretch(0)
        self.hide()

    @property
    def question(self) -> Question | None:
        """Return the question that is shown."""
        return self._question

    def show_question(self, question: Question | None) -> None:
        """Offer the answers of *question*, or nothing; a half-written answer stays."""
        if question is not None and self._question is not None and question == self._question:
            return
        self._question = question
        self._is_sent = False
        self._settle.stop()
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.setVisible(question is not None)
        if question is None:
            return
        in_words = not question.options
        for widget in (self.field, self.send):
            widget.setVisible(in_words)
            widget.setEnabled(True)
        self.field.clear()
        for place, option in enumerate(question.options[: self._most]):
            button = self._button(option, first=place == 0)
            self._row.insertWidget(place, button)
            self.buttons.append(button)
        parent = self.parentWidget()
        if parent is not None and parent.underMouse():
            self.hold()

    def hold(self) -> None:
        """Take no click for a moment: something else stood here."""
        if self._question is not None and not self._is_sent:
            for button in self.buttons:  # words take longer to write than a moment
                button.setEnabled(False)
            self._settle.start()

    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab comes to, from left to right."""
        if self._question is None:
            return ()
        return tuple(self.buttons) or (self.field, self.send)

    def take_focus(self, reason: Qt.FocusReason) -> None:
        """Put the keyboard on the first answer."""
        target = self.buttons[0] if self.buttons else self.field
        target.setFocus(reason)

    def has_focus(self) -> bool:
        """Return whether the keyboard is on one of the answers."""
        return any(widget.hasFocus() for widget in (self.field, self.send, *self.buttons))

    def _button(self, option: QuestionOption, *, first: bool) -> Button:
        words = option.label if self._tall else _SHORT.get(option.kind, option.label)
        kind = ButtonKind.PRIMARY if first else ButtonKind.SECONDARY
        button = Button(words, kind, small=True)
        button.setToolTip(_TIPS.get(option.kind, option.label))
        button.clicked.connect(lambda _=False: self._answer(option.id))
        return button

    def _send(self) -> None:
        words = self.field.text().strip()
        if words:
            self._answer(words)

    def _answer(self, answer: str) -> None:
        question = self._question
        if question is not None:
            self._settle.stop()
            self._is_sent = True
            self._leave()
            self._enable(is_enabled=False)
            self.answered.emit(question, answer)

    def _leave(self) -> None:
        """Give the keyboard away before it goes by itself, to whatever comes next."""
        if self.field.hasFocus():  # the ring was not asked for by somebody who writes
            self.left.emit(Qt.FocusReason.MouseFocusReason)
        elif self.has_focus():
            self.left.emit(Qt.FocusReason.TabFocusReason)

    def refused(self) -> None:
        """Let the person answer again: the last answer could not be taken."""
        self._is_sent = False
        self._enable(is_enabled=True)

    def _enable(self, *, is_enabled: bool) -> None:
        for widget in (*self.buttons, self.field, self.send):
            widget.setEnabled(is_enabled)
