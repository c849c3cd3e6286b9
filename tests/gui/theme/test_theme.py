"""The theme follows the system, obeys the person, and dresses the application."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from typing_extensions import override

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


BOXES = 12


class Counting(QLabel):
    """Counts how often its style changes."""

    times = 0

    @override
    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.StyleChange:
            self.times += 1
        super().changeEvent(event)


def test_no_widget_is_dressed_for_each_that_it_lies_in_and_none_is_left_out(
    fresh_theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    fresh_theme.choose("light")
    fresh_theme.apply(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    label = Counting(window)
    for _ in range(BOXES):  # in a box in a box …
        box = QWidget(window)
        label.setParent(box)
        label = Counting(box)
    hidden = Counting(window)
    hidden.setText("Out of sight")
    window.show()
    hidden.hide()
    label.times = hidden.times = 0

    fresh_theme.choose("dark")
    qtbot.waitUntil(lambda: fresh_theme.is_worn)

    assert 0 < label.times < BOXES  # once where the machine has time, never for each of them
    assert hidden.times == 1
    for each in (window, label, hidden):
        assert each.palette().windowText().color() == DARK.text


def test_two_changes_at_once_end_with_the_second(
    fresh_theme: Theme, qapp: QApplication, qtbot: QtBot
) -> None:
    fresh_theme.choose("light")
    fresh_theme.apply(qapp)
    labels = [QLabel(str(number)) for number in range(400)]
    for each in labels:
        qtbot.addWidget(each)
        each.ensurePolished()

    fresh_theme.choose("dark")
    fresh_theme.choose("light")
    del labels[::2]  # and some go meanwhile
    qtbot.waitUntil(lambda: fresh_theme.is_worn)

    assert {each.palette().windowText().color().name() for each in labels} == {LIGHT.text.name()}


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
