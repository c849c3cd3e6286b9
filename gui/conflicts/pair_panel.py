"""The chosen pair: its files as tabs, each hunk side by side, what it costs, and the cures."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.domain.conflict import FileSides
from gui.conflicts.cost import Cost
from gui.conflicts.facts import Meeting
from gui.conflicts.hunk_lines import columns_of
from gui.conflicts.pair_head import PairHead
from gui.conflicts.sides_view import SidesView
from gui.conflicts.words import hunk_words, kind_words
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Height, Space, Tone
from gui.widgets.button import IconButton
from gui.widgets.empty_state import EmptyState
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.panel import make_rule
from gui.widgets.prose import Prose, Strong
from gui.wording import listed

FOOTER = (
    "Verdicts are git's own merges of snapshots."
    " Your index, branches and worktrees are not touched."
)


class PairPanel(QFrame):
    """Shows one meeting. It asks for the sides of a file and for cures; it does neither itself.

    Signals:
        sides_wanted: (path) a tab was chosen; answer with `show_sides`.
        cure_requested: (Cure) the person chose a way out.
        task_requested: (key) open a task.
    """

    sides_wanted = Signal(str)
    cure_requested = Signal(object)
    task_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        set_look(self, surface="sheet")
        self.setAccessibleName("Chosen pair")
        self._meeting: Meeting | None = None
        self._sides: FileSides | None = None
        self._hunk = 0
        self.head = PairHead()
        self.head.cure_requested.connect(self.cure_requested)
        self._build_files()
        self._nothing = EmptyState("conflicts", "")
        self._clean = EmptyState("check", "")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._files)
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._clean)
        self._footer = make_label(FOOTER, role="meta")
        self._footer.setWordWrap(True)
        # A layout's margins, not the label's: the style sheet takes those of a label away.
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.L, Space.S + 1, Space.L, Space.S + 1)
        foot.addWidget(self._footer)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self.warned = make_label("", role="text", tone=Tone.WARN)
        self.warned.setWordWrap(True)
        self.warned.setAccessibleName("Not declared")
        self._warned = QWidget()
        around = QHBoxLayout(self._warned)
        around.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        around.addWidget(self.warned)
        self._warned.hide()
        column.addWidget(self.head)
        column.addWidget(make_rule())
        column.addWidget(self._warned)
        column.addWidget(self._stack, 1)
        column.addWidget(make_rule())
        column.addLayout(foot)
        for keys, step in (("Ctrl+Down", 1), ("Ctrl+Up", -1)):
            key = QShortcut(QKeySequence(keys), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(lambda step=step: self.step_hunk(step))

    def show_nothing(self, sentence: str, title: str = "", *, is_good: bool = False) -> None:
        """Show a sentence in place of a pair; *is_good* says that all is well."""
        self._meeting, self._sides = None, None
        self.head.show_title(title)
        self.show_warned(())
        self._say(sentence, is_good=is_good)

    def show_meeting(
        self, meeting: Meeting, captions: tuple[str, str], base: str = "the base"
    ) -> None:
        """Show a pair; of a conflict a file's sides are asked for.

        The pair that is shown already keeps its file and its hunk.
        """
        again = self._meeting is not None and self._meeting.pair == meeting.pair
        self._meeting = meeting
        self.head.show_meeting(meeting)
        if not meeting.conflict:
            self._sides = None
            self._say(_why_clean(meeting, base), is_good=not (meeting.problem or meeting.first))
            return
        self._stack.setCurrentWidget(self._files)
        self._view.a.show_owner(captions[0], meeting.a)
        self._view.b.show_owner(captions[1], meeting.b_task)
        self._view.name_sides(meeting.a, meeting.b)
        self._show_tabs(meeting, keep=self.path() if again else "")

    def show_warned(self, sentences: Sequence[str]) -> None:
        """Show what the two change past their declarations, however the merge comes out."""
        self.warned.setText("\n".join(sentences))
        self._warned.setVisible(bool(sentences))

    def show_cost(self, cost: Cost) -> None:
        """Show what the conflict costs."""
        self._cost.show_words((Strong("What it costs."), *cost.words))

    def show_sides(self, sides: FileSides) -> None:
        """Show both versions of the file of the current tab."""
        if sides.path != self.path():
            return  # another tab was chosen meanwhile
        self._sides = sides
        self._hunk = min(self._hunk, max(0, len(sides.hunks) - 1))
        self._show_hunk()

    def show_sides_missing(self, sentence: str) -> None:
        """Say why the versions cannot be shown."""
        self._sides = None
        self._say(sentence)

    def meeting(self) -> Meeting | None:
        """Return the pair shown."""
        return self._meeting

    def path(self) -> str:
        """Return the path of the current tab, or empty."""
        data = self._tabs.tabData(self._tabs.currentIndex())
        return str(data) if data else ""

    def sentence(self) -> str:
        """Return what stands in place of a conflict, or empty."""
        place = self._stack.currentWidget()
        return place.sentence() if isinstance(place, EmptyState) else ""

    def hunk_text(self) -> str:
        """Return what the line above the versions says."""
        return self._hunk_label.text()

    def choose_path(self, path: str) -> None:
        """Choose the tab of *path*, if there is one."""
        for index in range(self._tabs.count()):
            if self._tabs.tabData(index) == path:
                self._tabs.setCurrentIndex(index)

    def take_focus(self) -> None:
        """Put the keyboard where a conflict is read."""
        target = self._tabs if self._stack.currentWidget() is self._files else self._stack
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def step_hunk(self, step: int) -> None:
        """Go to the next hunk or the one before; past the last one to the next file."""
        if self._sides is None:
            return
        wanted = self._hunk + step
        if 0 <= wanted < len(self._sides.hunks):
            self._hunk = wanted
            self._show_hunk()
        elif 0 <= self._tabs.currentIndex() + step < self._tabs.count():
            self._tabs.setCurrentIndex(self._tabs.currentIndex() + step)

    def _say(self, sentence: str, *, is_good: bool = False) -> None:
        place = self._clean if is_good else self._nothing
        place.set_sentence(sentence)
        self._stack.setCurrentWidget(place)

    def _build_files(self) -> None:
        self._tabs = QTabBar()
        set_look(self._tabs, mono=True)
        self._tabs.setAccessibleName("Files in conflict")
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)  # a path cut short says nothing
        self._tabs.setUsesScrollButtons(True)
        self._tabs.setExpanding(False)
        self._tabs.currentChanged.connect(self._on_tab)
        self._hunk_label = ElidedLabel(role="meta")
        self._back = IconButton("chevron-up", "Hunk before (Ctrl+Up)")
        self._next = IconButton("chevron-down", "Next hunk (Ctrl+Down)")
        self._back.clicked.connect(lambda: self.step_hunk(-1))
        self._next.clicked.connect(lambda: self.step_hunk(1))
        hunk_row = QWidget()
        hunk_row.setFixedHeight(Height.CONTROL + 2)
        row = QHBoxLayout(hunk_row)
        row.setContentsMargins(Space.L, 0, Space.S, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self._hunk_label, 1)
        row.addWidget(self._back)
        row.addWidget(self._next)
        self._view = SidesView()
        self._view.a.open_requested.connect(self._open_a)
        self._view.b.open_requested.connect(self._open_b)
        self._cost = Prose()
        self._cost.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        self._files = QWidget()
        column = QVBoxLayout(self._files)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tabs)
        column.addWidget(make_rule())
        column.addWidget(hunk_row)
        column.addWidget(make_rule())
        column.addWidget(self._view, 1000)
        column.addWidget(make_rule())
        column.addWidget(self._cost)
        column.addStretch(1)

    def _show_tabs(self, meeting: Meeting, keep: str) -> None:
        paths = [file.path for file in meeting.files]
        wanted = paths.index(keep) if keep in paths else 0
        with QSignalBlocker(self._tabs):
            if paths != [self._tabs.tabData(index) for index in range(self._tabs.count())]:
                while self._tabs.count():
                    self._tabs.removeTab(0)
                for path in paths:
                    self._tabs.setTabData(self._tabs.addTab(path), path)
            for index, file in enumerate(meeting.files):
                self._tabs.setTabText(index, f"{file.path} {kind_words(file)}")
                self._tabs.setTabToolTip(index, file.path)
            self._tabs.setCurrentIndex(wanted)
        if keep in paths:
            self.sides_wanted.emit(keep)
        else:
            self._on_tab(wanted)

    def _on_tab(self, index: int) -> None:
        if index >= 0:
            self._hunk = 0
            self._sides = None
            self._hunk_label.setText("Reading both versions …")
            self._back.setEnabled(False)
            self._next.setEnabled(False)
            self.sides_wanted.emit(self.path())

    def _show_hunk(self) -> None:
        sides, meeting = self._sides, self._meeting
        if sides is None or meeting is None:
            return
        count = len(sides.hunks)
        if count:
            said = hunk_words(sides, sides.hunks[self._hunk], meeting.a, meeting.b)
            self._hunk_label.setText(f"Hunk {self._hunk + 1} of {count} · {said}")
        else:
            self._hunk_label.setText(_whole_words(sides, meeting))
        self._back.setEnabled(self._hunk > 0 or self._tabs.currentIndex() > 0)
        is_last_tab = self._tabs.currentIndex() == self._tabs.count() - 1
        self._next.setEnabled(self._hunk + 1 < count or not is_last_tab)
        self._stack.setCurrentWidget(self._files)
        missing = (_missing(meeting.a, sides), _missing(meeting.b, sides))
        self._view.show_columns(columns_of(sides, self._hunk), sides.path, missing)

    def _open_a(self) -> None:
        if self._meeting is not None:
            self.task_requested.emit(self._meeting.a)

    def _open_b(self) -> None:
        if self._meeting is not None and self._meeting.b_task is not None:
            self.task_requested.emit(self._meeting.b_task)


def _why_clean(meeting: Meeting, base: str) -> str:
    if meeting.problem:
        return meeting.problem
    if meeting.first:
        where, who = listed(meeting.first, most=4), listed(meeting.first_by)
        does = "collides" if len(meeting.first_by) == 1 else "collide"
        return (
            f"Both touch {where}, where {who} {does} with {base} already."
            " The two are compared there once that is resolved."
        )
    if not meeting.overlap:
        if meeting.with_base:
            return f"{meeting.a} lands on {meeting.b} cleanly, as it is."
        return "They land together cleanly: no file in common."
    shown = listed(meeting.overlap, most=4)
    return f"Both touch {shown}, in different places: git merges them by itself."


def _missing(who: str, sides: FileSides) -> str:
    if "delete" in sides.kind:
        return f"{who} deleted {sides.path}."
    return f"Of {who} there is no text to show ({sides.kind})."


def _whole_words(sides: FileSides, meeting: Meeting) -> str:
    if sides.a is None and sides.b is not None:
        return f"{meeting.a} deleted what {meeting.b} changed"
    if sides.b is None and sides.a is not None:
        return f"{meeting.b} deleted what {meeting.a} changed"
    return f"{sides.kind}: the whole file, as it is on each side"
