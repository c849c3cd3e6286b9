"""The strip of worker cards above the board; it scrolls sideways and ends with "+ Worker"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QWidget,
)
from typing_extensions import override

from gui.drop_rules import drop_on_worker
from gui.durations import utc_now
from gui.task_drag import DropAnswer
from gui.theme import icons
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Radius
from gui.widgets.focus_ring import paint_focus_ring, shows_ring
from gui.workers.worker_card import CARD_HEIGHT, LEAST_WIDTH, WorkerCard
from gui.workers.worker_facts import WorkerFacts, facts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.domain.overview import BoardView
    from core.domain.question import Question
    from core.domain.stage import Suggestion
    from core.domain.task import Task
    from gui.task_drag import DragSession

PER_ROW: Final = 5
"""As many cards side by side as the board has columns, so that both share their edges."""
SPACING: Final = 10
"""The board's columns stand as far apart, so that edges meet."""
MOST_WIDTH: Final = 420
GOOD_WIDTH: Final = 220
"""Room for a name beside its state; narrower only where all cards then fit."""
PEEK: Final = 0.4
"""As much of the next card is in sight where not all fit, so that one sees that there is more."""
FADE_WIDTH: Final = 32
ADD_WIDTH: Final = 96
ADD_LEAST: Final = 40
""""+ Worker" without its word."""
TICK_MS: Final = 1000
AT_ONCE: Final = PER_ROW
"""New cards in one turn of the loop: each takes some 5 ms to make."""


