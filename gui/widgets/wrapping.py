"""Text broken into lines, for what is painted and not laid out by a widget."""

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextLayout, QTextOption

from gui.theme.fonts import TextStyle, font, metrics


@lru_cache(maxsize=50_000)
def wrap(text: str, style: TextStyle, width: int, most: int) -> tuple[str, ...]:
    """Break *text* into at most *most* lines of *width* pixels; the last ends in "…" if cut."""
    layout = QTextLayout(text, font(style))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width))
        start, length = line.textStart(), line.textLength()
        if len(lines) == most - 1 and start + length < len(text):
            rest = text[start : start + 400]
            lines.append(metrics(style).elidedText(rest, Qt.TextElideMode.ElideRight, width))
            break
        lines.append(text[start : start + length].strip())
    layout.endLayout()
    return tuple(lines) or ("",)
