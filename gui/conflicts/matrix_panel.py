"""The left side: the heat map, what its colours mean, hot files, and branches built on others."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from core.domain.conflict import ConflictMatrix, HotFile
from gui.conflicts.facts import BoardFacts, MatrixFacts
from gui.conflicts.file_row import FileRow
from gui.conflicts.heat_model import HeatModel
from gui.conflicts.heat_view import HeatView, Legend
from gui.conflicts.sentences import told_of
from gui.theme.tokens import Space
from gui.widgets.empty_state import EmptyState
from gui.widgets.label import make_label
from gui.widgets.panel import Panel
from gui.widgets.prose import Code, Prose, Word
from gui.widgets.work_line import WorkLine
from gui.wording import listed

MOST_FILES: Final = 5
MOST_LINES: Final = 4
BELOW_SHARE: Final = 0.42


class MatrixPanel(Panel):
    """Shows a matrix, or why there is none, and what is being computed.

    Signals:
        pair_chosen: (row, column) of the cell that is now the current one.
        pair_opened: the pair is to be read.
        file_chosen: (path) a hot file was pressed.
        board_requested: there is nothing to compare yet; the board is where work begins.
    """

    pair_chosen = Signal(int, int)
    pair_opened = Signal()
    file_chosen = Signal(str)
    board_requested = Signal()

    def __init__(self) -> None:
        super().__init__("Who meets whom", " ")
        self.model = HeatModel(self)
        self.view = HeatView(self.model)
        self.work = WorkLine("Computing who meets whom")
        self.view.pair_chosen.connect(self.pair_chosen)
        self.view.pair_opened.connect(self.pair_opened)
        self._shown_hot: object = None
        self._waiting_in: Callable[[str], tuple[str, ...]] = lambda _path: ()
        self._files = QVBoxLayout()
        self._files.setSpacing(0)
        self._stacks = QVBoxLayout()
        self._stacks.setSpacing(Space.XS)
        self._notes = QVBoxLayout()
        self._notes.setSpacing(Space.XS)
        self._warned = QVBoxLayout()
        self._warned.setSpacing(Space.XS)
        self._warned_title = make_label("Not declared", role="strong")
        self._files_title = make_label("Hot files", role="strong")
        self._stacks_title = make_label("Built on each other", role="strong")
        self.empty = EmptyState("conflicts", "", "Go to the board", self.board_requested.emit)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._matrix_widget())
        self._stack.addWidget(self.empty)
        self.body.setContentsMargins(Space.S, 0, Space.S, Space.L)  # rows of files reach further
        self.body.addWidget(self._stack, 1)
        self.body.addLayout(_inset(self.work))  # below: no cell moves when it comes and goes
        self.show_waiting()

    def show_waiting(self) -> None:
        """Show that nothing is known yet."""
        self._say("Looking at every branch …", offers_board=False)

    def show_problem(self, sentence: str) -> None:
        """Show why nothing is known."""
        self._say(sentence, offers_board=False)

    def show_facts(self, facts: MatrixFacts, board: BoardFacts) -> None:
        """Show a matrix; one without branches is an empty state."""
        self.model.show_facts(facts, board)
        self.show_age(facts)
        if not facts.tasks:
            self._say(
                "No branches yet. As soon as a task is claimed, its work is checked against"
                " everybody else's.",
                offers_board=True,
            )
            return
        self._stack.setCurrentIndex(0)
        self._show_files(facts)
        self._show_stacks(facts)
        self._show_notes(facts)
        self._show_warned(board)
        self._below.fit_soon(self.height())

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._below.fit_soon(self.height())

    def show_forecast(
        self, facts: MatrixFacts, waiting_in: Callable[[str], tuple[str, ...]]
    ) -> None:
        """Name in hot files also the tasks of the backlog that will change them."""
        self._waiting_in = waiting_in
        self._show_files(facts)

    def show_age(self, facts: MatrixFacts) -> None:
        """Say how the matrix came about, and leave all else as it is."""
        self.set_caption(_caption(facts.matrix))

    def sentence(self) -> str:
        """Return what stands in place of the matrix, or empty when it is shown."""
        return self.empty.sentence() if self._stack.currentWidget() is self.empty else ""

    def _matrix_widget(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(_inset(self.view), 1000)
        column.addSpacing(Space.S)
        column.addLayout(_inset(Legend()))
        self._below = _Below(self._below_widget())
        column.addWidget(self._below, 1)
        return whole

    def _below_widget(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._notes)
        column.addSpacing(Space.M)
        column.addLayout(_inset(self._warned_title))
        column.addSpacing(Space.XS)
        column.addLayout(self._warned)
        column.addSpacing(Space.M)
        column.addLayout(_inset(self._files_title))
        column.addSpacing(Space.XS)
        column.addLayout(self._files)
        column.addSpacing(Space.L)
        column.addLayout(_inset(self._stacks_title))
        column.addSpacing(Space.XS)
        column.addLayout(self._stacks)
        column.addStretch(1)
        return whole

    def _say(self, sentence: str, *, offers_board: bool) -> None:
        self.empty.set_sentence(sentence)
        if self.empty.button is not None:
            self.empty.button.setVisible(offers_board)
        self._stack.setCurrentWidget(self.empty)

    def _show_files(self, facts: MatrixFacts) -> None:
        hot = facts.matrix.hot_files
        rows = tuple(_hot_row(file, facts, self._waiting_in(file.path)) for file in hot)
        shown = rows, bool(facts.collisions)
        if shown == self._shown_hot:
            return  # else the row under the mouse would go
        self._shown_hot = shown
        _clear(self._files)
        if not hot:
            sentence = "Nobody collides." if not facts.collisions else "No file with several tasks."
            self._files_title.hide()
            self._files.addLayout(_inset(make_label(sentence, role="muted")))
            return
        self._files_title.show()
        for path, who, spoken in rows[:MOST_FILES]:
            row = FileRow(path, who, spoken)
            row.clicked.connect(lambda _checked=False, path=path: self.file_chosen.emit(path))
            self._files.addWidget(row)
        _add_more(self._files, [file.path for file in hot], MOST_FILES)

    def _show_stacks(self, facts: MatrixFacts) -> None:
        _clear(self._stacks)
        stacked = [branch for branch in facts.branches if branch.depends_on]
        self._stacks_title.setVisible(bool(stacked))
        for branch in stacked[:MOST_LINES]:
            words = _stack_words(branch.task, branch.depends_on, facts)
            self._stacks.addLayout(_inset(Prose(words)))
        _add_more(self._stacks, [branch.task for branch in stacked], MOST_LINES)

    def _show_notes(self, facts: MatrixFacts) -> None:
        _clear(self._notes)
        odd = [branch for branch in facts.branches if branch.problem or branch.resolving]
        for branch in odd[:MOST_LINES]:
            why = branch.problem or "is resolving a merge, so only its commits were looked at."
            said = f": {why}" if branch.problem else f" {why}"
            self._notes.addLayout(_inset(Prose((Code(branch.task), said))))
        _add_more(self._notes, [branch.task for branch in odd], MOST_LINES)

    def _show_warned(self, board: BoardFacts) -> None:
        """Show who changes what it did not declare, long before anything is merged."""
        _clear(self._warned)
        self._warned_title.setVisible(bool(board.warnings))
        for one in board.warnings[:MOST_LINES]:
            self._warned.addLayout(_inset(Prose((Code(one.task), f": {one.sentence}"))))
        _add_more(self._warned, told_of(board.warnings), MOST_LINES)


class _Below(QScrollArea):
    """What stands below the matrix; it scrolls where the matrix needs the room."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = content
        self._room = 0
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._fit)
        self.setWidget(content)

    def fit_soon(self, room: int) -> None:
        """Claim what is needed of *room*, up to a share, when what is new in it is shown."""
        self._room = room
        self._timer.start()

    def _fit(self) -> None:
        wanted = self._content.heightForWidth(max(1, self.viewport().width()))
        self.setMinimumHeight(min(max(0, wanted), int(self._room * BELOW_SHARE)))


