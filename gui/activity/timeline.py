"""Who worked on what from when to when: one row a worker, one bar a run or a person's task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget
from typing_extensions import override

from gui.durations import stopwatch, utc_now
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Space, Tone, state_look
from gui.widgets.avatar import AVATAR_EDGE, paint_avatar
from gui.widgets.focus_ring import paint_focus_ring

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.figures import Span

NAME_WIDTH: Final = 176
AXIS_HEIGHT: Final = 28
ROW_HEIGHT: Final = 36
BAR_HEIGHT: Final = 22
LEAST_BAR: Final = 4
_STEPS_S: Final = (60, 300, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400)
_LEAST_STEP: Final = 72
"""Pixels between two marks of the axis."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A span where it is painted."""

    span: Span
    room: QRectF


class Timeline(QWidget):
    """Bars over time; arrows walk from bar to bar, Enter opens the task.

    Signals:
        opened: (task key) a bar was double-clicked, or Enter pressed on it.
    """

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._spans: tuple[Span, ...] = ()
        self._workers: tuple[str, ...] = ()
        self._since = self._until = utc_now()
        self._chosen: Span | None = None
        self.setAccessibleName("Timeline")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)

    def show_spans(self, spans: Sequence[Span], since: datetime, until: datetime) -> None:
        """Show *spans* between two moments; the chosen one stays chosen if it is still there."""
        self._spans = tuple(spans)
        self._workers = tuple(dict.fromkeys(sorted(span.worker for span in spans)))
        self._since, self._until = since, max(until, since + timedelta(minutes=1))
        kept = self._chosen
        self._chosen = next((span for span in spans if kept and _same(span, kept)), None)
        self._describe()
        self.updateGeometry()
        self.update()

    def bars(self) -> list[Bar]:
        """Return every bar, row by row, each from left to right."""
        found = []
        for row, worker in enumerate(self._workers):
            top = AXIS_HEIGHT + row * ROW_HEIGHT + (ROW_HEIGHT - BAR_HEIGHT) / 2
            for span in self._spans:
                if span.worker == worker:
                    left = self._x(span.started_at)
                    right = max(left + LEAST_BAR, self._x(span.ended_at or self._until))
                    found.append(Bar(span, QRectF(left, top, right - left, BAR_HEIGHT)))
        return found

    def chosen(self) -> Span | None:
        """Return the span that the keyboard is on."""
        return self._chosen

    @override
    def sizeHint(self) -> QSize:
        return QSize(640, AXIS_HEIGHT + ROW_HEIGHT * max(1, len(self._workers)) + Space.S)

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(320, self.sizeHint().height())

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(self._bar_at(event.position()))

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        bar = self._bar_at(event.position())
        if bar is not None:
            self.opened.emit(bar.span.task)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        bars = self.bars()
        at = next((n for n, bar in enumerate(bars) if bar.span is self._chosen), None)
        match event.key():
            case Qt.Key.Key_Right | Qt.Key.Key_Down if bars:
                self._choose(bars[0 if at is None else min(len(bars) - 1, at + 1)])
            case Qt.Key.Key_Left | Qt.Key.Key_Up if bars:
                self._choose(bars[-1 if at is None else max(0, at - 1)])
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._chosen is not None:
                self.opened.emit(self._chosen.task)
            case _:
                super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            bar = self._bar_at(QPointF(event.pos()))
            if bar is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), _told(bar.span, self._until), self)
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_axis(painter)
        self._paint_rows(painter)
        for bar in self.bars():
            self._paint_bar(painter, bar)
        painter.end()

    def _x(self, moment: datetime) -> float:
        share = (moment - self._since) / (self._until - self._since)
        room = self.width() - NAME_WIDTH - Space.L
        return NAME_WIDTH + max(0.0, min(1.0, share)) * room

    def _bar_at(self, place: QPointF) -> Bar | None:
        grown = (bar for bar in reversed(self.bars()))
        return next((bar for bar in grown if bar.room.adjusted(-2, -4, 2, 4).contains(place)), None)

    def _choose(self, bar: Bar | None) -> None:
        self._chosen = bar.span if bar else None
        self._describe()
        self.update()

    def _describe(self) -> None:
        chosen = self._chosen
        self.setAccessibleDescription(
            _told(chosen, self._until) if chosen else f"{len(self._spans)} stretches of work"
        )

    def _paint_axis(self, painter: QPainter) -> None:
        palette = theme().palette
        seconds = (self._until - self._since).total_seconds()
        room = max(1, self.width() - NAME_WIDTH - Space.L)
        least = seconds * _LEAST_STEP / room
        step = next((step for step in _STEPS_S if step >= least), _STEPS_S[-1])
        first = self._since.timestamp() // step * step + step
        painter.setFont(font(TextStyle.META))
        moment = first
        while moment < self._until.timestamp():
            at = datetime.fromtimestamp(moment).astimezone()
            x = self._x(at)
            painter.setPen(QPen(palette.line_soft, 1))
            painter.drawLine(QPointF(x, AXIS_HEIGHT), QPointF(x, self.height()))
            painter.setPen(palette.faint)
            words = f"{at:%d %b}" if step >= 86400 else f"{at:%H:%M}"
            half = metrics(TextStyle.META).horizontalAdvance(words) / 2
            painter.drawText(QPointF(min(x - half, self.width() - 2 * half - 2), 18), words)
            moment += step

    def _paint_rows(self, painter: QPainter) -> None:
        palette = theme().palette
        for row, worker in enumerate(self._workers):
            top = AXIS_HEIGHT + row * ROW_HEIGHT
            painter.setPen(QPen(palette.line_soft, 1))
            painter.drawLine(QPointF(0, top), QPointF(self.width(), top))
            edge = QRectF(
                Space.M, top + (ROW_HEIGHT - AVATAR_EDGE) / 2, AVATAR_EDGE, AVATAR_EDGE
            ).toRect()
            is_agent = any(span.run for span in self._spans if span.worker == worker)
            paint_avatar(painter, edge, worker, is_agent=is_agent)
            painter.setPen(palette.text)
            painter.setFont(font(TextStyle.TEXT))
            left = Space.M + AVATAR_EDGE + Space.S
            width = NAME_WIDTH - left - Space.S
            name = metrics(TextStyle.TEXT).elidedText(worker, Qt.TextElideMode.ElideMiddle, width)
            painter.drawText(
                QRectF(left, top, width, ROW_HEIGHT), Qt.AlignmentFlag.AlignVCenter, name
            )

    def _paint_bar(self, painter: QPainter, bar: Bar) -> None:
        palette = theme().palette
        ink = palette.tone(_tone(bar.span))
        painter.setPen(QPen(ink.ink, 1))
        painter.setBrush(ink.ground)
        painter.drawRoundedRect(bar.room.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.warn)
        for begun, ended in bar.span.paused:
            left, right = self._x(begun), self._x(ended)
            painter.drawRect(QRectF(left, bar.room.bottom() - 3, max(1.0, right - left), 3))
        if bar.room.width() > 28:
            painter.setPen(ink.ink)
            painter.setFont(font(TextStyle.META))
            room = bar.room.adjusted(6, 0, -4, 0)
            words = metrics(TextStyle.META).elidedText(
                bar.span.task, Qt.TextElideMode.ElideRight, int(room.width())
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        if bar.span is self._chosen:
            paint_focus_ring(painter, bar.room.adjusted(-3, -3, 3, 3))


def _tone(span: Span) -> Tone:
    return Tone.OK if span.outcome == "done" else state_look(span.outcome).tone


def _same(one: Span, other: Span) -> bool:
    return (one.run, one.task, one.worker, one.started_at) == (
        other.run,
        other.task,
        other.worker,
        other.started_at,
    )


def _told(span: Span, until: datetime) -> str:
    took = stopwatch((span.ended_at or until) - span.started_at)
    begun = f"{span.started_at.astimezone():%d %b %H:%M}"
    paused = sum(((ended - start) for start, ended in span.paused), timedelta())
    rest = f", {stopwatch(paused)} of it paused" if paused else ""
    word = span.outcome if span.ended_at else "goes on"
    return f"{span.worker} on {span.task}: {word}, from {begun}, {took}{rest}"
