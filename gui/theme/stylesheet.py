"""The application's one style sheet, built from the tokens.

The sheets lie in `resources/themes`; `$name` is a colour of the palette. Widgets opt into a look
by a dynamic property: `kind` (primary, ghost, danger), `small`, `role` and `tone` of a label,
`surface` of a frame, `invalid` and `mono` of a field.
"""

from dataclasses import fields
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from gui.theme import icons
from gui.theme.fonts import mono_family
from gui.theme.tokens import Palette, Scheme
from resources import access

SHEETS: Final = ("base", "views", "buttons", "inputs", "chrome")
# A style sheet can only name picture files, so these few marks are drawn to files, tinted.
IMAGES: Final = (
    ("chevron-down", "muted"),
    ("chevron-up", "muted"),
    ("chevron-right", "muted"),
    ("check", "on_accent"),
    ("check", "accent"),
    ("minus", "on_accent"),
    ("dot-filled", "on_accent"),
)


def build_stylesheet(palette: Palette, images: str) -> str:
    """Return the whole sheet in *palette*; *images* is the folder `write_images` filled."""
    names = {
        field.name: value.name()
        for field in fields(palette)
        if isinstance(value := getattr(palette, field.name), QColor)
    }
    dark = palette.scheme is Scheme.DARK
    names |= {
        "on_bad": (palette.on_accent if dark else palette.panel).name(),
        "field": (palette.bg if dark else palette.panel).name(),
        "disabled_text": palette.muted.name(),
        "code": palette.bg.name(),
        "scroll": palette.control_line.name(),
        "mono": mono_family(),
        "images": f"{images}/{palette.scheme}",
    }
    return Template(_template()).substitute(names)


def write_images(palette: Palette, folder: str) -> None:
    """Draw the marks that the sheet names, for plain and dense screens."""
    target = Path(folder) / palette.scheme
    if target.exists():
        return
    target.mkdir(parents=True)
    for name, color in IMAGES:
        for suffix, ratio in (("", 1.0), ("@2x", 2.0)):
            image = icons.render(name, getattr(palette, color), 16, ratio)
            image.save(str(target / f"{name}-{color}{suffix}.png"))


def restyle(widget: QWidget) -> None:
    """Make *widget* look at its dynamic properties again, after one of them has changed."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def set_look(widget: QWidget, **properties: object) -> None:
    """Set dynamic properties that the sheet knows, and restyle if one of them changed."""
    changed = [name for name, value in properties.items() if widget.property(name) != value]
    for name in changed:
        widget.setProperty(name, properties[name])
    if changed:
        restyle(widget)


@cache
def _template() -> str:
    return "\n".join(access.read_text(f"themes/{name}.qss") for name in SHEETS)
