"""The bar on top: where the window is, the search, how much is running, and two buttons."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy

from gui.navigation import Place
from gui.theme.fonts import TextStyle, metrics
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Height, Space
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.search_field import SearchField
from gui.widgets.segmented import Segmented

SEARCH_WIDTH = 280


class TopBar(QFrame):
    """Title, search, facts, and what concerns all of the board.

    Signals:
        search_asked: the search was pressed.
        pause_all_asked: every run shall pause.
        resume_all_asked: every paused run shall go on.
        new_task_asked: somebody wants to add a task.
        dispatch_asked: (widget) the dispatcher's menu, below that widget.
        dependencies_asked: (shown) the board by what waits for what, or in columns.
    """

    search_asked = Signal()
    pause_all_asked = Signal()
    resume_all_asked = Signal()
    new_task_asked = Signal()
    dependencies_asked = Signal(bool)
    dispatch_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        set_look(self, surface="bar")
        self.setFixedHeight(Height.BAR)
        self._title = make_label("Board", role="title")
        self.search = SearchField("Search tasks, workers, actions", "Ctrl+K", opens_only=True)
        self.search.setMaximumWidth(SEARCH_WIDTH)
        self.search.setMinimumWidth(140)
        self.search.opened.connect(self.search_asked)
        self._facts = ElidedLabel(role="meta")
        self._facts.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.dispatch = make_button(
            "you assign", ButtonKind.GHOST, "chevron-down", small=True, on_click=self._on_dispatch
        )
        self.dispatch.setToolTip("Who gives tasks to idle agents")
        self.dispatch.setAccessibleName("Dispatcher: you assign")
        self.pause_all = make_button("Pause all", icon="pause", on_click=self._on_pause_all)
        self.new_task = make_button(
            "Task", ButtonKind.PRIMARY, "plus", on_click=self.new_task_asked.emit
        )
        self.new_task.setAccessibleName("+ Task")
        self.new_task.setToolTip("New task (N)")
        self.views = Segmented("Board as", ["Columns", "Dependencies"])
        self.views.chosen.connect(lambda place: self.dependencies_asked.emit(place == 1))
        widest = max(metrics(TextStyle.TITLE).horizontalAdvance(place.value) for place in Place)
        self._title.setMinimumWidth(widest + 2)  # the search stays where it is on every page
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.M)
        row.addWidget(self._title)
        row.addWidget(self.search, 1)
        row.addWidget(self.views)
        row.addStretch(1)
        row.addWidget(self.dispatch)
        row.addWidget(self._facts)
        row.addWidget(self.pause_all)
        row.addWidget(self.new_task)

    def show_title(self, title: str) -> None:
        """Say where the window is."""
        self._title.setText(title)
        self.views.setVisible(title == Place.BOARD.value and self.search.isVisibleTo(self))

    def title(self) -> str:
        """Return what is said."""
        return self._title.text()

    def show_dispatch(self, words: str) -> None:
        """Say who gives out tasks."""
        self.dispatch.setText(words)
        self.dispatch.setAccessibleName(f"Dispatcher: {words}")

    def show_facts(
        self, running: int, limit: int, free_memory_mb: int, *, all_paused: bool = False
    ) -> None:
        """Say how many runs are under way of how many allowed, and what memory is free.

        While *all_paused* the button lets them go on.
        """
        self.pause_all.setText("Resume all" if all_paused else "Pause all")
        self.pause_all.set_icon("play" if all_paused else "pause")
        memory = f"{free_memory_mb / 1024:.1f} GB free"
        self._facts.setText(f"{running} of {limit} running · {memory}")
        self._facts.setAccessibleName(self._facts.text())
        self.pause_all.setEnabled(running > 0)

    def _on_dispatch(self) -> None:
        self.dispatch_asked.emit(self.dispatch)

    def _on_pause_all(self) -> None:
        resumes = self.pause_all.text() == "Resume all"
        (self.resume_all_asked if resumes else self.pause_all_asked).emit()

    def facts(self) -> str:
        """Return what is said about the machine."""
        return self._facts.text()

    def show_work(self, visible: bool) -> None:
        """Show what belongs to a repository, or hide it while there is none."""
        for widget in (self.search, self.dispatch, self._facts, self.pause_all, self.new_task):
            widget.setVisible(visible)
        self.views.setVisible(visible and self.title() == Place.BOARD.value)
