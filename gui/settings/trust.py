"""What the repository's own settings would run or reach, and whether a person allowed it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from core.engine.preferences import revoke_trust, trust, trust_view
from gui.async_slots import async_slot
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.code_view import CodeView
from gui.widgets.label import make_label
from gui.widgets.panel import Panel
from gui.widgets.pill import Pill

if TYPE_CHECKING:
    from core.domain.overview import TrustView
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

MOST_HEIGHT = 220


class TrustPanel(Panel):
    """Shows it in full before it asks."""

    def __init__(self, client: Client, message_bar: MessageBar) -> None:
        super().__init__("Trust in what this repository would run")
        self.message_bar = message_bar
        self._client = client
        self._view: TrustView | None = None
        self._words = make_label("", role="muted")
        self._words.setWordWrap(True)
        self._warnings = make_label("", role="text", tone=Tone.WARN)
        self._warnings.setWordWrap(True)
        self._pill = Pill()
        self.header.addWidget(self._pill)
        self.shown = CodeView("What this repository would run or reach")
        self.allow = make_button("Trust", ButtonKind.PRIMARY, "shield", on_click=self._on_trust)
        self.revoke = make_button("Revoke", on_click=self._on_revoke)
        buttons = QHBoxLayout()
        buttons.setSpacing(Space.S)
        buttons.addWidget(self.allow)
        buttons.addWidget(self.revoke)
        buttons.addStretch()
        for widget in (self._words, self.shown, self._warnings):
            self.body.addWidget(widget)
        self.body.addLayout(buttons)

    @async_slot("Read the trust")
    async def load(self) -> None:
        """Show how things stand now."""
        self.show_view(await self._client.do(trust_view))

    def show_view(self, view: TrustView) -> None:
        """Show what is asked for, and what can be answered."""
        self._view = view
        asks = bool(view.asks)
        if not asks:
            self._words.setText(
                "Its settings and merge drivers run nothing: there is nothing to decide."
            )
        elif view.trusted:
            self._words.setText("You allowed exactly this. If it changes, Weft asks again.")
        else:
            self._words.setText(
                "Until you allow it, none of this counts. Read it: it can run programs as you."
            )
        text = "\n".join(
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in view.asks.items()
        )
        self.shown.show_text(text, ".weft.toml")
        self.shown.setVisible(asks)
        self.shown.setFixedHeight(min(MOST_HEIGHT, self.shown.content_height() + 4))
        self._warnings.setText("\n".join(view.warnings))
        self._warnings.setVisible(asks and bool(view.warnings) and not view.trusted)
        if asks:
            trusted = ("trusted", Tone.OK, Glyph.CHECK)
            self._pill.show_text(*(trusted if view.trusted else ("waits", Tone.WARN, Glyph.ASK)))
        self._pill.setVisible(asks)
        self.allow.setVisible(asks and not view.trusted)
        self.revoke.setVisible(asks and view.trusted)

    @async_slot("Trust")
    async def _on_trust(self) -> None:
        if self._view is not None:
            self.show_view(await self._client.do(trust, digest=self._view.digest))

    @async_slot("Revoke")
    async def _on_revoke(self) -> None:
        self.show_view(await self._client.do(revoke_trust))