class WorkerStrip(QScrollArea):
    """One card per worker.

    Signals:
        asked: (worker, action) a button of a card was pressed.
        dropped: (key, worker) a task was dropped on a card.
        worker_asked: the person wants to register one.
        answered: (question, answer) what an agent asks was answered on its card.
    """

    asked = Signal(str, str)
    dropped = Signal(str, str)
    worker_asked = Signal()
    answered = Signal(object, str)

    def __init__(self, session: DragSession) -> None:
        super().__init__()
        self.session = session
        self._view: BoardView | None = None
        self.cards: dict[str, WorkerCard] = {}
        self._count = 0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        content = QWidget()
        content.setAccessibleName("Workers")
        self._row = QHBoxLayout(content)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACING)
        self._add = AddWorkerButton()
        self._add.clicked.connect(self.worker_asked)
        self._row.addWidget(self._add)
        self._row.addStretch()
        self.setWidget(content)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        session.started.connect(self._on_drag_started)
        session.ended.connect(self._on_drag_ended)
        self._clock = QTimer(self)
        self._clock.setInterval(TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._clock.start()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._show_again)
        self._fade = EdgeFade(self)
        bar = self.horizontalScrollBar()
        bar.valueChanged.connect(self._settle_fade)
        bar.rangeChanged.connect(self._settle_fade)
        self._fit()

    def show_board(self, view: BoardView) -> None:
        """Show the workers of *view*, each card staying in its place."""
        self._view = view
        facts = {entry.worker.name: entry for entry in facts_of(view)}
        for name, entry in facts.items():
            if name in self.cards and self.cards[name].facts != entry:
                self.cards[name].show_facts(entry)
        held = self.session.held(view)
        if held is not None:
            self._on_drag_started(held)  # cards come and go once it is dropped: none may move
            return
        if self.cards.keys() != facts.keys():
            self._come_and_go(facts)
        self._fit()

    def add_button(self) -> QAbstractButton:
        """Return the card that offers another worker."""
        return self._add

    def show_advice(self, suggestions: Sequence[Suggestion]) -> None:
        """Say on each card how well it fits the card that is held, or every reason why not."""
        for one in suggestions:
            card = self.cards.get(one.worker)
            if card is not None and self.session.task is not None:
                card.show_advice(one)

    def answer_again(self, question: Question) -> None:
        """Let the person answer again: the last answer could not be taken."""
        for card in self.cards.values():
            if card.answers.question == question:
                card.answers.refused()

    def choose(self, name: str) -> None:
        """Select the card of one worker."""
        for card in self.cards.values():
            card.set_chosen(card.facts.worker.name == name)

    @override
    def focusNextPrevChild(self, forward: bool) -> bool:
        """Let Tab stop at the answers of a card and once at its buttons, for a short way on."""
        cards = sorted(self.cards.values(), key=lambda card: card.x())
        stops = [(card, stop) for card in cards for stop in card.stops()]
        held = [card.stop() for card in cards]
        here = next((n for n, (_, stop) in enumerate(stops) if stop in held), None)
        if here is None and self._add.hasFocus():
            here = len(stops)
        there = None if here is None else here + (1 if forward else -1)
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        if there is None or not 0 <= there <= len(stops):
            return super().focusNextPrevChild(forward)
        if there == len(stops):
            self._add.setFocus(reason)
            self.ensureWidgetVisible(self._add)
        else:
            card, stop = stops[there]
            card.go_to_stop(stop, reason)
            self.ensureWidgetVisible(card)
        return True

    @override
    def sizeHint(self) -> QSize:
        return QSize(600, self._height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        delta = event.angleDelta()
        bar.setValue(bar.value() - (delta.x() or delta.y()))
        event.accept()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self.update()

    def _come_and_go(self, facts: Mapping[str, WorkerFacts]) -> None:
        for name in [name for name in self.cards if name not in facts]:
            card = self.cards.pop(name)
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._count = len(facts)  # room for those whose cards come with the next turn too
        new = [name for name in facts if name not in self.cards]
        for name in new[:AT_ONCE]:
            self._insert(list(facts).index(name), facts[name])
        if len(new) > AT_ONCE:
            self._later.start()
        self.cards = {name: self.cards[name] for name in facts if name in self.cards}
        if self.underMouse():
            for card in self.cards.values():
                card.answers.hold()

    def _insert(self, place: int, facts: WorkerFacts) -> None:
        card = WorkerCard(facts)
        card.asked.connect(self.asked)
        card.dropped.connect(self.dropped)
        card.chosen.connect(self.choose)
        card.answered.connect(self.answered)
        self.cards[facts.worker.name] = card
        self._row.insertWidget(place, card)

    def _show_again(self) -> None:
        if self._view is not None:
            self.show_board(self._view)

    def _fit(self) -> None:
        count = self._count
        width = _width_for(count, self.width())
        for card in self.cards.values():
            card.setFixedWidth(width)
        room = self.width() - count * (width + SPACING)
        self._add.setFixedWidth(
            width if room >= width or not count else min(ADD_WIDTH, max(ADD_LEAST, room))
        )
        self.setFixedHeight(self._height())
        self._fade.setGeometry(0, 0, self.width(), CARD_HEIGHT)
        self._fade.raise_()

    def _settle_fade(self) -> None:
        bar = self.horizontalScrollBar()
        self._fade.show_more(left=bar.value() > 0, right=bar.value() < bar.maximum())

    def _height(self) -> int:
        needed = sum(card.width() + SPACING for card in self.cards.values()) + self._add.width()
        scrolls = needed > self.width()
        return CARD_HEIGHT + (12 if scrolls else 0)

    def _tick(self) -> None:
        if self.isVisible():
            now = utc_now()
            for card in self.cards.values():
                card.tick(now)

    def _on_drag_started(self, task: Task) -> None:
        if self._view is not None:
            here = {worker.name: worker for worker in self._view.workers}
            for name, card in self.cards.items():
                gone = DropAnswer(accepts=False, words=f"{name} is not here any more")
                worker = here.get(name)
                card.show_answer(drop_on_worker(task, worker, self._view) if worker else gone)

    def _on_drag_ended(self) -> None:
        for card in self.cards.values():
            card.show_answer(None)
        self._show_again()


def _width_for(count: int, room: int) -> int:
    """Return the width of a card: the board's columns, all cards, or some and part of the next."""
    column = (room - SPACING * (PER_ROW - 1)) // PER_ROW
    column = min(MOST_WIDTH, max(LEAST_WIDTH, column))
    if count * (column + SPACING) + ADD_LEAST <= room:
        return column
    together = (room - ADD_LEAST) // max(1, count) - SPACING
    if together >= LEAST_WIDTH:
        return min(column, together)
    whole = max(1, int((room + SPACING) / (GOOD_WIDTH + SPACING) - PEEK))
    return min(MOST_WIDTH, int((room - whole * SPACING) / (whole + PEEK)))


class EdgeFade(QWidget):
    """Fades the strip at the edge behind which there is more."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._left = self._right = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_more(self, *, left: bool, right: bool) -> None:
        """Fade one edge, both or none."""
        self._left, self._right = left, right
        self.update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        solid = theme().palette.bg
        clear = QColor(solid)
        clear.setAlpha(0)
        painter = QPainter(self)
        for shown, left, colors in (
            (self._left, 0, (solid, clear)),
            (self._right, self.width() - FADE_WIDTH, (clear, solid)),
        ):
            if shown:
                gradient = QLinearGradient(left, 0, left + FADE_WIDTH, 0)
                gradient.setColorAt(0, colors[0])
                gradient.setColorAt(1, colors[1])
                painter.fillRect(left, 0, FADE_WIDTH, self.height(), gradient)
        painter.end()


class AddWorkerButton(QAbstractButton):
    """The card at the end: registers a person or an agent."""

    def __init__(self) -> None:
        super().__init__()
        self._rings = False
        self.setText("Worker")
        self.setAccessibleName("+ Worker")
        self.setToolTip("Register a person or an agent")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(CARD_HEIGHT)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        pen = QPen(palette.control_line, 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(palette.hover if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(frame, Radius.CARD, Radius.CARD)
        ink = palette.text if self.underMouse() else palette.muted
        words = metrics(TextStyle.TEXT).horizontalAdvance(self.text())
        if self.width() < words + 30:
            painter.drawPixmap(self.rect().center() - QPoint(7, 7), icons.pixmap("plus", ink))
            self._ring(painter)
            return
        left = (self.width() - words - 22) // 2
        painter.drawPixmap(left, (self.height() - 16) // 2, icons.pixmap("plus", ink))
        painter.setPen(ink)
        painter.setFont(font(TextStyle.TEXT))
        room = self.rect().adjusted(left + 22, 0, 0, 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self.text())
        self._ring(painter)

    def _ring(self, painter: QPainter) -> None:
        if self.hasFocus() and self._rings:
            paint_focus_ring(painter, QRectF(self.rect()), Radius.CARD)
        painter.end()
