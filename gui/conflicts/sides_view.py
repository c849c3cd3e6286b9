"""Two versions of a file side by side, scrolling together."""

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollBar, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from gui.conflicts.hunk_lines import Columns
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.theme.tokens import Height, Space
from gui.widgets.button import IconButton
from gui.widgets.code_view import CodeLine, CodeView
from gui.widgets.empty_state import EmptyState
from gui.widgets.label import ElidedLabel
from gui.widgets.panel import make_rule

EMPTY_HEIGHT = 132


class Side(QWidget):
    """One version: whose it is, and its lines, or why there are none.

    Signals:
        open_requested: the person wants to see the task.
    """

    open_requested = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._caption = ElidedLabel(role="meta")
        self._open = IconButton("eye", "Open the task")
        self._open.clicked.connect(self.open_requested)
        self.code = CodeView(name)
        self._missing = EmptyState("file", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.code)
        self._stack.addWidget(self._missing)
        head = QWidget()
        head.setFixedHeight(Height.CONTROL - 2)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.M, 0, Space.XS, 0)
        row.addWidget(self._caption, 1)
        row.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(make_rule())
        column.addWidget(self._stack, 1)

    def show_owner(self, caption: str, task: str | None) -> None:
        """Say whose version it is; *task* None (the base) cannot be opened."""
        self._caption.setText(caption)
        self._open.setVisible(task is not None)
        self._open.set_name(f"Open {task}" if task else "Open the task")

    def show_lines(self, lines: tuple[CodeLine, ...] | None, path: str, missing: str) -> None:
        """Show *lines*, or the sentence *missing* when there are none to show."""
        self._stack.setCurrentWidget(self._missing if lines is None else self.code)
        if lines is None:
            self._missing.set_sentence(missing)
            self.code.show_lines(())
        elif lines != self.code.lines():  # else what is being read must not jump
            self.code.show_lines(lines, path)

    def content_height(self) -> int:
        """Return the height at which nothing has to scroll."""
        is_code = self._stack.currentWidget() is self.code
        inner = self.code.content_height() if is_code else EMPTY_HEIGHT
        return Height.CONTROL + inner


class _Upright(QWidget):
    """The line between the two."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(1)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().palette.line)
        painter.end()


class SidesView(QFrame):
    """Both sides in one frame; as high as what they show, if there is room."""

    def __init__(self) -> None:
        super().__init__()
        set_look(self, surface="bg")
        self.a = Side("Version a")
        self.b = Side("Version b")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.a, 1)
        row.addWidget(_Upright())
        row.addWidget(self.b, 1)
        self._refit = QTimer(self, singleShot=True, interval=0)
        self._refit.timeout.connect(self.fit)
        for code in (self.a.code, self.b.code):  # a bar below takes height of its own
            code.horizontalScrollBar().rangeChanged.connect(self._refit.start)
        _tie(self.a.code.verticalScrollBar(), self.b.code.verticalScrollBar())
        _tie(self.a.code.horizontalScrollBar(), self.b.code.horizontalScrollBar())

    def name_sides(self, a: str, b: str) -> None:
        """Give the code views the names of the two branches."""
        self.a.code.setAccessibleName(f"Version of {a}")
        self.b.code.setAccessibleName(f"Version of {b}")

    def show_columns(self, columns: Columns, path: str, missing: tuple[str, str]) -> None:
        """Show both columns; *missing* says for each side why there is nothing, if there is."""
        self.a.show_lines(columns.a, path, missing[0])
        self.b.show_lines(columns.b, path, missing[1])
        self.fit()

    def fit(self) -> None:
        """Take as much height as the longer side needs."""
        wanted = max(self.a.content_height(), self.b.content_height())
        if wanted != self.maximumHeight():
            self.setMaximumHeight(wanted)
            self.updateGeometry()

    @override
    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())


def _tie(one: QScrollBar, other: QScrollBar) -> None:
    one.valueChanged.connect(other.setValue)
    other.valueChanged.connect(one.setValue)
