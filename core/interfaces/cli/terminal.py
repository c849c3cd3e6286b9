"""Where the answer goes: colours and aligned tables on a terminal, plain lines on a pipe.

All text passes through `harmless`: titles, messages and paths come from agents and repositories,
and may hold escape sequences, line ends or bytes that are no text.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TextIO

from core.interfaces.cli.blocks import Line, Remark, Span, Table, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.event import JsonValue
    from core.interfaces.cli.blocks import Block

_SGR: Final = MappingProxyType(
    {
        Tone.STRONG: "1",
        Tone.FAINT: "2",
        Tone.GOOD: "32",
        Tone.ATTENTION: "33",
        Tone.BAD: "31",
        Tone.ACTIVE: "36",
    }
)
_ASCII: Final[dict[int, str | int | None]] = {
    ord("…"): "...",
    ord("\N{MULTIPLICATION SIGN}"): "x",
    ord("\N{RIGHTWARDS ARROW}"): "->",
}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_OBEYS_ESCAPES: Final = 0x0004
"""ENABLE_VIRTUAL_TERMINAL_PROCESSING of a Windows console."""
_CLEAR: Final = "\x1b[H\x1b[2J\x1b[3J"
_GAP: Final = "  "
_NARROWEST: Final = 12


@dataclass(frozen=True, slots=True)
class Terminal:
    """How to print.

    Attributes:
        tabular: Align tables, with a head.
        colour: Paint tones.
        unicode: Keep signs such as … and arrows; otherwise they are spelt in ASCII.
        width: Columns.
        heads: Print the heads of aligned tables; off for what is printed row by row.
    """

    tabular: bool = False
    colour: bool = False
    unicode: bool = True
    width: int = 80
    heads: bool = True

    @classmethod
    def of_stdout(cls) -> Terminal:
        """Return what this process's stdout can show."""
        tty = is_tty(sys.stdout)
        paints = tty and _paints(sys.stdout)
        return cls(
            tabular=tty,
            colour=paints and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
            unicode=is_unicode(sys.stdout),
            width=shutil.get_terminal_size().columns if tty else 80,
        )

    def text_of(self, block: Line | Table) -> str:
        """Return *block* as text with line ends."""
        match block:
            case Line():
                return self._painted(block.spans).rstrip(" ") + "\n"
            case Table() if self.tabular:
                return self._aligned(block)
            case Table():
                rows = ("\t".join(self._plain(cell) for cell in row) for row in block.rows)
                return "".join(f"{row}\n" for row in rows)

    def _aligned(self, block: Table) -> str:
        head = tuple(Span(name, Tone.FAINT) for name in block.head)
        rows = [[(self._plain(s), s.tone) for s in row] for row in (head, *block.rows)]
        widths = [max(width_of(row[at][0]) for row in rows) for at in range(len(head))]
        if block.flexible is not None:
            over = sum(widths) + len(_GAP) * (len(widths) - 1) - self.width
            if over > 0:
                least = min(widths[block.flexible], _NARROWEST)
                widths[block.flexible] = max(least, widths[block.flexible] - over)
        shown = rows if self.heads else rows[1:]
        return "".join(f"{self._row(row, widths)}\n" for row in shown)

    def _row(self, row: list[tuple[str, Tone]], widths: list[int]) -> str:
        cells = []
        for at, (text, tone) in enumerate(row):
            shown = cut(text, widths[at], "…" if self.unicode else "...")
            padding = "" if at == len(row) - 1 else " " * (widths[at] - width_of(shown))
            cells.append(self._paint(shown, tone) + padding)
        return _GAP.join(cells)

    def _painted(self, spans: Iterable[Span]) -> str:
        return "".join(self._paint(self._plain(span), span.tone) for span in spans)

    def _plain(self, span: Span) -> str:
        text = harmless(span.text)
        return text if self.unicode else text.translate(_ASCII)

    def _paint(self, text: str, tone: Tone) -> str:
        code = _SGR.get(tone)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code and text else text


def show(blocks: Iterable[Block], terminal: Terminal | None = None) -> None:
    """Print *blocks*: remarks to stderr, all else to stdout; what can be joined is one write."""
    terminal = terminal or Terminal.of_stdout()
    answer: list[str] = []
    for block in blocks:
        if isinstance(block, Remark):
            _write(sys.stdout, "".join(answer))
            answer.clear()
            _write(sys.stderr, harmless(block.text) + "\n")
        else:
            answer.append(terminal.text_of(block))
    _write(sys.stdout, "".join(answer))


def clear_screen() -> None:
    """Empty the terminal, its scrolled-off lines included, before something is shown anew."""
    _write(sys.stdout, _CLEAR)


def show_json(value: JsonValue, *, one_line: bool = False) -> None:
    """Print one JSON value: indented on a terminal, on one line elsewhere."""
    indent = 2 if is_tty(sys.stdout) and not one_line else None
    _write(sys.stdout, json.dumps(value, indent=indent, ensure_ascii=not is_unicode(sys.stdout)))
    _write(sys.stdout, "\n")


def say(text: str) -> None:
    """Print a sentence to stderr: progress, questions, what to do next."""
    _write(sys.stderr, harmless(text) + "\n")


def ask(question: str) -> bool:
    """Ask a yes-or-no question on stderr; only `y` and `yes` are yes, the end of input is no."""
    _write(sys.stderr, f"{harmless(question)} [y/N] ")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def can_ask() -> bool:
    """Return whether a person is there to answer."""
    return is_tty(sys.stdin) and is_tty(sys.stderr)


def is_tty(stream: TextIO | None) -> bool:
    """Return whether *stream* is a terminal; a closed or missing one is not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def _paints(stream: TextIO) -> bool:
    """Whether a terminal obeys escape sequences; a console of Windows is asked to from now on."""
    if os.name != "nt":
        return True
    import ctypes
    import msvcrt

    handle = msvcrt.get_osfhandle(stream.fileno())  # type: ignore[attr-defined,unused-ignore]
    console, mode = ctypes.c_void_p(handle), ctypes.c_ulong()
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    if not kernel.GetConsoleMode(console, ctypes.byref(mode)):
        return False
    return bool(kernel.SetConsoleMode(console, mode.value | _OBEYS_ESCAPES))


def is_unicode(stream: TextIO) -> bool:
    """Return whether *stream* can carry any character."""
    return (getattr(stream, "encoding", None) or "ascii").lower().replace("_", "-") in {
        "utf-8",
        "utf8",
        "utf-8-sig",
    }


def harmless(text: str) -> str:
    """Return *text* as one line that does nothing to a terminal; odd bytes become U+FFFD."""
    clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return _CONTROL.sub(_stand_in, clean)


def width_of(text: str) -> int:
    """Return how many cells *text* takes on a terminal; wide East Asian characters take two."""
    return len(text) if text.isascii() else sum(_cells(character) for character in text)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Return *text*, cut with an ellipsis if it takes more than *width* cells."""
    if width_of(text) <= width:
        return text
    room = width - width_of(ellipsis)
    kept = ""
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept += character
    return kept + ellipsis


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _stand_in(found: re.Match[str]) -> str:
    return " " if found[0] in "\t\n\r\x0b\x0c\u2028\u2029" else "\ufffd"


def _write(stream: TextIO, text: str) -> None:
    if text:
        stream.write(text)
        stream.flush()
