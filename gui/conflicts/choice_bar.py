"""The ways to decide one place, by mouse or by the keys 1 to 4."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.domain.resolution import Take
from gui.theme.tokens import Height, Space
from gui.widgets.button import Button, ButtonKind, make_button
from gui.widgets.label import make_label

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.domain.resolution import Decision


class ChoiceBar(QWidget):
    """A button for each way, the chosen one filled.

    Signals:
        taken: (Take) the person decided.
    """

    taken = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(Height.BAR)
        self.setAccessibleName("Decide this place")
        self.buttons: dict[Take, Button] = {}
        self._chosen: Take | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.S)
        row.addWidget(make_label("Take", role="muted"))
        for number, take in enumerate(Take, 1):
            button = make_button("", on_click=partial(self.taken.emit, take))
            button.setToolTip(f"Key {number}")
            self.buttons[take] = button
            row.addWidget(button)
        row.addStretch(1)
        self.name_sides("left", "right")

    def name_sides(self, left: str, right: str) -> None:
        """Say whose versions there are."""
        words = {Take.LEFT: left, Take.RIGHT: right, Take.BOTH: "both", Take.OWN: "own text"}
        for number, (take, text) in enumerate(words.items(), 1):
            self.buttons[take].setText(f"{number}  {text}")
            self.buttons[take].setAccessibleName(f"Take {text}")

    def show_choice(self, takes: Collection[Take], decision: Decision | None) -> None:
        """Offer *takes*, and show what is decided."""
        self._chosen = None if decision is None else decision.take
        for take, button in self.buttons.items():
            is_chosen = take is self._chosen
            button.setVisible(take in takes)
            button.setAccessibleDescription("chosen" if is_chosen else "")
            button.set_kind(ButtonKind.PRIMARY if is_chosen else ButtonKind.SECONDARY)

    def take_focus(self) -> None:
        """Put the keyboard on the choice that stands, else on the first one."""
        shown = [take for take, button in self.buttons.items() if not button.isHidden()]
        chosen = self._chosen if self._chosen in shown else shown[0]
        self.buttons[chosen].setFocus(Qt.FocusReason.ShortcutFocusReason)
