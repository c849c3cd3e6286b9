"""The form that registers a worker: a person, or an agent with its profile."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.domain.names import check_name
from core.engine.workers import agent_choices, worker_add
from core.errors import UserError
from gui.async_slots import async_slot
from gui.form import FormField
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import ButtonKind, make_button
from gui.widgets.label import make_label
from gui.widgets.panel import make_rule
from gui.widgets.pill import Pill
from gui.widgets.segmented import Segmented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.overview import AgentChoice
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar

WIDTH: Final = 440
AGENT, HUMAN = 0, 1


class WorkerForm(QWidget):
    """Registers one worker.

    Signals:
        finished: it is registered; the form can be closed.
    """

    finished = Signal()

    def __init__(self, client: Client, message_bar: MessageBar, taken: Sequence[str]) -> None:
        super().__init__()
        self.message_bar = message_bar
        self._client = client
        self._taken = {name.casefold() for name in taken}
        self._choices: tuple[AgentChoice, ...] = ()
        self._suggested = ""
        self.kind = Segmented("Kind of worker", ["Agent", "Person"])
        self.kind.chosen.connect(self._on_kind)
        self.name = QLineEdit()
        set_look(self.name, mono=True)
        self.skills = QLineEdit()
        self.profiles = QButtonGroup(self)
        self.profiles.idClicked.connect(self._suggest)
        self._name_field = FormField("Name", self.name)
        self._skills_field = FormField(
            "Skills", self.skills, "Words separated by commas, such as python, docs."
        )
        self._profiles_box = QWidget()
        self._profile_rows = QVBoxLayout(self._profiles_box)
        self.add = make_button("Add worker", ButtonKind.PRIMARY, on_click=self._on_add)
        self._build()
        self._suggest()
        self._load()

    def show_choices(self, choices: tuple[AgentChoice, ...]) -> None:
        """Show the profiles that can be had; one that cannot run says why."""
        self._choices = choices
        for number, choice in enumerate(choices):
            self._profile_rows.addWidget(self._profile_row(number, choice))
        able = next((i for i, choice in enumerate(choices) if not choice.problem), -1)
        if able >= 0:
            self.profiles.button(able).setChecked(True)
        self._suggest()

    def _profile_row(self, number: int, choice: AgentChoice) -> QWidget:
        radio = QRadioButton(choice.title or choice.name)
        radio.setEnabled(not choice.problem)
        radio.setAccessibleDescription(choice.problem or choice.driver)
        self.profiles.addButton(radio, number)
        pill = Pill("missing", Tone.NEUTRAL, Glyph.RING)
        if choice.permissions == "open":  # allowed or not: who chooses it should see that
            pill.show_text("open", Tone.BAD, Glyph.ASK)
        elif not choice.problem:
            pill.show_text("ready", Tone.OK, Glyph.CHECK)
        head = QHBoxLayout()
        head.addWidget(radio)
        head.addStretch()
        head.addWidget(pill)
        why = make_label(choice.problem or f"{choice.name} · driver {choice.driver}", role="meta")
        why.setWordWrap(True)
        why.setIndent(24)
        row = QWidget()
        stack = QVBoxLayout(row)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(2)
        stack.addLayout(head)
        stack.addWidget(why)
        return row

    def _build(self) -> None:
        self._profile_rows.setContentsMargins(0, 0, 0, 0)
        self._profile_rows.setSpacing(Space.M)
        self._profile_rows.addWidget(make_label("Agent", role="strong"))
        inside = QVBoxLayout()
        inside.setContentsMargins(Space.L, Space.L, Space.L, Space.L)
        inside.setSpacing(Space.L)
        inside.addWidget(self.kind)
        inside.addWidget(self._profiles_box)
        inside.addWidget(self._name_field)
        inside.addWidget(self._skills_field)
        inside.addStretch()
        content = QWidget()
        content.setLayout(inside)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        foot = QHBoxLayout()
        foot.setContentsMargins(Space.L, Space.S, Space.L, Space.S)
        foot.addStretch()
        foot.addWidget(self.add)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(0, 0, 0, 0)
        stack.setSpacing(0)
        stack.addWidget(scroll, 1)
        stack.addWidget(make_rule())
        stack.addLayout(foot)
        self.setFocusProxy(self.name)
        QShortcut(QKeySequence("Ctrl+Return"), self).activated.connect(self._on_add)
        self.name.returnPressed.connect(self._on_add)

    @async_slot("List agents")
    async def _load(self) -> None:
        self.show_choices(await self._client.do(agent_choices))

    @async_slot("Add worker")
    async def _on_add(self) -> None:
        name = self.name.text().strip()
        problem = self._problem(name)
        self._name_field.show_problem(problem)
        if problem:
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        is_agent = self.kind.current() == AGENT
        worker = await self._client.do(
            worker_add,
            name,
            type="agent" if is_agent else "human",
            skill=tuple(w for w in self.skills.text().replace(",", " ").split() if w),
            agent=self._profile() if is_agent else None,
        )
        self.message_bar.show_message(
            f"{worker.name} is registered", "Drop a card on it to give it a task.", Tone.OK
        )
        self.finished.emit()

    def _problem(self, name: str) -> str:
        if self.kind.current() == AGENT and not self._profile():
            return "Choose an agent that is ready, or add a person."
        if name.casefold() in self._taken:
            return f"There is a worker {name} already."
        try:
            check_name("worker name", name)
        except UserError as error:
            return str(error)
        return ""

    def _profile(self) -> str | None:
        chosen = self.profiles.checkedId()
        return self._choices[chosen].name if chosen >= 0 else None

    def _on_kind(self, kind: int) -> None:
        self._profiles_box.setVisible(kind == AGENT)
        self._suggest()

    def _suggest(self) -> None:
        """Offer a name, unless the person has typed one."""
        if self.name.text() not in ("", self._suggested):
            return
        if self.kind.current() == HUMAN:
            stem = f"human-{_user()}"
            name = stem if stem.casefold() not in self._taken else f"{stem}-2"
        else:
            number = 1
            stem = f"agent-{self._profile() or 'new'}"
            while f"{stem}-{number}".casefold() in self._taken:
                number += 1
            name = f"{stem}-{number}"
        self._suggested = name
        self.name.setText(name)


def _user() -> str:
    """Return the account's name, as far as it can be part of a worker's."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):  # Windows asks for a module that it has not
        name = ""
    return "".join(letter for letter in name if letter.isalnum()) or "me"
