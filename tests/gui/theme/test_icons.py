"""Every icon can be drawn, is drawn once, and is sharp on dense screens."""

from PySide6.QtWidgets import QApplication

from gui.theme import icons
from gui.theme.tokens import LIGHT
from resources import access


def test_every_icon_that_ships_leaves_a_mark(qapp: QApplication) -> None:
    names = [
        name.removeprefix("icons/").removesuffix(".svg") for name in access.list_names("icons")
    ]

    blank = []
    for name in names:
        image = icons.render(name, LIGHT.text, 16, 1.0)
        if not any(image.pixelColor(x, y).alpha() for x in range(16) for y in range(16)):
            blank.append(name)

    assert blank == []


def test_the_same_icon_is_rendered_once(qapp: QApplication) -> None:
    first = icons.pixmap("board", LIGHT.accent)

    assert icons.pixmap("board", LIGHT.accent).cacheKey() == first.cacheKey()


def test_a_dense_screen_gets_twice_the_pixels(qapp: QApplication) -> None:
    dense = icons.pixmap("board", LIGHT.accent, 16, 2.0)

    assert (dense.width(), dense.deviceIndependentSize().width()) == (32, 16)
