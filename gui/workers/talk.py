"""Below a transcript: what the agent asks, in full, and a field for words to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.domain.run import LIVE, Run, RunStatus
from gui.theme.tokens import Space
from gui.widgets.code_view import CodeView
from gui.widgets.label import make_label
from gui.widgets.panel import make_rule
from gui.workers.answer_bar import AnswerBar

if TYPE_CHECKING:
    from core.domain.question import Question
    from gui.workers.actions import WorkerActions

MOST_DETAIL = 180
"""Height of a question's details; longer ones scroll."""


class Talk(QWidget):
    """Answers a run's question, tells it something, or lets it go on once it has ended well."""

    def __init__(self, actions: WorkerActions, run: Run) -> None:
        super().__init__()
        self._actions = actions
        self._run = run
        self._question = make_label(role="strong")
        self._question.setWordWrap(True)
        self._question.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail = CodeView("What it wants to do")
        self.answers = AnswerBar(tall=True)
        self.answers.answered.connect(actions.answer)
        actions.answer_failed.connect(self._on_failed)
        self._box = QFrame()
        rows = QVBoxLayout(self._box)
        rows.setContentsMargins(Space.L, Space.M, Space.L, Space.S)
        rows.setSpacing(Space.S)
        for widget in (self._question, self._detail, self.answers):
            rows.addWidget(widget)
        self._box.hide()
        self.words = QLineEdit()
        self.words.setAccessibleName("Words for the agent")
        self.words.returnPressed.connect(self._say)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(Space.L, Space.S, Space.L, Space.M)
        foot.addWidget(self.words)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(make_rule())
        stack.addWidget(self._box)
        stack.addWidget(self._foot)

    def show_run(self, run: Run) -> None:
        """Offer what the state of the run allows."""
        self._run = run
        live = run.status in LIVE
        self._foot.setVisible(live or run.status is RunStatus.DONE)
        does = "Tell {} something…" if live else "Let {} go on, with these words…"
        self.words.setPlaceholderText(does.format(run.worker))
        if not live:
            self.show_question(None)

    def show_question(self, question: Question | None) -> None:
        """Show what is asked, or that nothing is."""
        if question == self.answers.question:
            return
        self.answers.show_question(question)
        self._box.setVisible(question is not None)
        self._question.setText(question.title if question else "")
        detail = question.detail if question else ""
        self._detail.setVisible(bool(detail))
        if detail:
            self._detail.show_text(detail)
            self._detail.setFixedHeight(min(MOST_DETAIL, self._detail.content_height() + 4))

    def _on_failed(self, question: Question) -> None:
        if question == self.answers.question:
            self.answers.refused()

    def _say(self) -> None:
        words = self.words.text().strip()
        if not words:
            return
        self.words.clear()
        if self._run.status in LIVE:
            self._actions.say(self._run.task, words)
        else:
            self._actions.go_on(self._run.task, words)
