"""How far each agent is let go, and the leave for one to do anything here without asking."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.engine.permitting import permit, permits
from gui.async_slots import async_slot
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.label import ElidedLabel, make_label
from gui.widgets.panel import Panel, make_rule
from gui.widgets.pill import Pill

if TYPE_CHECKING:
    from core.domain.overview import PermitView
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

PILL_WIDTH: Final = 88
NAME_WIDTH: Final = 200
LOOKS: Final = {
    "watched": (Tone.OK, Glyph.CHECK, "Asks you on its card for all but reading and editing."),
    "sandboxed": (Tone.ACCENT, Glyph.CHECK, "Asks nothing; the system holds it in a sandbox."),
    "open": (Tone.BAD, Glyph.ASK, "Would do anything without asking: its runs are refused."),
}
ALLOWED: Final = "Does anything here without asking. Taking that back stops no run under way."


class PermitsPanel(Panel):
    """Asks for the repository's name, typed, before a profile may be open in it."""

    def __init__(self, client: Client, message_bar: MessageBar) -> None:
        super().__init__("How far agents are let go")
        self.message_bar = message_bar
        self._client = client
        self._shown: tuple[PermitView, ...] = ()
        self.rows: dict[str, PermitRow] = {}
        words = make_label(
            "Set by permissions in a profile of your config.toml; open counts only once you typed "
            "the name of this repository.",
            role="muted",
        )
        words.setWordWrap(True)
        self.body.addWidget(words)
        self._list = QVBoxLayout()
        self._list.setSpacing(Space.S)
        self.body.addLayout(self._list)

    @async_slot("Read the permissions")
    async def load(self) -> None:
        """Show how things stand now."""
        self.show_permits(await self._client.do(permits))

    def show_permits(self, shown: tuple[PermitView, ...]) -> None:
        """Show the profiles; nothing that is being typed is lost while they stay the same."""
        if shown == self._shown:
            return
        self._shown = shown
        while (item := self._list.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = {view.profile: PermitRow(view, self) for view in shown}
        for number, row in enumerate(self.rows.values()):
            if number:
                self._list.addWidget(make_rule())
            self._list.addWidget(row)

    @async_slot("Allow the open profile")
    async def allow(self, profile: str, typed: str) -> None:
        """Let *profile* be open, by what was typed as the repository's name."""
        await self._client.do(permit, profile, repo_name=typed)
        self.show_permits(await self._client.do(permits))

    @async_slot("Take the leave back")
    async def revoke(self, profile: str) -> None:
        """Take the leave back."""
        await self._client.do(permit, profile, revoke=True)
        self.show_permits(await self._client.do(permits))


class PermitRow(QWidget):
    """One profile: its policy, what that means, and for an open one the field and the button."""

    def __init__(self, view: PermitView, panel: PermitsPanel) -> None:
        super().__init__()
        self._view = view
        self._panel = panel
        tone, glyph, said = LOOKS.get(view.permissions, (Tone.NEUTRAL, Glyph.NONE, ""))
        is_open = view.permissions == "open"
        self.pill = Pill(view.permissions, tone, glyph)
        self.pill.setFixedWidth(PILL_WIDTH)
        name = ElidedLabel(view.profile, role="mono")
        name.setFixedWidth(NAME_WIDTH)
        words = make_label(ALLOWED if is_open and view.allowed else said)
        words.setWordWrap(True)
        cells = QHBoxLayout(self)
        cells.setContentsMargins(0, 0, 0, 0)
        cells.setSpacing(Space.M)
        cells.addWidget(self.pill)
        cells.addWidget(name)
        cells.addWidget(words, 1)
        self.typed = QLineEdit()
        self.allow = make_button("Allow", ButtonKind.DANGER, on_click=self._on_allow)
        self.revoke = make_button("Take back", on_click=partial(panel.revoke, view.profile))
        for widget in (self.typed, self.allow, self.revoke):
            cells.addWidget(widget)
        self._dress()
        self.typed.setVisible(is_open and not view.allowed)
        self.allow.setVisible(is_open and not view.allowed)
        self.revoke.setVisible(is_open and view.allowed)

    def _dress(self) -> None:
        self.typed.setFixedWidth(NAME_WIDTH)
        self.typed.setPlaceholderText(f"Type {self._view.repo}")
        self.typed.setAccessibleName(
            f"Name of this repository, to let {self._view.profile} be open"
        )
        self.typed.returnPressed.connect(self._on_allow)
        self.typed.textChanged.connect(self._settle)
        set_look(self.typed, mono=True)
        self.allow.setAccessibleName(f"Allow {self._view.profile} to be open")
        self.revoke.setAccessibleName(f"Take the leave of {self._view.profile} back")
        self._settle()

    def _settle(self) -> None:
        self.allow.setEnabled(self.typed.text() == self._view.repo)

    def _on_allow(self) -> None:
        if self.allow.isEnabled():
            self._panel.allow(self._view.profile, self.typed.text())
