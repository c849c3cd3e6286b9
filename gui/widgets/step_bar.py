"""The steps of a wizard along its top: done, current, to come."""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget
from typing_extensions import override

from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.theme import theme
from gui.theme.tokens import Glyph, Palette, Space
from gui.widgets.focus_ring import paint_focus_ring, shows_ring
from gui.widgets.glyph import paint_glyph

CIRCLE = 20
GAP = 7
STEP_HEIGHT = 32
PADDING = 6


class StepState(StrEnum):
    """Where the wizard is, seen from one step."""

    DONE = "done"
    CURRENT = "current"
    TO_COME = "to come"


class StepButton(QAbstractButton):
    """One step; only a done one can be pressed, to go back to it."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self._number = number
        self._state = StepState.TO_COME
        self._rings = False
        self.setText(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state(StepState.TO_COME)

    def state(self) -> StepState:
        """Return whether the step is done, current or to come."""
        return self._state

    def set_state(self, state: StepState) -> None:
        """Show the step as done, current or to come."""
        self._state = state
        self.setEnabled(state is StepState.DONE)
        self.setAccessibleName(f"Step {self._number}: {self.text()}, {state}")
        is_done = state is StepState.DONE
        cursor = Qt.CursorShape.PointingHandCursor if is_done else Qt.CursorShape.ArrowCursor
        self.setCursor(cursor)
        self.update()

    @override
    def sizeHint(self) -> QSize:
        words = metrics(TextStyle.STRONG).horizontalAdvance(self.text())
        return QSize(2 * PADDING + CIRCLE + GAP + words, STEP_HEIGHT)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        center = QPointF(PADDING + CIRCLE / 2, self.height() / 2)
        self._paint_circle(painter, palette, center)
        self._paint_name(painter, palette)
        if self.hasFocus() and self._rings:
            paint_focus_ring(painter, QRectF(self.rect()))
        painter.end()

    def _paint_circle(self, painter: QPainter, palette: Palette, center: QPointF) -> None:
        radius = CIRCLE / 2 - 0.5
        if self._state is StepState.DONE:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.accent_hover if self.underMouse() else palette.accent)
            painter.drawEllipse(center, radius + 0.5, radius + 0.5)
            mark = QRectF(0, 0, 9, 9)
            mark.moveCenter(center)
            paint_glyph(painter, mark, Glyph.CHECK, palette.on_accent)
            return
        is_current = self._state is StepState.CURRENT
        painter.setPen(QPen(palette.accent if is_current else palette.control_line, 1.2))
        painter.setBrush(palette.accent_ground if is_current else palette.panel)
        painter.drawEllipse(center, radius, radius)
        painter.setPen(palette.accent if is_current else palette.muted)
        painter.setFont(font(TextStyle.META))
        circle = QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(self._number))

    def _paint_name(self, painter: QPainter, palette: Palette) -> None:
        is_current = self._state is StepState.CURRENT
        painter.setFont(font(TextStyle.STRONG if is_current else TextStyle.TEXT))
        painter.setPen(palette.accent if is_current else palette.muted)
        left = PADDING + CIRCLE + GAP
        words = QRect(left, 0, self.width() - left, self.height())
        alignment = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(words, alignment, self.text())


class StepBar(QWidget):
    """The row of steps; it shows where the wizard is and asks to go back, it decides nothing.

    Signals:
        step_requested: (index) a done step was pressed.
    """

    step_requested = Signal(int)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._current = 0
        self._steps = [StepButton(number, name) for number, name in enumerate(names, start=1)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        for index, step in enumerate(self._steps):
            step.clicked.connect(lambda _checked=False, i=index: self.step_requested.emit(i))
            row.addWidget(step)
        row.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_current(0)

    def current(self) -> int:
        """Return the index of the step shown as current."""
        return self._current

    def step(self, index: int) -> StepButton:
        """Return the button of one step."""
        return self._steps[index]

    def set_current(self, index: int, *, may_go_back: bool = True) -> None:
        """Show the step *index* as current, those before it as done.

        *may_go_back* says whether done steps can be pressed; once branches have landed they cannot.
        """
        self._current = index
        for position, step in enumerate(self._steps):
            if position < index:
                step.set_state(StepState.DONE)
                step.setEnabled(may_go_back)
            else:
                step.set_state(StepState.CURRENT if position == index else StepState.TO_COME)
        name = self._steps[index].text()
        self.setAccessibleName(f"Step {index + 1} of {len(self._steps)}: {name}")
