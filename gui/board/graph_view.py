"""The tasks by what waits for what: from left to right, what must be done before stands before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QToolTip, QVBoxLayout, QWidget
from typing_extensions import override

from core.domain.task import Task, TaskStatus
from gui.board.card_layout import SCROLL_ROOM
from gui.board.graph_layout import Graph, layered
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.theme.tokens import Glyph, Radius, Space, Tone
from gui.widgets.empty_state import EmptyState
from gui.widgets.focus_ring import paint_focus_ring
from gui.widgets.glyph import paint_glyph
from gui.widgets.tips import plain_tip

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.overview import BoardView

NODE: Final = QSize(208, 50)
ACROSS: Final = 56
DOWN: Final = 12
_LOOKS: Final = {
    TaskStatus.BACKLOG: (Tone.NEUTRAL, Glyph.RING),
    TaskStatus.CLAIMED: (Tone.ACCENT, Glyph.RING),
    TaskStatus.IN_PROGRESS: (Tone.OK, Glyph.DOT),
    TaskStatus.REVIEW: (Tone.ACCENT, Glyph.CHECK),
    TaskStatus.DONE: (Tone.OK, Glyph.CHECK),
}


class DependencyPicture(QWidget):
    """Nodes and the lines between them; arrows walk, Enter opens.

    Signals:
        opened: (task key) double click or Enter.
        shown: (QRectF) what the keyboard is on must come into sight.
    """

    opened = Signal(str)
    shown = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._graph = Graph((), ())
        self._tasks: Mapping[str, Task] = {}
        self._reasons: Mapping[str, str] = {}
        self._rooms: dict[str, QRectF] = {}
        self._chosen = ""
        self._kin: frozenset[str] = frozenset()
        self.setAccessibleName("Dependencies")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_board(self, view: BoardView) -> bool:
        """Show what of *view* waits for something; return whether there is anything."""
        self._tasks = {task.key: task for task in view.tasks}
        self._reasons = {
            waiting.task: waiting.reasons[0] for waiting in view.waiting if waiting.reasons
        }
        graph = layered({task.key: task.depends_on for task in view.tasks})
        if graph != self._graph:
            self._graph = graph
            self._place()
        if self._chosen not in self._rooms:
            self._choose("")
        self._describe()
        self.update()
        return bool(graph.layers)

    def rooms(self) -> Mapping[str, QRectF]:
        """Return where each task stands."""
        return self._rooms

    def chosen(self) -> str:
        """Return the key of the chosen task, or nothing."""
        return self._chosen

    @override
    def sizeHint(self) -> QSize:
        deepest = max((len(layer) for layer in self._graph.layers), default=0)
        width = len(self._graph.layers) * (NODE.width() + ACROSS) - ACROSS
        return QSize(width + 2 * Space.L, deepest * (NODE.height() + DOWN) + 2 * Space.L)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(self._key_at(event.position()))

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        key = self._key_at(event.position())
        if key:
            self.opened.emit(key)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Left:
                self._step(across=-1)
            case Qt.Key.Key_Right:
                self._step(across=1)
            case Qt.Key.Key_Up:
                self._step(down=-1)
            case Qt.Key.Key_Down:
                self._step(down=1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self._chosen:
                self.opened.emit(self._chosen)
            case _:
                super().keyPressEvent(event)

    @override
    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            key = self._key_at(QPointF(event.pos()))
            if key:
                QToolTip.showText(event.globalPos(), plain_tip(self._told(key)), self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = QRectF(event.rect())
        for needed, waiting in self._graph.edges:
            self._paint_edge(painter, needed, waiting)
        for key, room in self._rooms.items():
            if room.adjusted(-4, -4, 4, 4).intersects(seen):
                self._paint_node(painter, key, room)
        painter.end()

    def _place(self) -> None:
        self._rooms = {}
        deepest = max((len(layer) for layer in self._graph.layers), default=0)
        step = NODE.height() + DOWN
        for number, layer in enumerate(self._graph.layers):
            left = Space.L + number * (NODE.width() + ACROSS)
            top = Space.L + (deepest - len(layer)) * step / 2
            for place, key in enumerate(layer):
                self._rooms[key] = QRectF(left, top + place * step, NODE.width(), NODE.height())
        self.setMinimumSize(self.sizeHint())
        self.updateGeometry()

    def _key_at(self, place: QPointF) -> str:
        return next((key for key, room in self._rooms.items() if room.contains(place)), "")

    def _step(self, across: int = 0, down: int = 0) -> None:
        layers = self._graph.layers
        at = next(
            ((n, layer.index(self._chosen)) for n, layer in enumerate(layers)
             if self._chosen in layer), None,
        )  # fmt: skip
        if at is None:
            if layers:
                self._choose(layers[0][0])
            return
        column = max(0, min(len(layers) - 1, at[0] + across))
        layer = layers[column]
        if not across:
            self._choose(layer[max(0, min(len(layer) - 1, at[1] + down))])
        elif column != at[0]:
            middle = self._rooms[self._chosen].center().y()
            self._choose(min(layer, key=lambda key: abs(self._rooms[key].center().y() - middle)))

    def _choose(self, key: str) -> None:
        self._chosen = key
        self._kin = self._graph.relatives(key) if key else frozenset()
        if key:
            self.shown.emit(self._rooms[key])
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(
            self._told(self._chosen).replace("\n", ", ")
            if self._chosen
            else f"{len(self._rooms)} tasks, {len(self._graph.edges)} dependencies"
        )

    def _told(self, key: str) -> str:
        task = self._tasks[key]
        lines = [f"{key}  {task.title}", task.status.label]
        if task.depends_on:
            lines.append(f"Needs {', '.join(task.depends_on)}")
        if key in self._reasons:
            lines.append(self._reasons[key])
        return "\n".join(lines)

    def _paint_edge(self, painter: QPainter, needed: str, waiting: str) -> None:
        palette = theme().palette
        if needed not in self._rooms or waiting not in self._rooms:
            return
        begin, end = self._rooms[needed], self._rooms[waiting]
        start = QPointF(begin.right(), begin.center().y())
        stop = QPointF(end.left() - 1, end.center().y())
        lit = needed in self._kin and waiting in self._kin
        met = self._tasks[needed].status is TaskStatus.DONE
        color = palette.accent if lit else palette.control_line
        pen = QPen(color, 1.6 if lit else 1.2)
        if met and not lit:
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        bend = max(24.0, (stop.x() - start.x()) / 2)
        path = QPainterPath(start)
        path.cubicTo(start + QPointF(bend, 0), stop - QPointF(bend, 0), stop)
        painter.drawPath(path)
        head = QPainterPath(stop)
        head.lineTo(stop + QPointF(-6, -3.5))
        head.lineTo(stop + QPointF(-6, 3.5))
        head.closeSubpath()
        painter.fillPath(head, color)

    def _paint_node(self, painter: QPainter, key: str, room: QRectF) -> None:
        palette = theme().palette
        task = self._tasks[key]
        tone, glyph = _LOOKS[task.status]
        ink = palette.tone(tone)
        painter.setOpacity(0.4 if self._kin and key not in self._kin else 1.0)
        edge = palette.accent if key == self._chosen else palette.line
        painter.setPen(QPen(edge, 1.5 if key == self._chosen else 1))
        painter.setBrush(palette.raised)
        painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), Radius.CARD, Radius.CARD)
        inside = room.adjusted(Space.M, 6, -Space.M, -6)
        paint_glyph(painter, QRectF(inside.left(), inside.top() + 5, 8, 8), glyph, ink.ink)
        painter.setPen(palette.faint)
        painter.setFont(font(TextStyle.MONO))
        head = QRectF(inside.left() + 14, inside.top(), inside.width() - 14, 18)
        small = metrics(TextStyle.MONO)
        words = small.elidedText(key, Qt.TextElideMode.ElideMiddle, int(head.width()))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, words)
        if task.worker and task.status is not TaskStatus.DONE:
            painter.setFont(font(TextStyle.META))
            painter.drawText(
                head,
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                metrics(TextStyle.META).elidedText(
                    task.worker,
                    Qt.TextElideMode.ElideRight,
                    int(head.width()) - small.horizontalAdvance(words) - Space.S,
                ),
            )
        painter.setPen(palette.text)
        painter.setFont(font(TextStyle.TEXT))
        below = QRectF(inside.left(), inside.top() + 19, inside.width(), 18)
        title = metrics(TextStyle.TEXT).elidedText(
            task.title, Qt.TextElideMode.ElideRight, int(below.width())
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, title)
        painter.setOpacity(1.0)
        if key == self._chosen and self.hasFocus():
            paint_focus_ring(painter, room.adjusted(-3, -3, 3, 3), Radius.CARD)


class DependencyView(QWidget):
    """The picture in a frame that scrolls; a sentence while nothing depends on anything.

    Signals:
        opened: (task key) a task shall be shown.
    """

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.picture = DependencyPicture()
        self.picture.opened.connect(self.opened)
        self.picture.shown.connect(self._bring_into_sight)
        self._area = QScrollArea()
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setWidget(self.picture)
        sheet = QFrame()
        set_look(sheet, surface="sheet")
        inside = QVBoxLayout(sheet)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._area)
        self._body = QStackedWidget()
        self._body.addWidget(sheet)
        self._body.addWidget(
            EmptyState("branch", "No task waits for another. Open a task to say what it needs.")
        )
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, SCROLL_ROOM, 0)
        stack.addWidget(self._body)
        self.setFocusProxy(self.picture)

    def show_board(self, view: BoardView) -> None:
        """Show what waits for what."""
        self._body.setCurrentIndex(0 if self.picture.show_board(view) else 1)

    def _bring_into_sight(self, room: QRectF) -> None:
        middle = room.center().toPoint()
        half = NODE / 2
        self._area.ensureVisible(
            middle.x(), middle.y(), half.width() + Space.L, half.height() + Space.L
        )
