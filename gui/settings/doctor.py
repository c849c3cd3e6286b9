"""The doctor: what was looked at, what is wrong, and a button that puts right what can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.domain.overview import Finding, Severity
from core.engine.doctor import doctor
from gui.async_slots import async_slot
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import make_button
from gui.widgets.label import make_label
from gui.widgets.panel import Panel
from gui.widgets.pill import Pill

if TYPE_CHECKING:
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

LOOKS = {
    Severity.OK: ("ok", Tone.OK, Glyph.CHECK),
    Severity.WARNING: ("warning", Tone.WARN, Glyph.ASK),
    Severity.ERROR: ("error", Tone.BAD, Glyph.CROSS),
}


class DoctorPanel(Panel):
    """Looks when asked; looking takes a moment and changes nothing."""

    def __init__(self, client: Client, message_bar: MessageBar) -> None:
        super().__init__("Doctor")
        self.message_bar = message_bar
        self._client = client
        self._words = make_label("Looks at git, the database, worktrees and runs.", role="muted")
        self._words.setWordWrap(True)
        self._found = QVBoxLayout()
        self._found.setSpacing(Space.S)
        self.look = make_button("Look now", icon="search", on_click=self.examine)
        self.fix = make_button("Put right", icon="check", on_click=self._on_fix)
        self.fix.setToolTip("Repairs what loses nothing: lost runs, interrupted merges")
        self.fix.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.look)
        buttons.addWidget(self.fix)
        buttons.addStretch()
        self.body.addWidget(self._words)
        self.body.addLayout(self._found)
        self.body.addLayout(buttons)

    def show_findings(self, findings: tuple[Finding, ...]) -> None:
        """Show what was found, the bad first."""
        while (item := self._found.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        order = [Severity.ERROR, Severity.WARNING, Severity.OK]
        for finding in sorted(findings, key=lambda one: order.index(one.severity)):
            self._found.addWidget(_row(finding))
        wrong = sum(1 for one in findings if one.severity is not Severity.OK and not one.fixed)
        self._words.setText(f"{wrong} of {len(findings)} need a look." if wrong else "All is well.")
        self.fix.setVisible(bool(wrong))

    def words(self) -> str:
        """Return the sentence above the findings."""
        return self._words.text()

    @async_slot("Doctor")
    async def examine(self) -> None:
        """Look at everything."""
        await self._examine(fix=False)

    @async_slot("Put right")
    async def _on_fix(self) -> None:
        await self._examine(fix=True)

    async def _examine(self, *, fix: bool) -> None:
        self.look.setEnabled(False)
        self._words.setText("Looking …")
        try:
            self.show_findings(await self._client.do(doctor, fix=fix))
        finally:
            self.look.setEnabled(True)


def _row(finding: Finding) -> QWidget:
    row = QWidget()
    cells = QHBoxLayout(row)
    cells.setContentsMargins(0, 0, 0, 0)
    cells.setSpacing(Space.M)
    word, tone, glyph = LOOKS[finding.severity]
    pill = Pill("put right", Tone.OK, Glyph.CHECK) if finding.fixed else Pill(word, tone, glyph)
    pill.setFixedWidth(76)
    said = make_label(f"{finding.message} {finding.hint}".strip())
    said.setWordWrap(True)
    cells.addWidget(pill)
    check = make_label(finding.check, role="mono")
    check.setFixedWidth(96)
    cells.addWidget(check)
    cells.addWidget(said, 1)
    return row
