"""Syntax colours for code: pygments tokens mapped to the palette, a stretch of lines at a time."""

from collections.abc import Mapping
from functools import cache
from typing import Final, TypeAlias

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound
from PySide6.QtGui import QColor

from gui.theme.tokens import Palette, Tone

Span: TypeAlias = tuple[int, int, QColor]
"""Start, length and colour of a stretch within one line, in Qt's units: an emoji is two."""


TONES: Final[Mapping[_TokenType, Tone | None]] = {
    Token.Comment: Tone.NEUTRAL,
    Token.Keyword: Tone.WAIT,
    Token.Keyword.Constant: Tone.WARN,
    Token.Literal.String: Tone.OK,
    Token.Literal.Number: Tone.WARN,
    Token.Name.Function: Tone.ACCENT,
    Token.Name.Class: Tone.ACCENT,
    Token.Name.Tag: Tone.ACCENT,
    Token.Name.Decorator: Tone.WAIT,
    Token.Name.Attribute: Tone.WAIT,
    Token.Name: None,
}
"""What is coloured; a kind not listed goes by its closest listed ancestor."""


@cache
def lexer_for(path: str) -> Lexer:
    """Return the lexer for a file called *path*; plain text when nothing fits."""
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)


def colored_spans(lexer: Lexer, lines: list[str], palette: Palette) -> list[list[Span]]:
    """Return for each line the stretches whose colour is not that of plain text."""
    found: list[list[Span]] = [[] for _ in lines]
    row = column = 0
    for kind, value in lexer.get_tokens("\n".join(lines)):
        color = _color_of(kind, palette)
        for number, piece in enumerate(value.split("\n")):
            if number > 0:
                row, column = row + 1, 0
            length = len(piece) if piece.isascii() else _units(piece)
            if piece and color is not None and row < len(found):
                found[row].append((column, length, color))
            column += length
    return found


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _color_of(kind: _TokenType, palette: Palette) -> QColor | None:
    closest: _TokenType | None = kind
    while closest is not None:
        if closest in TONES:
            tone = TONES[closest]
            return None if tone is None else palette.tone(tone).ink
        closest = closest.parent
    return None