def _caption(matrix: ConflictMatrix) -> str:
    dirty = any(branch.dirty for branch in matrix.branches)
    parts = ["files in conflict if both land"]
    if dirty:
        parts.append("with uncommitted work")
    took = matrix.took_ms + matrix.snapshot_ms
    parts.append("nothing has changed" if matrix.cached else _milliseconds(took))
    return " · ".join(parts) if matrix.branches else ""


def _milliseconds(took: float) -> str:
    return f"{took / 1000:.1f} s" if took >= 1000 else f"{max(1, round(took))} ms"


def _hot_row(file: HotFile, facts: MatrixFacts, waiting: Sequence[str]) -> tuple[str, str, str]:
    """Return a file, who collides in it or will come to it, and the same in full."""
    short = [facts.label(task) for task in file.tasks]
    if waiting:
        short.append(f"{listed([facts.short(task) for task in waiting], most=2)} (backlog)")
    full = ", ".join([*file.tasks, *(f"{task} (backlog)" for task in waiting)])
    return file.path, ", ".join(short), f"{file.path}: {full}"


def _stack_words(task: str, below: Sequence[str], facts: MatrixFacts) -> tuple[Word, ...]:
    first = listed([facts.label(one) for one in below])
    return Code(task), " holds commits of ", Code(listed(below)), f": land {first} first"


def _inset(content: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(Space.S, 0, Space.S, 0)
    row.addWidget(content)
    return row


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        elif (inner := item.layout()) is not None:
            _clear(inner)
            inner.deleteLater()


def _add_more(layout: QVBoxLayout, every: Sequence[str], shown: int) -> None:
    rest = every[shown:]
    if rest:
        label = make_label(f"and {len(rest)} more", role="meta")
        label.setToolTip("\n".join(rest))
        layout.addLayout(_inset(label))
