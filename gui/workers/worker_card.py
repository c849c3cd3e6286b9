"""One worker on the strip: who, in which state, doing what, for how long."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from gui.durations import utc_now
from gui.task_drag import DropAnswer, dragged_key
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.theme.tokens import Radius, Space, Tone
from gui.widgets.avatar import AVATAR_EDGE, Avatar
from gui.widgets.button import make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.pill import Pill
from gui.widgets.progress_line import ProgressLine
from gui.widgets.sparkline import Sparkline
from gui.widgets.tips import plain_tip
from gui.workers.answer_bar import AnswerBar
from gui.workers.quiet_actions import ICONS, QuietActions

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.stage import Suggestion
    from gui.workers.worker_facts import WorkerFacts

CARD_HEIGHT: Final = 106
LEAST_WIDTH: Final = 190
LEAST_NAME: Final = 16
"""So many characters of a name are shown before the state may keep its word."""
DIMMED: Final = 0.45


class WorkerCard(QFrame):
    """A worker; its accessible name is the worker's.

    Signals:
        asked: (worker, action) one of View, Pause, Resume, Abort, Merge.
        dropped: (key, worker) a task was dropped here.
        chosen: (worker) the card was clicked.
        answered: (question, answer) the person answered what its agent asks.
    """

    asked = Signal(str, str)
    answered = Signal(object, str)
    dropped = Signal(str, str)
    chosen = Signal(str)

    def __init__(self, facts: WorkerFacts) -> None:
        super().__init__()
        self.facts = facts
        self._answer: DropAnswer | None = None
        self._foretold: DropAnswer | None = None
        self._over = False
        self._is_chosen = False
        self._is_revealed = False
        self._menu: QMenu | None = None
        name = facts.worker.name
        self.setAccessibleName(name)
        self.setFixedHeight(CARD_HEIGHT)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAcceptDrops(True)
        self._avatar = Avatar(name, is_agent=facts.is_agent)
        self._name = ElidedLabel(name, role="strong", mode=Qt.TextElideMode.ElideMiddle)
        self._pill = Pill()
        self._line = ElidedLabel(role="muted")
        self._progress = ProgressLine(f"{name}: progress")
        self._key = ElidedLabel(role="key", mode=Qt.TextElideMode.ElideMiddle)
        self._key.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._time = make_label(role="faint")
        self._cost = make_label(role="faint")
        self._tokens = make_label(role="faint")
        self._activity = Sparkline(f"{name}: activity")
        self._open = make_label("open", role="strong", tone=Tone.BAD)
        self._open.setToolTip("Its agent may do anything here without asking")
        self.offer = make_button("Give", small=True, on_click=self._give)
        self.answers = AnswerBar()
        self.answers.answered.connect(self.answered)
        self.buttons = QuietActions(("View", "Pause", "Abort", "Merge"))
        self.answers.left.connect(self.buttons.take_focus)
        self._foot = QWidget()
        self._bar = QWidget()
        self._lay_out()
        self.buttons.asked.connect(lambda action: self.asked.emit(name, action))
        self.buttons.focus_moved.connect(self._settle)
        self.show_facts(facts)

    def show_facts(self, facts: WorkerFacts) -> None:
        """Show what is known now."""
        self.facts = facts
        self._pill.show_state(facts.state)
        self._fit_head()
        self._key.setText(facts.worker.task or "")
        self._cost.setText(facts.cost())
        self._tokens.setText(facts.tokens())
        self._activity.show_values(facts.activity(), facts.tone)
        self._open.setVisible(facts.is_open())
        self.setToolTip(plain_tip(facts.details()))
        self.answers.show_question(facts.question)
        paused = facts.state == "paused"
        self.buttons.rename(*(("Pause", "Resume") if paused else ("Resume", "Pause")))
        self._show_line()
        self._settle()
        self.tick(utc_now())

    def tick(self, now: datetime) -> None:
        """Show the time anew; asks nobody."""
        self._time.setText(self.facts.time(now))
        self._fit_foot()
        self._progress.set_fraction(self.facts.progress(now), self.facts.tone)
        parts = (self._pill.text(), self._key.text(), self._line.text(), self._time.text())
        self.setAccessibleDescription(", ".join(part for part in parts if part))

    def show_answer(self, answer: DropAnswer | None) -> None:
        """Look ready for the card that is on its way, or fade; None when the drag is over.

        The same answer once more, as at each news of the board, leaves what is said as it is.
        """
        if answer is not None and answer == self._foretold:
            return
        self._foretold = answer
        self._over = self._over and answer is not None
        self._wear(answer)

    def show_advice(self, suggestion: Suggestion) -> None:
        """Say how well the worker fits the held card; what the engine refuses is refused here."""
        answer = self._answer
        if answer is None or not answer.accepts:
            return
        if suggestion.reasons:
            words = suggestion.reasons[0].rstrip(".")
            self._wear(DropAnswer(accepts=False, words=words))
        elif suggestion.why:
            words = f"{answer.words} · {suggestion.why}"
            self._wear(DropAnswer(accepts=True, words=words, worker=answer.worker))

    def set_chosen(self, chosen: bool) -> None:
        """Be the selected card, whose buttons are painted."""
        self._is_chosen = chosen
        self._settle()

    def stops(self) -> tuple[QWidget, ...]:
        """Return where Tab comes to: each answer, an offered task, then the first button."""
        offer = (self.offer,) if self._offers() else ()
        return (*self.answers.stops(), *offer, self.buttons.all()[0])

    def stop(self) -> QWidget | None:
        """Return which of its stops the keyboard is on."""
        if self.buttons.has_focus():
            return self.buttons.all()[0]
        return next((widget for widget in self.stops() if widget.hasFocus()), None)

    def go_to_stop(self, stop: QWidget, reason: Qt.FocusReason) -> None:
        """Put the keyboard on one of its stops."""
        self.answers.setVisible(stop in self.answers.stops())  # the buttons may be in its place
        stop.setFocus(reason)

    def line(self) -> str:
        """Return the line that says what it does, or what dropping would do."""
        return self._line.text()

    def state_word(self) -> str:
        """Return the word of its pill."""
        return self._pill.text()

    @override
    def sizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, CARD_HEIGHT)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_head()
        self._fit_foot()

    @override
    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._settle()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._settle()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self.chosen.emit(self.facts.worker.name)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what the buttons do: the answers to a question are in their place."""
        if self._menu is not None:
            self._menu.deleteLater()
        self._menu = QMenu(self)
        for button in self.buttons.all():
            name = button.accessibleName()
            act = partial(self.asked.emit, self.facts.worker.name, name)
            self._menu.addAction(theme().icon(ICONS[name]), name, act)
        self._menu.popup(event.globalPos())

    def menu(self) -> QMenu | None:
        """Return the menu that was opened last."""
        return self._menu

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.asked.emit(self.facts.worker.name, "View")

    @override
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_key(event.mimeData()) is None:
            return
        event.acceptProposedAction()
        self._over = True
        self._show_line()
        self.update()

    @override
    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._over = False
        self._show_line()
        self.update()

    @override
    def dropEvent(self, event: QDropEvent) -> None:
        key = dragged_key(event.mimeData())
        self._over = False
        self._show_line()
        self.update()
        if key is not None:
            event.acceptProposedAction()
            self.dropped.emit(key, self.facts.worker.name)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ready = self._answer is not None and self._answer.accepts
        ground = palette.accent_ground if ready and self._over else palette.raised
        pen = QPen(palette.accent if ready or self._is_chosen else palette.line, 1)
        if ready:
            pen.setWidthF(1.5)
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(ground)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, Radius.CARD, Radius.CARD)
        painter.end()

    def _wear(self, answer: DropAnswer | None) -> None:
        self._answer = answer
        effect = None
        if answer is not None and not answer.accepts:
            effect = QGraphicsOpacityEffect(self)
            effect.setOpacity(DIMMED)
        self.setGraphicsEffect(effect)  # type: ignore[arg-type]  # None takes it off
        self._show_line()
        self.update()

    def _show_line(self) -> None:
        answer = self._answer
        if answer is not None and (answer.accepts or self._over):
            words = answer.words
            tone = (Tone.ACCENT if answer.accepts else Tone.WARN).value
        else:
            words = self.facts.line()
            tone = Tone.BAD.value if self.facts.state == "failed" else ""
        # A reason and a question need their end; there is no progress to show then.
        says_why = bool(tone) or self.facts.question is not None
        self._bar.setVisible(not says_why)
        self._line.set_lines(2 if says_why else 1)
        self._line.setText(words)
        set_look(self._line, tone=tone)

    def _give(self) -> None:
        if self.facts.proposal is not None:
            self.dropped.emit(self.facts.proposal.task, self.facts.worker.name)

    def _fit_head(self) -> None:
        """Let the state keep its word unless that would cost too much of the name."""
        name = self._name.text()
        wanted = self._name.fontMetrics().horizontalAdvance(name[:LEAST_NAME]) + 4
        room = self.width() - 2 * Space.M - AVATAR_EDGE - 2 * Space.S - self._pill.full_width()
        self._pill.set_short(room < wanted)

    def _fit_foot(self) -> None:
        """Show what fits: key and time first, then cost, tokens and activity."""
        room = self.width() - 2 * Space.M
        covered = self._is_revealed or self.facts.question is not None
        proposal = self.facts.proposal
        self.offer.setVisible(self._offers())
        if proposal is not None and self._offers():
            self.offer.setAccessibleName(f"Give {proposal.task} to {proposal.worker}")
            self.offer.setToolTip(f"Give {proposal.task} to {proposal.worker}")
            room -= self.offer.sizeHint().width() + Space.S
        for part in (self._key, self._time, self._cost, self._activity, self._tokens):
            has_news = bool(part.values() if isinstance(part, Sparkline) else part.text())
            room -= part.sizeHint().width() + Space.S if has_news else 0
            needed = part in (self._key, self._time)
            part.setVisible(has_news and not covered and (needed or room >= -Space.S))

    def _offers(self) -> bool:
        """Whether a task is proposed that can be given with a click."""
        facts = self.facts
        return facts.proposal is not None and facts.live_run is None and facts.question is None

    def _settle(self) -> None:
        asks = self.facts.question is not None
        called = self.buttons.is_ringed() or (not asks and (self._is_chosen or self.underMouse()))
        self._is_revealed = called
        self.buttons.reveal(called)
        self.answers.setVisible(asks and not called)
        self._fit_foot()
        self.update()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(Space.S)
        head.addWidget(self._avatar)
        head.addWidget(self._name, 1)
        head.addWidget(self._pill)
        facts = QHBoxLayout(self._foot)
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setSpacing(Space.S)
        for label in (self._key, self._time, self._cost, self._tokens):
            facts.addWidget(label)
        facts.addStretch()
        facts.addWidget(self._activity)
        line = QHBoxLayout()
        line.setSpacing(Space.S)
        line.addWidget(self._open)
        line.addWidget(self._line, 1)
        foot = QGridLayout()
        foot.addWidget(self._foot, 0, 0)
        foot.addWidget(self.buttons, 0, 0)
        foot.addWidget(self.answers, 0, 0, Qt.AlignmentFlag.AlignBottom)
        foot.addWidget(self.offer, 0, 1)  # beside the buttons: they come up under the pointer
        foot.setHorizontalSpacing(4)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.M, 10, Space.M, Space.S)
        stack.setSpacing(0)
        stack.addLayout(head)
        stack.addSpacing(2)
        stack.addLayout(line)
        bar = QVBoxLayout(self._bar)
        bar.setContentsMargins(0, 7, 0, 5)
        bar.addWidget(self._progress)
        stack.addWidget(self._bar)
        stack.addLayout(foot, 1)
