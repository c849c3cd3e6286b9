"""Buttons: four kinds, two heights, a tinted icon, a focus ring for the keyboard."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton
from typing_extensions import override

from gui.theme import icons
from gui.theme.stylesheet import set_look
from gui.theme.theme import theme
from gui.theme.tokens import CONTROL_ICON, Height, Palette, Scheme
from gui.widgets.focus_ring import paint_focus_ring, shows_ring

ICON_GAP = 3
"""Between icon and word, beside the little that Qt leaves."""


class ButtonKind(StrEnum):
    """How much a button asks for attention; one primary button per place."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GHOST = "ghost"
    DANGER = "danger"


class Button(QPushButton):
    """A push button. Its accessible name is its text unless another is set."""

    def __init__(
        self,
        text: str,
        kind: ButtonKind = ButtonKind.SECONDARY,
        icon: str = "",
        *,
        small: bool = False,
    ) -> None:
        super().__init__(text)
        self._icon_name = icon
        self._kind = kind
        self._rings = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        set_look(self, kind=kind.value, small=small)
        self._tint()

    @override
    def setText(self, text: str) -> None:
        super().setText(text)
        self._tint()

    def set_kind(self, kind: ButtonKind) -> None:
        """Make it ask for more or less attention."""
        self._kind = kind
        set_look(self, kind=kind.value)
        self._tint()

    def is_ringed(self) -> bool:
        """Whether the keyboard is on it, and seen to be."""
        return self.hasFocus() and self._rings

    def set_icon(self, name: str) -> None:
        """Show another icon of the family; empty for none."""
        self._icon_name = name
        self._tint()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._tint()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._rings:
            painter = QPainter(self)
            paint_focus_ring(painter, QRectF(self.rect()))
            painter.end()

    def _tint(self) -> None:
        if self._icon_name:
            palette = theme().palette
            ink, faint = _ink(palette, self._kind), palette.faint
            edge = 14 if self.property("small") else CONTROL_ICON
            gap = ICON_GAP if self.text() else 0
            self.setIconSize(QSize(edge + gap, edge))
            self.setIcon(_with_gap(self._icon_name, ink.rgba(), faint.rgba(), edge, gap))
        elif not self.icon().isNull():
            self.setIcon(QIcon())


class IconButton(QToolButton):
    """A button of one icon; *name* is its tool tip and its accessible name."""

    def __init__(self, icon: str, name: str, *, small: bool = True) -> None:
        super().__init__()
        self._icon_name = icon
        self._rings = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        edge = Height.SMALL if small else Height.CONTROL
        self.setFixedSize(edge, edge)
        self.setIconSize(QSize(14, 14) if small else QSize(16, 16))
        self.set_name(name)
        self._tint()

    def set_name(self, name: str) -> None:
        """Say what it does, to the eye and to assistive tools."""
        self.setToolTip(name)
        self.setAccessibleName(name)

    def set_icon(self, icon: str) -> None:
        """Show another icon of the family."""
        self._icon_name = icon
        self._tint()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._tint()

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self._rings = shows_ring(event.reason())
        super().focusInEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._rings:
            painter = QPainter(self)
            paint_focus_ring(painter, QRectF(self.rect()))
            painter.end()

    def _tint(self) -> None:
        self.setIcon(theme().icon(self._icon_name, theme().palette.muted))


def make_button(
    text: str,
    kind: ButtonKind = ButtonKind.SECONDARY,
    icon: str = "",
    *,
    small: bool = False,
    on_click: Callable[[], object] | None = None,
) -> Button:
    """Make a button that calls *on_click* when pressed by mouse or keyboard."""
    button = Button(text, kind, icon, small=small)
    if on_click is not None:
        button.clicked.connect(lambda _checked=False: on_click())
    return button


@cache
def _with_gap(name: str, ink: int, faint: int, edge: int, gap: int) -> QIcon:
    """Return an icon with *gap* free pixels at its right: Qt leaves too little to the text."""
    icon = icons.icon(name, QColor.fromRgba(ink), QColor.fromRgba(faint))
    if not gap:
        return icon
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
        for ratio in (1.0, 2.0):
            wide = QPixmap(round((edge + gap) * ratio), round(edge * ratio))
            wide.setDevicePixelRatio(ratio)
            wide.fill(Qt.GlobalColor.transparent)
            painter = QPainter(wide)
            painter.drawPixmap(0, 0, icon.pixmap(QSize(edge, edge), ratio, mode))
            painter.end()
            made.addPixmap(wide, mode)
    return made


def _ink(palette: Palette, kind: ButtonKind) -> QColor:
    match kind:
        case ButtonKind.PRIMARY:
            return palette.on_accent
        case ButtonKind.DANGER:
            return palette.on_accent if palette.scheme is Scheme.DARK else palette.panel
        case ButtonKind.GHOST:
            return palette.muted
        case ButtonKind.SECONDARY:
            return palette.text
