"""A run as it can be read: who, on what, in which state, and everything that was said."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from typing_extensions import override

from core.domain.run import LIVE, Run, RunStatus
from core.engine.runs import transcript
from core.engine.tasks import task_show
from gui.async_slots import start
from gui.durations import stopwatch, utc_now
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space
from gui.widgets.avatar import Avatar
from gui.widgets.button import ButtonKind, IconButton, make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.panel import make_rule
from gui.widgets.pill import Pill
from gui.widgets.search_field import SearchField
from gui.widgets.segmented import Segmented
from gui.workers.talk import Talk
from gui.workers.transcript_text import KEPT, Shown, TranscriptText

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent

    from core.domain.overview import BoardView
    from core.domain.transcript import TranscriptLine
    from gui.engine_client import Client
    from gui.navigation import Navigation
    from gui.widgets.message_bar import MessageBar
    from gui.workers.actions import WorkerActions

SHORTEST_S: Final = 0.1
"""At most ten looks a second."""
LONGEST_S: Final = 0.8
PAGE: Final = 500
WIDTH: Final = 720


class TranscriptPanel(QWidget):
    """Follows the transcript of one run while it is in sight."""

    def __init__(
        self,
        client: Client,
        message_bar: MessageBar,
        navigation: Navigation,
        actions: WorkerActions,
        run: Run,
    ) -> None:
        super().__init__()
        self.message_bar = message_bar
        self.run = run
        self._client = client
        self._navigation = navigation
        self._actions = actions
        self._offset = 0
        self._reading: asyncio.Task[None] | None = None
        self.text = TranscriptText(f"Transcript of {run.worker} on {run.task}")
        self._build()
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self._show_facts)
        self.show_run(run)

    def show_board(self, view: BoardView) -> None:
        """Follow the state of the run."""
        asked = (question for question in view.questions if question.run == self.run.id)
        self.talk.show_question(next(asked, None))
        found = next((run for run in view.runs if run.id == self.run.id), None)
        if found is not None:
            self.show_run(found)
        elif self.run.status in LIVE:
            start(self, "Read the run", self._read_run())

    def show_run(self, run: Run) -> None:
        """Show the state of the run, and the buttons that it allows."""
        self.run = run
        self._pill.show_state(run.status.value)
        live = run.status in LIVE
        paused = run.status is RunStatus.PAUSED
        self.pause.setText("Resume" if paused else "Pause")
        self.pause.set_icon("play" if paused else "pause")
        self.pause.setVisible(live)
        self.abort.setVisible(live)
        self.talk.show_run(run)
        self._show_facts()

    def is_at_rest(self) -> bool:
        """Return whether nothing more is asked: out of sight, or read to the end of the run."""
        return self._reading is None or self._reading.done()

    def reason(self) -> str:
        """Return why the run failed, as it is shown."""
        return self._reason.text()

    def find_next(self, *, backwards: bool = False) -> None:
        """Go to the next place of what is searched for."""
        found = self.text.find_text(self.search.text(), backwards=backwards)
        set_look(self.search, invalid=bool(self.search.text()) and not found)

    def copy_all(self) -> None:
        """Copy what is selected, or all."""
        selected = self.text.textCursor().selectedText().replace("\u2029", "\n")
        QGuiApplication.clipboard().setText(selected or self.text.toPlainText())
        self.message_bar.show_message("Copied the selection" if selected else "Copied all lines")

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        if self._reading is None:
            self._reading = start(self, "Read the transcript", self._follow())
            self.destroyed.connect(self._reading.cancel)  # then no hideEvent comes

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_End:
            self.text.go_to_end()
            return
        super().keyPressEvent(event)

    async def _follow(self) -> None:
        await self._catch_up()
        pause = SHORTEST_S
        while True:
            was_live = self.run.status in LIVE
            page = await self._client.do(transcript, self.run.id, offset=self._offset, limit=PAGE)
            self._offset = page.next_offset
            if page.lines:
                self.text.add(page.lines)
                pause = SHORTEST_S
            elif not was_live:
                return
            else:
                pause = min(LONGEST_S, pause * 1.5)
            self._empty.setVisible(self.text.document().isEmpty())
            await asyncio.sleep(pause)

    async def _catch_up(self) -> None:
        """Read what is there already and show its end, in one go."""
        kept: deque[TranscriptLine] = deque(maxlen=KEPT)
        while True:
            page = await self._client.do(transcript, self.run.id, offset=self._offset, limit=PAGE)
            self._offset = page.next_offset
            kept.extend(page.lines)
            if len(page.lines) < PAGE:
                break
        lines = list(kept)
        for first in range(0, len(lines), PAGE):
            if first:
                await asyncio.sleep(0)  # a part in each round of events
            self.text.add(lines[first : first + PAGE])
        self.text.go_to_end()  # with the last part: who scrolls up later stays there
        self._empty.setVisible(not lines)

    async def _read_run(self) -> None:
        details = await self._client.do(task_show, self.run.task)
        for run in details.runs:
            if run.id == self.run.id:
                self.show_run(run)

    def _show_facts(self) -> None:
        run = self.run
        end = run.ended_at or utc_now()
        facts = [run.agent, stopwatch(end - run.started_at)]
        if run.model:
            facts.insert(1, run.model)
        if run.permissions != "watched":
            facts.append(run.permissions)
        if run.plan_total:
            facts.append(f"{run.plan_done} of {run.plan_total} steps")
        if run.cost_usd is not None:
            facts.append(f"${run.cost_usd:.2f}")
        if run.input_tokens is not None:
            facts.append(f"{run.input_tokens:,} tokens in, {run.output_tokens or 0:,} out")
        if run.exit_code is not None:
            facts.append(f"exit status {run.exit_code}")
        self._facts.setText(" · ".join(facts))
        self._reason.setText(run.reason)
        self._reason.setVisible(bool(run.reason))

    def _build(self) -> None:
        self.talk = Talk(self._actions, self.run)
        self._pill = Pill()
        self._facts = ElidedLabel(role="meta")
        self._reason = make_label("", role="muted")
        self._reason.setWordWrap(True)
        self._empty = make_label("Nothing has been said yet.", role="muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setFixedHeight(60)
        self._empty.hide()
        self.pause = make_button("Pause", icon="pause", small=True, on_click=self._on_pause)
        self.abort = make_button("Abort", icon="stop", small=True, on_click=self._on_abort)
        self.task = make_button(
            self.run.task,
            ButtonKind.GHOST,
            small=True,
            on_click=lambda: self._navigation.task_asked.emit(self.run.task),
        )
        self.task.setToolTip("Open the task")
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addLayout(self._head())
        stack.addWidget(make_rule())
        stack.addLayout(self._tools())
        stack.addWidget(make_rule())
        stack.addWidget(self._empty)
        stack.addWidget(self.text, 1)
        stack.addWidget(self.talk)
        self.setFocusProxy(self.text)

    def _head(self) -> QVBoxLayout:
        who = QHBoxLayout()
        who.setSpacing(Space.S)
        who.addWidget(Avatar(self.run.worker, is_agent=True))
        who.addWidget(make_label(self.run.worker, role="strong"))
        who.addWidget(self.task)
        who.addWidget(self._pill)
        who.addStretch()
        folder = IconButton("folder", "Open the worktree")
        folder.clicked.connect(lambda: self._actions.open_folder(self.run.task))
        terminal = IconButton("terminal", "Open a terminal in the worktree")
        terminal.clicked.connect(lambda: self._actions.open_folder(self.run.task, terminal=True))
        who.addWidget(folder)
        who.addWidget(terminal)
        who.addWidget(self.pause)
        who.addWidget(self.abort)
        head = QVBoxLayout()
        head.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        head.setSpacing(Space.XS)
        head.addLayout(who)
        head.addWidget(self._facts)
        head.addWidget(self._reason)
        return head

    def _tools(self) -> QHBoxLayout:
        self.search = SearchField("Search the transcript")
        set_look(self.search, small=True)
        self.search.returnPressed.connect(self.find_next)
        self.search.textChanged.connect(lambda _text: set_look(self.search, invalid=False))
        QShortcut(QKeySequence.StandardKey.Find, self).activated.connect(self.search.setFocus)
        tools = QHBoxLayout()
        tools.setContentsMargins(Space.L, Space.S, Space.M, Space.S)
        tools.setSpacing(Space.XS)
        tools.addWidget(self.search, 1)
        self.shown = Segmented("Lines that are shown", [shown.value for shown in Shown])
        self.shown.chosen.connect(lambda place: self.text.show_only(list(Shown)[place]))
        tools.addWidget(self.shown)
        for icon, name, act in (
            ("chevron-up", "Previous match", lambda: self.find_next(backwards=True)),
            ("chevron-down", "Next match", self.find_next),
            ("copy", "Copy", self.copy_all),
            ("arrow-right", "Go to the end and follow", self.text.go_to_end),
        ):
            button = IconButton(icon, name)
            button.clicked.connect(lambda _=False, act=act: act())
            tools.addWidget(button)
        return tools

    def _on_pause(self) -> None:
        self._actions.act(self.run.worker, self.pause.text())

    def _on_abort(self) -> None:
        self._actions.act(self.run.worker, "Abort")
