"""The settings page: options by section and where they come from, trust, leave, the doctor."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from core.engine.preferences import options_view, set_preference
from core.settings.options import Kind, Option, Value
from gui.async_slots import async_slot
from gui.settings.doctor import DoctorPanel
from gui.settings.editors import make_editor
from gui.settings.permits import PermitsPanel
from gui.settings.titles import title_of
from gui.settings.trust import TrustPanel
from gui.theme.theme import theme
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import IconButton
from gui.widgets.label import make_label
from gui.widgets.panel import Panel, make_rule
from gui.widgets.pill import Pill

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QShowEvent

    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

Shown: TypeAlias = "tuple[Option, Value, str]"
WIDTH: Final = 1064
"""All of the room in a window of 1280; wider, lines would be too long to follow."""
EDITOR_WIDTH: Final = 320
AT_ONCE: Final = 3
"""So many rows are made before the window has a turn again: each takes a few milliseconds."""
SECTIONS: Final = ("Window", "Agents", "Coordination", "Merging", "Guardians", "Repository")
"""Their order on the page; a section not named here comes after them."""
SOURCES: Final = {"default": "default", "environment": "environment", ".weft.toml": "repository"}


class SettingsPage(QScrollArea):
    """Made from `options_view`; what is changed is written into the person's own file."""

    def __init__(self, client: Client, message_bar: MessageBar, *, has_repo: bool) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._shown: tuple[Shown, ...] = ()
        self.rows: dict[str, OptionRow] = {}
        self.trust = TrustPanel(client, message_bar)
        self.doctor = DoctorPanel(client, message_bar)
        self.permits = PermitsPanel(client, message_bar)
        self.trust.setVisible(has_repo)
        self.permits.setVisible(has_repo)
        self._has_repo = has_repo
        self._is_begun = self._is_whole = False
        self.setAccessibleName("Settings")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._column = QVBoxLayout()
        self._column.setSpacing(Space.L)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.trust)
        self._column.addWidget(self.permits)
        self._column.addWidget(self.doctor)
        self._column.addStretch()
        middle = QWidget()
        middle.setMaximumWidth(WIDTH)
        middle.setLayout(self._column)
        row = QHBoxLayout()
        row.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        row.addWidget(middle, 100)
        row.addStretch(1)
        content = QWidget()
        content.setLayout(row)
        self.setWidget(content)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.load()
        if self._has_repo:
            self.trust.load()
            self.permits.load()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._is_whole:  # else there is nothing yet but what comes last
            self.focusNextChild()  # the page itself is of no use to the keyboard

    @override
    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go down the page: Qt's own order is the one in which things were made."""
        stops = self._stops()
        held = self.focusWidget()
        here = stops.index(held) if held in stops else -1 if forward else len(stops)
        there = here + (1 if forward else -1)
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        stop = stops[there] if 0 <= there < len(stops) else self._beside(forward=forward)
        stop.setFocus(reason)
        if self.isAncestorOf(stop):
            self.ensureWidgetVisible(stop)
        return True

    def _begin(self) -> None:
        if self.hasFocus():
            self.focusNextChild()

    def _stops(self) -> list[QWidget]:
        """Return what Tab comes to, from top to bottom."""
        stops = [one for row in self.rows.values() for one in (row.editor, row.reset)]
        for panel in (self.trust, self.permits, self.doctor):
            stops += panel.findChildren(QWidget)
        return [stop for stop in stops if _takes_tab(stop)]

    def _beside(self, *, forward: bool) -> QWidget:
        """Return what in the window comes after the page, or before it."""
        one: QWidget | None = self
        while one is not None:
            one = one.nextInFocusChain() if forward else one.previousInFocusChain()
            if one is self or (one and _takes_tab(one) and not self.isAncestorOf(one)):
                return one
        return self

    def show_options(self, shown: tuple[Shown, ...]) -> None:
        """Show the options; rows stay, so that the keyboard keeps its place."""
        self._shown = shown
        for option, value, source in shown:
            if option.key in self.rows:
                self.rows[option.key].show_value(value, source)

    @async_slot("Read the settings")
    async def load(self) -> None:
        """Read the options and show them; ahead of the first look it is made without being seen."""
        shown = await self._client.do(options_view)
        if not self._is_begun:
            self._is_begun = True
            await self._make_panels(shown)
        self.show_options(shown)

    @async_slot("Change setting")
    async def change(self, key: str, text: str | None) -> None:
        """Write one option into the person's file; None takes it out."""
        try:
            await self._client.do(set_preference, key, text)
        finally:
            self.show_options(await self._client.do(options_view))
        for option, value, _source in self._shown:
            if option.key == key == "theme":
                theme().choose(str(value))

    async def _make_panels(self, shown: tuple[Shown, ...]) -> None:
        sections: dict[str, list[Shown]] = {name: [] for name in SECTIONS}
        for entry in shown:
            sections.setdefault(entry[0].section, []).append(entry)
        for place, (name, entries) in enumerate(sections.items()):
            if not entries:
                continue
            panel = Panel(name, ruled=True)
            self._column.insertWidget(place, panel)
            for number, (option, value, source) in enumerate(entries):
                if len(self.rows) % AT_ONCE == 0:
                    await asyncio.sleep(0)
                if number:
                    panel.body.addWidget(make_rule())
                row = OptionRow(option, value, source, self)
                self.rows[option.key] = row
                panel.body.addWidget(row)
        self._is_whole = True
        QTimer.singleShot(0, self, self._begin)  # the layout shows them in the next round


