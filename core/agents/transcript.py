"""What a run said and did: JSON lines in a file that is only ever appended to.

One line is `{"seq", "at", "kind", "text"}` and where they apply `call`, `state` and `by`, as
`core.domain.transcript.TranscriptLine` says. A reader goes on from any byte offset that an earlier
page gave.
"""

from __future__ import annotations

import errno
import json
import os
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Final, Self

from core.agents.masking import Masker
from core.clock import iso
from core.domain.transcript import TranscriptLine, TranscriptPage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

FILE_NAME: Final = "transcript.jsonl"
CAP: Final = 64 * 1024 * 1024
"""Bytes after which an agent's own words are dropped and counted; Weft's lines still come."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_MARKS: Final = ("call", "state", "by")
_OF_WEFT: Final = frozenset({"state", "error", "question"})
_FLAGS: Final[int] = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
_PAGE_BYTES: Final = 4 * 1024 * 1024
_TAIL_BYTES: Final = 128 * 1024


class Transcript:
    """The writing end; one process owns it. Sequence numbers go on after a restart.

    What looks like a secret is masked, whoever says it; *masker* knows the run's own ones too.
    """

    def __init__(self, file: Path, *, cap: int = CAP, masker: Masker | None = None) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._sequence = _last_sequence(file)
        self._handle = os.open(file, _FLAGS, 0o600)
        self._size = os.fstat(self._handle).st_size
        self._cap = cap
        self._masker = masker or Masker()
        self._dropped = 0
        self._unwritten = b""
        if self._size and not _ends_whole(file):
            self._write(b"\n")  # a killed writer's half line stays a line of its own

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def dropped(self) -> int:
        """Return how many lines did not fit under the cap."""
        return self._dropped

    @property
    def is_kept(self) -> bool:
        """Whether all that was appended is in the file; False on a full disk."""
        return not self._unwritten

    def keep(self) -> bool:
        """Try again to write what a full disk had no room for; whether all of it is there."""
        rest, self._unwritten = self._unwritten, b""
        self._write(rest)
        return self.is_kept

    def append(self, kind: str, lines: Sequence[str], now: datetime, **marks: str) -> None:
        """Add lines of one kind, in one write; *marks* are `call`, `state` and `by` of them all.

        On a full disk they wait in memory, in their order, until `keep` finds room; the caller
        sees by `is_kept` that it should bring no more.
        """
        if self._size >= self._cap and kind not in _OF_WEFT:
            self._drop(len(lines), now)
            return
        at = iso(now)
        masked = self._masker.lines(kind, lines)
        marked = "".join(f', "{name}": {encode_basestring(word)}' for name, word in marks.items())
        self._write(b"".join(self._encode(at, kind, line, marked) for line in masked))

    def close(self) -> None:
        """Close the file; safe to call twice."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _encode(self, at: str, kind: str, text: str, marked: str = "") -> bytes:
        self._sequence += 1
        # By hand but for the text: `json.dumps` takes four times as long, and floods come here.
        head = f'{{"seq": {self._sequence}, "at": "{at}", "kind": "{kind}"{marked}, "text": '
        return f"{head}{encode_basestring(text)}}}\n".encode("utf-8", "replace")

    def _write(self, data: bytes) -> None:
        if self._unwritten:
            self._unwritten += data
            return
        view = memoryview(data)
        while view:
            try:
                written = os.write(self._handle, view)
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                self._unwritten = bytes(view)
                return
            self._size += written
            view = view[written:]

    def _drop(self, count: int, now: datetime) -> None:
        if not self._dropped:
            said = (
                f"The transcript is full at {self._cap // 1_048_576} MB: further output is dropped."
            )
            self._write(self._encode(iso(now), "state", said))
        self._dropped += count


def read_page(file: Path, *, offset: int = 0, limit: int = 500) -> TranscriptPage:
    """Return whole lines from byte *offset* on, at most *limit*; a line being written waits.

    An offset in the middle of a line goes on at the next one. A file that is not there yet is an
    empty page.
    """
    lines: list[TranscriptLine] = []
    try:
        stream = file.open("rb")
    except FileNotFoundError:
        return TranscriptPage((), 0)
    with stream:
        if offset:
            stream.seek(offset - 1)
            offset += len(stream.readline()) - 1
        while len(lines) < limit:
            raw = stream.readline(_PAGE_BYTES)
            if not raw.endswith(b"\n"):
                break
            offset += len(raw)
            line = _parse(raw)
            if line is not None:
                lines.append(line)
    return TranscriptPage(tuple(lines), offset)


def tail_offset(file: Path, *, lines: int = 200) -> int:
    """Return an offset from which about the last *lines* lines can be read."""
    try:
        size = file.stat().st_size
    except FileNotFoundError:
        return 0
    start = max(0, size - _TAIL_BYTES)
    with file.open("rb") as stream:
        stream.seek(start)
        tail = stream.read()
    ends = [at for at, byte in enumerate(tail) if byte == 0x0A]
    if len(ends) <= lines:
        return start
    return start + ends[-lines - 1] + 1


def _parse(raw: bytes) -> TranscriptLine | None:
    """Return a line, or None for one that a killed writer left half written."""
    try:
        entry = json.loads(raw)
        return TranscriptLine(
            int(entry["seq"]),
            str(entry["at"]),
            str(entry["kind"]),
            str(entry["text"]),
            **{name: str(entry[name]) for name in _MARKS if name in entry},
        )
    except (ValueError, KeyError, TypeError):
        return None


def _last_sequence(file: Path) -> int:
    page = read_page(file, offset=tail_offset(file, lines=2))
    return page.lines[-1].seq if page.lines else 0


def _ends_whole(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
