"""Turn a stream of bytes that nobody vouches for into lines that are safe to keep and to show.

Invalid UTF-8, terminal escapes, control characters, bidirectional overrides and lines without
end come out harmless; memory stays flat whatever comes in.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST_LINE: Final = 16 * 1024
"""Bytes of a line that are kept; the rest is counted and dropped."""

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_ESCAPE: Final = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, erase
    r"|\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, clipboard, links
    r"|[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    r"|[ -/]*[0-~]"  # the two- and three-character ones
    r")?"
    r"|[\x9b\x9d\x90]"  # the same as single characters
)
_CONTROL: Final = {code: None for code in (*range(32), *range(0x7F, 0xA0)) if code != 0x09}
_OVERRIDES: Final = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), "�")
_HARMFUL: Final = {**_CONTROL, **_OVERRIDES, 0x2028: " ", 0x2029: " "}
_HARMFUL_BUT_LINES: Final = {code: told for code, told in _HARMFUL.items() if code != 0x0A}


def harmless(raw: bytes) -> str:
    """Return one line, without its end, as text that no terminal or view acts upon."""
    text = raw.decode("utf-8", "replace")
    if text.isprintable():  # the usual case, several times quicker
        return text
    return _ESCAPE.sub("", text).translate(_HARMFUL)


def harmless_text(text: str) -> str:
    """Return words of many lines without what a terminal or a view would act upon."""
    if text.isprintable():
        return text
    return _ESCAPE.sub("", text.replace("\r\n", "\n")).translate(_HARMFUL_BUT_LINES)


class LineReader:
    """Cuts chunks into lines; one of more than *longest* bytes keeps its beginning and a mark.

    With *exact*, lines of a protocol, nothing in them is changed but what is no UTF-8.
    """

    def __init__(self, longest: int = LONGEST_LINE, *, exact: bool = False) -> None:
        self._longest = longest
        self._exact = exact
        self._begun = bytearray()
        self._dropped = 0
        self._after_return = False

    def feed(self, chunk: bytes) -> list[str]:
        """Take the next bytes; return the lines that they end."""
        if self._after_return and chunk.startswith(b"\n"):
            chunk = chunk[1:]  # the other half of a line end that two chunks shared
        self._after_return = chunk.endswith(b"\r")
        *ended, rest = _LINE_END.split(chunk)
        lines = []
        for part in ended:
            self._extend(part)
            lines.append(self._take())
        self._extend(rest)
        return lines

    def flush(self) -> list[str]:
        """Return the last line, which has no end, if there is one."""
        return [self._take()] if self._begun or self._dropped else []

    def _extend(self, part: bytes) -> None:
        room = self._longest - len(self._begun)
        self._begun += part[:room]
        self._dropped += max(0, len(part) - room)

    def _take(self) -> str:
        raw = bytes(self._begun)
        line = raw.decode("utf-8", "replace") if self._exact else harmless(raw)
        if self._dropped:
            line += f" … [{self._dropped} bytes cut]"
        self._begun.clear()
        self._dropped = 0
        return line
