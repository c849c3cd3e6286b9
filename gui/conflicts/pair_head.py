"""The head of the chosen pair: who, how bad, and who may wait for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.conflicts.words import pair_name
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import Button, ButtonKind, make_button
from gui.widgets.label import ElidedLabel
from gui.widgets.panel import TITLE_ROW
from gui.widgets.pill import Pill
from gui.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.conflicts.cost import Cost
    from gui.conflicts.facts import Meeting


class PairHead(QWidget):
    """Title, pill, and the two ways in which one task can wait for the other.

    Signals:
        wait_requested: (waits, for_whom).
    """

    wait_requested = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(TITLE_ROW)
        self._title = ElidedLabel(role="strong")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._pill = Pill()
        self._waiters: dict[Button, tuple[str, str]] = {}
        self.waits = make_button("", small=True, on_click=lambda: self._ask(self.waits))
        self.waits_other = make_button("", small=True, on_click=lambda: self._ask(self.waits_other))
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._title)
        row.addWidget(self._pill)
        row.addStretch()
        row.addWidget(self.waits_other)
        row.addWidget(self.waits)

    def show_title(self, title: str) -> None:
        """Show a title alone."""
        self._title.setText(title)
        self._pill.hide()
        self.show_choice([], None)

    def show_meeting(self, meeting: Meeting) -> None:
        """Show who meets, and whether it is a conflict."""
        self.show_title(pair_name(meeting.a, meeting.b))
        self._pill.show()
        if meeting.problem:
            self._pill.show_text("Not looked at", Tone.WARN, Glyph.PAUSE)
        elif meeting.conflict:
            self._pill.show_text(counted(meeting.count, "file"), Tone.BAD, Glyph.CROSS)
        else:
            self._pill.show_state("clean")

    def show_choice(self, labels: Sequence[tuple[str, str]], cost: Cost | None) -> None:
        """Offer that one waits for the other; *labels* are (key, short label), or empty."""
        for button in (self.waits, self.waits_other):
            button.setVisible(bool(labels))
        if cost is None or not labels:
            return
        (a, _), (b, _) = labels
        names = dict(labels)
        first = (a, b) if cost.cheaper in {None, a} else (b, a)
        for button, (who, whom) in ((self.waits, first), (self.waits_other, first[::-1])):
            button.setText(f"Let {names[who]} wait for {names[whom]}")
            button.setAccessibleName(f"Let {who} wait for {whom}")
            button.setToolTip(f"{who} will depend on {whom}, and land after it.")
            self._waiters[button] = (who, whom)
        kind = ButtonKind.SECONDARY if cost.cheaper is None else ButtonKind.PRIMARY
        self.waits.set_kind(kind)

    def _ask(self, button: Button) -> None:
        self.wait_requested.emit(*self._waiters[button])
