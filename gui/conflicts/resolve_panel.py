"""A conflict being resolved: hunk by hunk, left, right, both or one's own words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from core.domain.resolution import Decision, Take
from gui.conflicts.choice_bar import ChoiceBar
from gui.conflicts.outcome_view import OutcomeView
from gui.conflicts.resolve_lines import columns_at, missing_words, place_words
from gui.conflicts.sides_view import SidesView
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Height, Space, Tone
from gui.widgets.button import ButtonKind, IconButton, make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.panel import TITLE_ROW, make_rule
from gui.widgets.progress_line import ProgressLine
from gui.widgets.work_line import WorkLine

if TYPE_CHECKING:
    from core.domain.conflict import FileSides
    from gui.conflicts.resolution import Place, Resolution


class ResolvePanel(QFrame):
    """Shows a resolution and takes the person's decisions; it commits nothing itself.

    Signals:
        sides_wanted: (path) another file is shown; `show_sides` gives it its surroundings.
        commit_wanted: every place is decided and the person wants the commit.
        tool_wanted: the person wants the merge tool instead.
        closed: back to the pair; what was decided is kept.
    """

    sides_wanted = Signal(str)
    commit_wanted = Signal()
    tool_wanted = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_look(self, surface="sheet")
        self.setAccessibleName("Resolve")
        self._resolution: Resolution | None = None
        self._place: Place | None = None
        self._sides: FileSides | None = None
        self._is_busy = False
        self._build()
        self._shortcuts()

    def show_resolution(self, resolution: Resolution) -> None:
        """Begin at the first place that is not decided."""
        self._resolution = resolution
        opened = resolution.dispute
        self._title.setText(f"{opened.right_name} into {opened.task}")
        self.show_uncommitted(is_dirty=False)
        self.commit.setText("Commit to the branch")
        self.commit.setAccessibleName(f"Commit to {opened.branch}")
        self.commit.setToolTip(
            f"One commit on {opened.branch}, never on {opened.base} (Ctrl+Enter)"
        )
        self.choices.name_sides(opened.task, opened.right_name)
        self._view.name_sides(opened.task, opened.right_name)
        self._view.a.show_owner(f"{opened.task} · {opened.head[:7]}", None)
        self._view.b.show_owner(f"{opened.right_name} · {opened.other_head[:7]}", None)
        self._sides = None
        self._show_tabs()
        first = resolution.places[0]
        start = first if resolution.decision(first) is None else resolution.next_open(first)
        self.go(start, anew=True)

    def show_sides(self, sides: FileSides) -> None:
        """Take the whole files around the hunks of the path that is shown."""
        if self.path() == sides.path:
            self._sides = sides
            self._show_place()

    def show_uncommitted(self, *, is_dirty: bool) -> None:
        """Warn that the branch that pays has uncommitted work, which the commit will not pass."""
        if self._resolution is None:
            return
        opened = self._resolution.dispute
        said = opened.note or f"The commit goes on {opened.branch}."
        if is_dirty:
            said = f"{opened.task} has uncommitted work: commit it before you commit this."
        self._note.setText(said)
        set_look(self._note, role="meta", tone=Tone.WARN.value if is_dirty else "")

    def show_busy(self, *, is_busy: bool) -> None:
        """Take no decision while one commit or the merge tool is under way."""
        self._is_busy = is_busy
        for widget in (self.choices, self.tool, self.outcome, self.close_button):
            widget.setEnabled(not is_busy)
        self._show_progress()

    def resolution(self) -> Resolution | None:
        """Return what is shown."""
        return self._resolution

    def path(self) -> str:
        """Return the file that is shown, or empty."""
        if self._resolution is None or self._place is None:
            return ""
        return self._resolution.file(self._place).path

    def words(self) -> str:
        """Return the line above both versions."""
        return self._where.text()

    def note(self) -> str:
        """Return what should be known before."""
        return self._note.text()

    def progress(self) -> str:
        """Return how far it is, in words."""
        return self._count.text()

    def go(self, place: Place, *, anew: bool = False) -> None:
        """Show a place."""
        before, self._place = self._place, place
        with QSignalBlocker(self._tabs):
            self._tabs.setCurrentIndex(place.file)
        if anew or before is None or before.file != place.file:
            self._sides = None
            self._show_place()
            self.sides_wanted.emit(self.path())
        else:
            self._show_place()

    def step(self, by: int) -> None:
        """Go to the next place or the one before."""
        if self._resolution is not None and self._place is not None:
            self.go(self._resolution.step(self._place, by))

    def decide(self, take: Take) -> None:
        """Decide the place that is shown."""
        resolution, place = self._resolution, self._place
        if resolution is None or place is None or self._is_busy:
            return
        if take not in resolution.takes(place):
            return
        if take is Take.OWN:
            text = resolution.text(place)
            hunk = resolution.hunk(place)
            begin = "\n".join(hunk.a_lines) if text is None and hunk else text or ""
            resolution.decide(place, Decision(take, begin))
        else:
            resolution.decide(place, Decision(take))
        self._show_place()
        if take is Take.OWN:
            self.outcome.take_focus()

    def take_focus(self) -> None:
        """Put the keyboard where a choice is made."""
        self.choices.take_focus()

    # Building

    def _build(self) -> None:
        self._view = SidesView()
        self.choices = ChoiceBar()
        self.choices.taken.connect(self.decide)
        self.outcome = OutcomeView()
        self.outcome.edited.connect(self._on_edited)
        self.work = WorkLine("Resolve", can_cancel=False)
        self._tabs = QTabBar()
        set_look(self._tabs, mono=True)
        self._tabs.setAccessibleName("Files to resolve")
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self._tabs.setExpanding(False)
        self._tabs.currentChanged.connect(self._on_tab)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self._head())
        self._line = ProgressLine("Decided")
        column.addWidget(self._line)
        column.addWidget(self._tabs)
        column.addWidget(make_rule())
        column.addWidget(self._where_row())
        column.addWidget(self.choices)  # above what grows and shrinks: it stays under the pointer
        column.addWidget(make_rule())
        column.addWidget(self._view, 1000)
        column.addWidget(make_rule())
        column.addWidget(self.outcome, 600)
        column.addStretch(1)
        column.addWidget(make_rule())
        column.addLayout(self._foot())

    def _head(self) -> QWidget:
        self._title = make_label(role="strong")
        self._note = ElidedLabel(role="meta")
        self.close_button = IconButton("close", "Back to the pair (Esc)")
        self.close_button.clicked.connect(self.closed)
        head = QWidget()
        head.setFixedHeight(TITLE_ROW - 2)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.L, 0, Space.S, 0)
        row.setSpacing(Space.M)
        row.addWidget(self._title)
        row.addWidget(self._note, 1)
        row.addWidget(self.close_button)
        return head

    def _where_row(self) -> QWidget:
        self._where = ElidedLabel(role="meta")
        self._back = IconButton("chevron-up", "Hunk before (Ctrl+Up)")
        self._next = IconButton("chevron-down", "Next hunk (Ctrl+Down)")
        self._back.clicked.connect(lambda: self.step(-1))
        self._next.clicked.connect(lambda: self.step(1))
        whole = QWidget()
        whole.setFixedHeight(Height.CONTROL + 2)
        row = QHBoxLayout(whole)
        row.setContentsMargins(Space.L, 0, Space.S, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self._where, 1)
        row.addWidget(self._back)
        row.addWidget(self._next)
        return whole

    def _foot(self) -> QVBoxLayout:
        self._count = ElidedLabel(role="muted")
        self.tool = make_button("Merge tool", icon="edit", on_click=self.tool_wanted.emit)
        self.tool.setToolTip("Open the whole conflict in the merge tool of your git settings")
        self.commit = make_button("", ButtonKind.PRIMARY, on_click=self._on_commit)
        row = QHBoxLayout()
        row.setSpacing(Space.S)
        row.addWidget(self._count, 1)
        row.addWidget(self.tool)
        row.addWidget(self.commit)
        foot = QVBoxLayout()
        foot.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        foot.setSpacing(Space.S)
        foot.addWidget(self.work)
        foot.addLayout(row)
        return foot

    def _shortcuts(self) -> None:
        takes = ((str(number), partial(self.decide, take)) for number, take in enumerate(Take, 1))
        for keys, act in (
            *takes,
            ("Ctrl+Down", partial(self.step, 1)),
            ("Ctrl+Up", partial(self.step, -1)),
            ("Ctrl+Return", self._on_commit),
            ("Esc", self._on_escape),
        ):
            key = QShortcut(QKeySequence(keys), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(act)

    # Showing

    def _show_tabs(self) -> None:
        assert self._resolution is not None
        with QSignalBlocker(self._tabs):
            while self._tabs.count():
                self._tabs.removeTab(0)
            for file in self._resolution.dispute.files:
                self._tabs.setTabToolTip(self._tabs.addTab(file.path), file.path)

    def _show_place(self) -> None:
        resolution, place = self._resolution, self._place
        if resolution is None or place is None:
            return
        decision = resolution.decision(place)
        file = resolution.file(place)
        self._where.setText(place_words(resolution, place, self._sides))
        self._back.setEnabled(place != resolution.places[0])
        self._next.setEnabled(place != resolution.places[-1])
        columns = columns_at(resolution, place, self._sides)
        missing = tuple(
            missing_words(name, is_there=there)
            for name, there in (
                (resolution.dispute.task, file.left),
                (resolution.dispute.right_name, file.right),
            )
        )
        self._view.show_columns(columns, file.path, (missing[0], missing[1]))
        self.choices.show_choice(resolution.takes(place), decision)
        self.outcome.show_outcome(resolution, place)
        self._show_progress()

    def _show_progress(self) -> None:
        resolution = self._resolution
        if resolution is None:
            return
        count = len(resolution.places)
        self._count.setText(f"{resolution.decided} of {count} decided")
        self._line.set_fraction(resolution.decided / count if count else 0.0)
        self.commit.setEnabled(resolution.is_complete and not self._is_busy)
        for number, file in enumerate(resolution.dispute.files):
            mark = " ✓" if resolution.is_file_decided(number) else ""
            if self._tabs.tabText(number) != file.path + mark:
                self._tabs.setTabText(number, file.path + mark)

    # What the person does

    def _on_tab(self, index: int) -> None:
        resolution = self._resolution
        if resolution is not None and index >= 0:
            self.go(next(place for place in resolution.places if place.file == index))

    def _on_edited(self, text: str) -> None:
        if self._resolution is not None and self._place is not None:
            self._resolution.decide(self._place, Decision(Take.OWN, text))

    def _on_commit(self) -> None:
        if self.commit.isEnabled():
            self.commit_wanted.emit()

    def _on_escape(self) -> None:
        if self.outcome.has_focus():
            self.take_focus()
        elif not self._is_busy:
            self.closed.emit()
