"""A screen to open a window on: the person's, or one of Xvfb's that can be read back."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import zlib
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from pathlib import Path

_SIZE: Final = "1440x900x24"
_HEADER: Final = struct.Struct(">25I")
"""Of a window dump as X writes it (XWDFile.h), which is what Xvfb keeps its screen in."""


class Screen:
    """A display.

    Attributes:
        display: Its name, for DISPLAY; empty where windows need none.
        seen: How many colours were on it when it was last looked at.
    """

    def __init__(
        self, display: str, server: subprocess.Popen[bytes] | None, memory: Path | None
    ) -> None:
        self.display = display
        self.seen = 0
        self._server = server
        self._memory = memory

    @classmethod
    def find(cls, folder: Path) -> Self | None:
        """Return the person's screen, one of Xvfb's with its memory in *folder*, or none."""
        if not sys.platform.startswith("linux"):
            return cls("", None, None)
        if "DISPLAY" in os.environ:
            return cls(os.environ["DISPLAY"], None, None)
        program = shutil.which("Xvfb")
        if program is None:
            return None
        theirs, ours = os.pipe()
        words = ["-displayfd", str(ours), "-screen", "0", _SIZE, "-fbdir", str(folder)]
        server = subprocess.Popen(
            [program, *words, "-nolisten", "tcp"], pass_fds=[ours], stderr=subprocess.DEVNULL
        )
        os.close(ours)
        with os.fdopen(theirs) as said:
            number = said.readline().strip()
        return cls(f":{number}", server, folder / "Xvfb_screen0")

    @property
    def can_be_read(self) -> bool:
        """Whether what it shows can be looked at."""
        return self._memory is not None

    def colours(self) -> int:
        """Return how many different colours it shows."""
        _, _, rows = self._pixels()
        self.seen = len({row[at : at + 3] for row in rows[::3] for at in range(0, len(row), 3)})
        return self.seen

    def keep(self, file: Path) -> None:
        """Write what it shows as a PNG."""
        width, height, rows = self._pixels()
        head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
        body = zlib.compress(b"".join(b"\0" + row for row in rows))
        parts = (_chunk(b"IHDR", head), _chunk(b"IDAT", body), _chunk(b"IEND", b""))
        file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))

    def close(self) -> None:
        """End the server, if it is ours."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait()

    def _pixels(self) -> tuple[int, int, list[bytes]]:
        """Return width, height, and the rows as red, green and blue bytes."""
        assert self._memory is not None
        data = self._memory.read_bytes()
        head = _HEADER.unpack_from(data)
        header_size, width, height, line, colours = head[0], head[4], head[5], head[12], head[19]
        start = header_size + colours * 12
        rows = []
        for row in range(height):
            raw = data[start + row * line : start + row * line + width * 4]
            rgb = bytearray(width * 3)  # a pixel is blue, green, red and a byte of nothing
            rgb[0::3], rgb[1::3], rgb[2::3] = raw[2::4], raw[1::4], raw[0::4]
            rows.append(bytes(rgb))
        return width, height, rows


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
