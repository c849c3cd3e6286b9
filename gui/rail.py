"""The rail: the repository on top, the places of the window, each with the number that matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QVBoxLayout
from typing_extensions import override

from gui.navigation import Place
from gui.theme import icons
from gui.theme.fonts import TextStyle, font, metrics
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.theme.tokens import RAIL_WIDTH, Radius, Space
from gui.widgets.focus_ring import paint_focus_ring, shows_ring
from gui.widgets.rail_button import COLLAPSED_WIDTH, RailButton

if TYPE_CHECKING:
    from collections.abc import Mapping

NARROW: Final = COLLAPSED_WIDTH + 2 * Space.S + 1
ICONS: Final[Mapping[Place, str]] = {
    Place.BOARD: "board",
    Place.WORKERS: "workers",
    Place.CONFLICTS: "conflicts",
    Place.MERGE: "merge",
    Place.ACTIVITY: "activity",
    Place.FIGURES: "figures",
    Place.SETTINGS: "settings",
}


class Rail(QFrame):
    """Where to go.

    Signals:
        place_asked: (Place) one of its buttons was pressed.
        repo_asked: the card of the repository was pressed.
    """

    place_asked = Signal(object)
    repo_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_look(self, surface="rail")
        self.setAccessibleName("Places")
        self.repo = RepoCard()
        self.repo.clicked.connect(self.repo_asked)
        self._buttons: dict[Place, RailButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.S, Space.M, Space.S + 1, Space.M)
        column.setSpacing(2)
        column.addWidget(self.repo)
        column.addSpacing(Space.M)
        for number, (place, icon) in enumerate(ICONS.items(), start=1):
            if place is Place.SETTINGS:
                column.addStretch()
            button = RailButton(icon, place.value)
            button.setToolTip(f"{place.value} (Ctrl+{number})")
            button.clicked.connect(lambda _=False, p=place: self.place_asked.emit(p))
            column.addWidget(button)
            self._buttons[place] = button
        self._collapsed = False
        self.setFixedWidth(RAIL_WIDTH)

    def show_place(self, place: Place) -> None:
        """Mark where the window is."""
        self._buttons[place].setChecked(True)

    def set_count(self, place: Place, count: int) -> None:
        """Show the number that matters at a place; 0 shows none."""
        self._buttons[place].set_count(count)

    def button(self, place: Place) -> RailButton:
        """Return the button of a place."""
        return self._buttons[place]

    def set_collapsed(self, collapsed: bool) -> None:
        """Show icons alone, or everything."""
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        self.setFixedWidth(NARROW if collapsed else RAIL_WIDTH)
        self.repo.set_collapsed(collapsed)
        for button in self._buttons.values():
            button.set_collapsed(collapsed)


class RepoCard(QAbstractButton):
    """The repository with its base branch; opens the chooser."""

    def __init__(self) -> None:
        super().__init__()
        self._caption = ""
        self._collapsed = False
        self._rings = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(54)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_repo("Choose a repository", "")

    def show_repo(self, name: str, caption: str) -> None:
        """Show which repository the window works in."""
        self.setText(name)
        self._caption = caption
        self.setAccessibleName(f"Repository: {name}")
        self.setAccessibleDescription(caption)
        self.setToolTip(f"{name}\n{caption}\nChoose another repository".replace("\n\n", "\n"))
        self.update()

    def set_collapsed(self, collapsed: bool) -> None:
        """Show the icon alone, or the words."""
        self._collapsed = collapsed
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(COLLAPSED_WIDTH, 54)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(palette.line, 1))
        painter.setBrush(palette.hover if self.underMouse() else palette.panel)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, Radius.CARD, Radius.CARD)
        if self._collapsed:
            branch = icons.pixmap("branch", palette.muted)
            painter.drawPixmap((self.width() - 16) // 2, (self.height() - 16) // 2, branch)
        else:
            self._paint_words(painter)
        if self.hasFocus() and self._rings:
            paint_focus_ring(painter, QRectF(self.rect()), Radius.CARD)
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        palette = theme().palette
        room = self.rect().adjusted(Space.S + 1, 9, -Space.S, -9)
        elide = Qt.TextElideMode.ElideRight
        painter.setFont(font(TextStyle.STRONG))
        painter.setPen(palette.text)
        name = metrics(TextStyle.STRONG).elidedText(self.text(), elide, room.width())
        top = Qt.AlignmentFlag.AlignTop if self._caption else Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | top, name)
        painter.setFont(font(TextStyle.META))
        painter.setPen(palette.muted)
        caption = metrics(TextStyle.META).elidedText(self._caption, elide, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, caption)
