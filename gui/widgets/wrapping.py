"""Text broken into lines, for what is painted and not laid out by a widget."""

from functools import lru_cache
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextLayout, QTextOption

from gui.theme.fonts import TextStyle, font, metrics

REST: Final = 800
"""So many bytes of a text are looked at for the end of its last line."""


@lru_cache(maxsize=50_000)
def wrap(text: str, style: TextStyle, width: int, most: int) -> tuple[str, ...]:
    """Break *text* into at most *most* lines of *width* pixels; the last ends in "…" if cut."""
    layout = QTextLayout(text, font(style))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    units = text.encode("utf-16-le", "surrogatepass")  # what Qt counts: an emoji is two
    lines: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        start = 2 * line.textStart()
        end = start + 2 * line.textLength()
        if len(lines) == most - 1 and end < len(units):
            rest = _text(units[start : start + REST])
            lines.append(metrics(style).elidedText(rest, Qt.TextElideMode.ElideRight, width))
            break
        lines.append(_text(units[start:end]).strip())
    layout.endLayout()
    return tuple(lines) or ("",)


def _text(units: bytes) -> str:
    return units.decode("utf-16-le", "surrogatepass")
