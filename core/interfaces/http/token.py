"""The token that every request shows, in a file that its owner alone can read."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import stat
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.paths import replace_file, weft_home
from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "api-token"
_LEAST: Final = 32
"""Letters of a token that is worth the name; ours have 43."""


def token_file() -> Path:
    """Return where the token is kept."""
    return weft_home() / FILE


def api_token() -> str:
    """Return the token; one is made when there is none, or when others could have read it.

    Raises:
        EnvironmentFault: The file can be neither read nor written.
    """
    file = token_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = _kept(file)
        return kept if kept is not None else _made(file)
    except OSError as error:
        raise EnvironmentFault(f"The token file {file} cannot be used: {error}.") from error


def is_right(shown: str, token: str) -> bool:
    """Compare in a time that does not tell how much of it is right."""
    return hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode())


def proof(token: str, challenge: str) -> str:
    """Return what only a server that knows the token can answer to a client's *challenge*."""
    told = f"weft-proof:{challenge}".encode("utf-8", "replace")
    return hmac.new(token.encode(), told, hashlib.sha256).hexdigest()


def _kept(file: Path) -> str | None:
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, encoding="ascii", errors="replace") as opened:
        mode = os.fstat(opened.fileno()).st_mode
        text = opened.read(1000).strip()
    was_private = WINDOWS or not stat.S_IMODE(mode) & 0o077
    return text if was_private and len(text) >= _LEAST else None


def _made(file: Path) -> str:
    """Write a new token: into a file of its own first, so that nobody reads half of one."""
    token = secrets.token_urlsafe(32)
    fresh = file.with_name(f"{FILE}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(f"{token}\n")
    replace_file(fresh, file)
    return token
