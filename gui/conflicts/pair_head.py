"""The head of the chosen pair: who, how bad, and the ways out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget
from typing_extensions import override

from gui.conflicts.cures import Cures
from gui.conflicts.words import pair_name
from gui.theme.tokens import Glyph, Space, Tone
from gui.widgets.button import Button, ButtonKind, IconButton, make_button
from gui.widgets.label import ElidedLabel
from gui.widgets.panel import TITLE_ROW
from gui.widgets.pill import Pill
from gui.widgets.tips import plain_tip
from gui.wording import counted

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from gui.conflicts.cures import Cure
    from gui.conflicts.facts import Meeting

MOST_BUTTONS: Final = 3
LEAST_WIDTH: Final = 240


class PairHead(QWidget):
    """Title, pill, the best cures as buttons, the others in a menu.

    Signals:
        cure_requested: (Cure) the person chose a way out.
    """

    cure_requested = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(TITLE_ROW)
        self._title = ElidedLabel(role="strong")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._pill = Pill()
        self._cures = Cures()
        self._in_menu: tuple[Cure, ...] | None = None
        self._is_busy = False
        self.buttons: tuple[Button, ...] = tuple(
            make_button("", small=True, on_click=partial(self._on_button, place))
            for place in range(MOST_BUTTONS)
        )
        self.more = IconButton("more", "More ways out")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.more.clicked.connect(self._open_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.S)
        row.addWidget(self._title)
        row.addWidget(self._pill)
        row.addStretch()
        for button in self.buttons:
            row.addWidget(button)
        row.addWidget(self.more)

    def show_title(self, title: str) -> None:
        """Show a title alone."""
        self._title.setText(title)
        self._pill.hide()
        self.show_cures(Cures())

    def show_meeting(self, meeting: Meeting) -> None:
        """Show who meets, and whether it is a conflict; the cures come with `show_cures`."""
        self._title.setText(pair_name(meeting.a, meeting.b))
        self._pill.show()
        if meeting.problem:
            self._pill.show_text("Not looked at", Tone.WARN, Glyph.PAUSE)
        elif meeting.first and not meeting.conflict:
            self._pill.show_text("Not compared", Tone.WARN, Glyph.PAUSE)
        elif meeting.conflict:
            self._pill.show_text(counted(meeting.count, "file"), Tone.BAD, Glyph.CROSS)
        else:
            self._pill.show_state("clean")

    def verdict(self) -> str:
        """Return what the pill says."""
        return self._pill.text()

    def show_cures(self, cures: Cures) -> None:
        """Offer the ways out."""
        self._cures = cures
        for button, cure in zip(self.buttons, cures.first, strict=False):
            button.setText(cure.text)
            button.setAccessibleName(cure.name)
            button.setToolTip(plain_tip(cure.tip))
            is_best = cure is cures.best
            button.set_kind(ButtonKind.PRIMARY if is_best else ButtonKind.SECONDARY)
        self._fit()
        self.show_busy(is_busy=self._is_busy)

    def show_busy(self, *, is_busy: bool) -> None:
        """Take no further wish while one is being fulfilled."""
        self._is_busy = is_busy
        for widget in (*self.buttons, self.more):
            widget.setEnabled(not is_busy)

    def cures(self) -> Cures:
        """Return what is offered."""
        return self._cures

    @override
    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, TITLE_ROW)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show as many buttons as there is room for, the last ones first; the menu has the rest."""
        first = self._cures.first[:MOST_BUTTONS]
        room = self.width() - 2 * Space.L - self._title.sizeHint().width() - self.more.width()
        room -= 0 if self._pill.isHidden() else self._pill.sizeHint().width() + Space.S
        shown = len(first)
        for place in reversed(range(len(first))):
            room -= self.buttons[place].sizeHint().width() + Space.S
            if room < Space.S and shown < len(first):
                break
            shown = place
        for place, button in enumerate(self.buttons):
            button.setVisible(shown <= place < len(first))
        hidden = (*self._cures.first[:shown], *self._cures.first[MOST_BUTTONS:])
        self._fill_menu((*hidden, *self._cures.more))

    def _fill_menu(self, cures: tuple[Cure, ...]) -> None:
        if cures == self._in_menu:
            return  # else an entry under the pointer would go
        self._in_menu = cures
        self.more.setVisible(bool(cures))
        self.menu.clear()
        for cure in cures:
            action = self.menu.addAction(cure.name)
            action.setToolTip(plain_tip(cure.tip))
            action.triggered.connect(partial(self._on_action, cure))

    def _on_button(self, place: int) -> None:
        self.cure_requested.emit(self._cures.first[place])

    def _on_action(self, cure: Cure, _checked: bool = False) -> None:
        self.cure_requested.emit(cure)

    def _open_menu(self) -> None:
        corner = QPoint(self.more.width() - self.menu.sizeHint().width(), self.more.height())
        self.menu.popup(self.more.mapToGlobal(corner))
