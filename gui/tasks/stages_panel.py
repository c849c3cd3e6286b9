"""The stages of a task: how far each is, what it handed on, and the word that a gate waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.domain.stage import Stage, StageStatus
from core.engine.gates import stage_approve, stage_escalate, stage_reject
from gui.async_slots import async_slot
from gui.tasks.history import empty
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import ButtonKind, IconButton, make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.panel import Panel, make_rule
from gui.widgets.pill import Pill

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

_LOOKS: Final = {
    StageStatus.WAITING: ("Waits", Tone.NEUTRAL, Glyph.RING),
    StageStatus.RUNNING: ("Runs", Tone.OK, Glyph.DOT),
    StageStatus.GATE: ("Asks you", Tone.WAIT, Glyph.ASK),
    StageStatus.DONE: ("Done", Tone.OK, Glyph.CHECK),
    StageStatus.FAILED: ("Failed", Tone.BAD, Glyph.CROSS),
}


class StagesPanel(Panel):
    """One row a stage; below the one at its gate the person's word."""

    def __init__(self, client: Client, message_bar: MessageBar, key: str) -> None:
        super().__init__("Stages", ruled=True)
        self.message_bar = message_bar
        self._client = client
        self._key = key
        self._shown: tuple[Stage, ...] = ()
        self.gate: Gate | None = None
        self.hide()

    def show_stages(self, stages: Sequence[Stage]) -> None:
        """Show *stages*; a half-written word stays while they are the same."""
        if tuple(stages) == self._shown:
            return
        self._shown = tuple(stages)
        self.gate = None
        empty(self)
        for number, stage in enumerate(stages):
            if number:
                self.body.addWidget(make_rule())
            self.body.addWidget(_row(stage))
            if stage.status is StageStatus.GATE:
                self.gate = Gate(stage)
                self.gate.approved.connect(self._approve)
                self.gate.rejected.connect(self._reject)
                self.gate.escalated.connect(self._escalate)
                self.body.addWidget(self.gate)
        self.setVisible(bool(stages))

    @async_slot("Approve the stage")
    async def _approve(self, words: str) -> None:
        stage = await self._client.do(stage_approve, self._key, words)
        self.message_bar.show_message(f"{self._key}: {stage.name} is approved", "", Tone.OK)

    @async_slot("Send the stage back")
    async def _reject(self, words: str) -> None:
        stage = await self._client.do(stage_reject, self._key, words)
        self.message_bar.show_message(f"{self._key}: {stage.name} is done again", words, Tone.WARN)

    @async_slot("Escalate")
    async def _escalate(self, words: str) -> None:
        await self._client.do(stage_escalate, self._key, words)
        self.message_bar.show_message(f"{self._key} waits for a person", words, Tone.WARN)


class Gate(QWidget):
    """Approve, send back with words, or escalate.

    Signals:
        approved: (words) go on.
        rejected: (words) do the stage again, with these words.
        escalated: (words) leave it to a person.
    """

    approved = Signal(str)
    rejected = Signal(str)
    escalated = Signal(str)

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.words = QLineEdit()
        self.words.setAccessibleName(f"Words on {stage.name}")
        self.words.setPlaceholderText("Words for the next run; needed to send it back")
        self.words.textChanged.connect(lambda _text: set_look(self.words, invalid=False))
        self.approve = make_button(
            "Approve", ButtonKind.PRIMARY, "check", small=True, on_click=self._on_approve
        )
        self.reject = make_button("Send back", icon="undo", small=True, on_click=self._on_reject)
        self.escalate = make_button(
            "Escalate", ButtonKind.GHOST, small=True, on_click=self._on_escalate
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        for button in (self.approve, self.reject, self.escalate):
            buttons.addWidget(button)
        buttons.addStretch()
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.L, 0, Space.L, Space.M)
        stack.setSpacing(Space.S)
        stack.addWidget(self.words)
        stack.addLayout(buttons)

    def _on_approve(self) -> None:
        self.approved.emit(self.words.text().strip())

    def _on_reject(self) -> None:
        words = self.words.text().strip()
        if words:
            self.rejected.emit(words)
        else:
            set_look(self.words, invalid=True)
            self.words.setFocus()

    def _on_escalate(self) -> None:
        self.escalated.emit(self.words.text().strip())


def _row(stage: Stage) -> QWidget:
    row = QWidget()
    row.setFixedHeight(38)
    cells = QHBoxLayout(row)
    cells.setContentsMargins(Space.L, 0, Space.M, 0)
    cells.setSpacing(Space.S)
    word, tone, glyph = _LOOKS[stage.status]
    cells.addWidget(make_label(stage.name.capitalize()))
    cells.addWidget(Pill(word, tone, glyph))
    said = [stage.note] if stage.note else []
    if stage.sent_back:
        said.insert(0, f"sent back {stage.sent_back} times" if stage.sent_back > 1 else "sent back")
    cells.addWidget(ElidedLabel(" · ".join(said), role="meta"), 1)
    if stage.artifact:
        look = IconButton("file", f"What {stage.name} handed on")
        look.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(stage.artifact)))
        cells.addWidget(look)
    row.setAccessibleName(f"{stage.name}: {word}")
    return row
