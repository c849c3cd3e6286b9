"""The theme in use: follows the system, can be overridden, and dresses the application."""

import logging
from enum import StrEnum
from functools import cache

from PySide6.QtCore import QObject, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPalette
from PySide6.QtWidgets import QApplication

from gui.theme import icons
from gui.theme.fonts import TextStyle, font
from gui.theme.redress import Redress
from gui.theme.stylesheet import build_stylesheet, write_images
from gui.theme.tokens import PALETTES, Palette, Scheme

logger = logging.getLogger(__name__)


class ThemeChoice(StrEnum):
    """What the person chose in the settings."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Theme(QObject):
    """Holds the palette in use and dresses the application in it.

    Signals:
        changed: the palette is another one; every widget has been restyled already.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choice = ThemeChoice.SYSTEM
        self._app: QApplication | None = None
        self._images: QTemporaryDir | None = None
        self._redress: Redress | None = None
        self._system = _scheme_of(QGuiApplication.styleHints().colorScheme())
        self._palette = PALETTES[self._system]

    @property
    def palette(self) -> Palette:
        """The colours in use; read them anew in every paint."""
        return self._palette

    @property
    def scheme(self) -> Scheme:
        """Light or dark, as it is now."""
        return self._palette.scheme

    @property
    def choice(self) -> ThemeChoice:
        """What the person chose; `system` follows the desktop."""
        return self._choice

    @property
    def is_worn(self) -> bool:
        """Whether all widgets wear the newest colours: those out of sight follow by and by."""
        return self._redress is None or self._redress.is_done()

    def apply(self, app: QApplication) -> None:
        """Dress *app* now, and again whenever the scheme changes."""
        if self._app is not app:
            self._app = app
            app.setStyle("Fusion")
            app.setFont(font(TextStyle.TEXT))
            app.setWindowIcon(icons.app_icon())
            app.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._palette = PALETTES[self._wanted_scheme()]
        self._dress(app)

    def choose(self, choice: ThemeChoice | str) -> None:
        """Follow the system, or hold to light or dark."""
        self._choice = ThemeChoice(choice)
        self._pin_platform()
        self._refresh()

    def icon(self, name: str, color: QColor | None = None) -> QIcon:
        """Return the icon *name* tinted for the scheme in use (`text` unless *color* is given)."""
        return icons.icon(name, color or self._palette.text, self._palette.faint)

    def _on_system_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._system = _scheme_of(scheme)
            self._refresh()

    def _pin_platform(self) -> None:
        """Let title bars and native dialogs follow the choice too."""
        hints = QGuiApplication.styleHints()
        match self._choice:
            case ThemeChoice.LIGHT:
                hints.setColorScheme(Qt.ColorScheme.Light)
            case ThemeChoice.DARK:
                hints.setColorScheme(Qt.ColorScheme.Dark)
            case ThemeChoice.SYSTEM:
                hints.unsetColorScheme()
                self._system = _scheme_of(hints.colorScheme())

    def _refresh(self) -> None:
        wanted = self._wanted_scheme()
        if wanted is self._palette.scheme:
            return
        self._palette = PALETTES[wanted]
        if self._app is not None:
            self._dress(self._app)
        self.changed.emit()

    def _wanted_scheme(self) -> Scheme:
        if self._choice is ThemeChoice.SYSTEM:
            return self._system
        return Scheme(self._choice.value)

    def _dress(self, app: QApplication) -> None:
        if self._images is None:
            self._images = QTemporaryDir()
            if not self._images.isValid():
                logger.warning("No room for the theme's images: %s", self._images.errorString())
        folder = self._images.path()
        sheet = build_stylesheet(self._palette, folder)
        if app.styleSheet() == sheet:  # of these colours, with these images: all is dressed
            return
        write_images(self._palette, folder)
        if not app.styleSheet():  # at the start there is hardly a widget
            app.setPalette(_qt_palette(self._palette))
            app.setStyleSheet(sheet)
            return
        self._redress = self._redress or Redress(app)
        self._redress.change(_qt_palette(self._palette), sheet)


@cache
def theme() -> Theme:
    """Return the one theme of this process."""
    return Theme()


def _scheme_of(scheme: Qt.ColorScheme) -> Scheme:
    return Scheme.DARK if scheme is Qt.ColorScheme.Dark else Scheme.LIGHT


def _qt_palette(palette: Palette) -> QPalette:
    made = QPalette()
    role = QPalette.ColorRole
    roles = {
        role.Window: palette.bg,
        role.WindowText: palette.text,
        role.Base: palette.panel,
        role.AlternateBase: palette.bg,
        role.Text: palette.text,
        role.PlaceholderText: palette.faint,
        role.Button: palette.raised,
        role.ButtonText: palette.text,
        role.BrightText: palette.bad,
        role.ToolTipBase: palette.text,
        role.ToolTipText: palette.bg,
        role.Highlight: palette.accent_ground,
        role.HighlightedText: palette.text,
        role.Accent: palette.accent,
        role.Link: palette.accent,
        role.LinkVisited: palette.wait,
        role.Light: palette.panel,
        role.Midlight: palette.line_soft,
        role.Mid: palette.line,
        role.Dark: palette.line,
        role.Shadow: palette.line,
    }
    for color_role, color in roles.items():
        made.setColor(color_role, color)
    for color_role in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, color_role, palette.faint)
    return made
