"""What went wrong, in one sentence for a person."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from core.agents.acp.shape import one_line, table_at, text_at
from core.domain.agent_event import RateLimited

if TYPE_CHECKING:
    from core.agents.acp.shape import Message

LOGIN: Final = -32000
UNKNOWN_METHOD: Final = -32601
_LONGEST: Final = 300
_STATUS: Final = re.compile(r"(?<![\d.:/])([45]\d\d)(?!\d)(?![\w./:-]*\d)")
_LIMIT: Final = re.compile(r"rate.?limit|too many requests|overloaded|quota exceeded", re.I)
_BARE: Final = frozenset({"internal error", "server error", "error", "invalid request"})
_WRAPPING: Final = re.compile(r"^(?:Internal error:\s*)?(?:API Error:\s*)?(?:[45]\d\d\s+)?", re.I)
_AS_WORDS: Final = re.compile(r'\s*(?:API Error\b|\{\s*"error"\s*:|Error:? \d{3}\b)')
_TOLD: Final = {
    400: "The model's provider refused the request",
    401: "The model's provider refused the key",
    403: "The model's provider refused the key",
    404: "The model's provider does not know the model or the address",
    429: "The model's provider limits the rate",
    529: "The model's provider is overloaded",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A sentence, and what makes the provider wait if that is the reason."""

    reason: str
    limit: RateLimited | None = None


def failure(code: int, message: str, data: object, *, now: datetime | None = None) -> Failure:
    """Return what a JSON-RPC error means."""
    said = _said(message, data)
    status = code if 400 <= code <= 599 else _status(said)
    if code == LOGIN and status is None:
        return Failure(_sentence("The agent is not logged in", said))
    if status == 429 or status == 529 or _LIMIT.search(said):
        reason = _sentence(_TOLD[429 if status is None else status], said)
        return Failure(reason, RateLimited(reason, _retry_at(data, now or datetime.now(UTC))))
    if status is not None:
        return Failure(_sentence(f"{_TOLD.get(status, _by_class(status))} ({status})", said))
    return Failure(_sentence("The agent reported an error", said))


def failure_in_words(text: str) -> Failure | None:
    """Return the failure that an agent told as if it were its answer, or None."""
    return failure(0, text, None) if _AS_WORDS.match(text) else None


def _by_class(status: int) -> str:
    if status >= 500:
        return "The model's provider failed"
    return "The model's provider refused the request"


def _sentence(begin: str, said: str) -> str:
    words = _WRAPPING.sub("", one_line(said, _LONGEST)).rstrip(" .:")
    return f"{begin}: {words}." if words and words.casefold() not in _BARE else f"{begin}."


def _said(message: str, data: object) -> str:
    """Return the words that say most: those of the provider, which may be packed several times."""
    if isinstance(data, Mapping):
        for name in ("details", "message", "error"):
            if found := text_at(data, name):
                return _unpacked(found)
            if found := text_at(table_at(data, name), "message"):
                return _unpacked(found)
    if isinstance(data, str) and message.strip().casefold() in _BARE:
        return _unpacked(data)
    return _unpacked(message)


def _unpacked(text: str) -> str:
    at = text.find("{")
    if at < 0:
        return text
    try:
        found: object = json.loads(text[at:])
    except ValueError:
        return text
    if not isinstance(found, Mapping):
        return text
    table: Message = found
    inner = text_at(table_at(table, "error"), "message") or text_at(table, "message")
    return f"{text[:at]} {inner}".strip() if inner else text


def _status(said: str) -> int | None:
    found = _STATUS.search(said)
    return int(found[1]) if found else None


def _retry_at(data: object, now: datetime) -> datetime | None:
    if not isinstance(data, Mapping):
        return None
    for name in ("retryAfter", "retry_after", "retryAfterSeconds"):
        seconds = data.get(name)
        if isinstance(seconds, int | float) and 0 < seconds < 7 * 86_400:
            return now + timedelta(seconds=seconds)
    return None
