"""The theme follows the system, obeys the person, and dresses the application."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme.theme import Theme, ThemeChoice
from gui.theme.tokens import DARK, LIGHT, Scheme


def test_it_follows_the_system_at_once(
    fresh_theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    fresh_theme.apply(qapp)
    fresh_theme.choose(ThemeChoice.SYSTEM)

    with qtbot.waitSignal(fresh_theme.changed):
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    assert fresh_theme.scheme is Scheme.DARK
    assert qapp.palette().window().color() == DARK.bg


def test_a_choice_holds_whatever_the_system_says(fresh_theme: Theme, qapp: QApplication) -> None:
    fresh_theme.apply(qapp)
    fresh_theme.choose("light")

    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    assert fresh_theme.palette is LIGHT


def test_choosing_what_is_already_shown_restyles_nothing(
    fresh_theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    fresh_theme.choose("dark")
    fresh_theme.apply(qapp)

    with qtbot.assertNotEmitted(fresh_theme.changed):
        fresh_theme.choose("dark")


def test_the_sheet_names_no_token_that_does_not_exist(
    fresh_theme: Theme, qapp: QApplication
) -> None:
    for choice in ("light", "dark"):
        fresh_theme.choose(choice)
        fresh_theme.apply(qapp)  # a sheet that Qt cannot parse logs a warning, which fails the test

        assert "$" not in qapp.styleSheet()
        assert fresh_theme.palette.accent.name() in qapp.styleSheet()


def test_an_icon_is_tinted_by_the_scheme(fresh_theme: Theme) -> None:
    fresh_theme.choose("dark")

    image = fresh_theme.icon("stop").pixmap(16, 16).toImage()

    opaque = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    ]
    assert opaque
    assert set(map(QColor.name, opaque)) == {DARK.text.name()}