def _takes_tab(widget: QWidget) -> bool:
    takes = widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    return takes and widget.isEnabled() and widget.isVisible() and widget.focusProxy() is None


class OptionRow(QWidget):
    """One option: title, key and help, its editor, where the value comes from, and a way back."""

    def __init__(self, option: Option, value: Value, source: str, page: SettingsPage) -> None:
        super().__init__()
        self._option = option
        self._page = page
        self._value = value
        self.editor = self._make_editor(value)
        self._source = Pill()
        self.reset = IconButton("undo", f"Take {option.key} out of my settings")
        self.reset.clicked.connect(partial(page.change, option.key, None))
        policy = self.reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset.setSizePolicy(policy)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(make_label(title_of(option.key), role="strong"))
        help_ = make_label(option.help, role="meta")
        help_.setWordWrap(True)
        below = QHBoxLayout()
        below.setSpacing(Space.S)
        below.addWidget(make_label(option.key, role="key"), 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(help_, 1)
        words.addLayout(below)
        grid = QGridLayout(self)
        grid.setContentsMargins(Space.L, Space.M, Space.M, Space.M)
        grid.setHorizontalSpacing(Space.L)
        grid.setColumnStretch(0, 1)
        middle = Qt.AlignmentFlag.AlignVCenter
        grid.addLayout(words, 0, 0, middle)
        grid.addWidget(self.editor, 0, 1, middle)
        grid.addWidget(self._source, 0, 2, middle)
        grid.addWidget(self.reset, 0, 3, middle)
        grid.setColumnMinimumWidth(2, 92)
        self._grid = grid
        self.show_value(value, source)

    def show_value(self, value: Value, source: str) -> None:
        """Show another value, and the layer that set it."""
        if value != self._value:
            self._value = value
            fresh = self._make_editor(value)
            had_focus = self.editor.hasFocus()
            self._grid.replaceWidget(self.editor, fresh)
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = fresh
            fresh.show()
            if had_focus:
                fresh.setFocus(Qt.FocusReason.OtherFocusReason)
        name = SOURCES.get(source, "you")
        tone = Tone.ACCENT if name == "you" else Tone.NEUTRAL
        self._source.show_text(name, tone, Glyph.NONE)
        self._source.setToolTip(f"Set by {source}")
        self.reset.setVisible(name == "you")
        self.editor.setEnabled(name != "environment")

    def source(self) -> str:
        """Return the word for the layer that set the value."""
        return self._source.text()

    def _make_editor(self, value: Value) -> QWidget:
        editor = make_editor(self._option, value, self._tell)
        if self._option.kind is Kind.BOOL:
            editor.setMinimumWidth(EDITOR_WIDTH)
        else:
            editor.setFixedWidth(EDITOR_WIDTH)
        return editor

    def _tell(self, text: str) -> None:
        self._page.change(self._option.key, text)
