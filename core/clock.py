"""Time: aware UTC inside, integer milliseconds in the database, ISO 8601 with `Z` outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Clock(Protocol):
    """Tells the time; tests bring their own."""

    def now(self) -> datetime:
        """Return the current time, aware UTC."""
        ...


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        """Return the current time, aware UTC."""
        return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Return whole milliseconds since the epoch (rounded down)."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """Return the aware UTC moment that `to_ms` was given, to the millisecond."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def from_optional_ms(milliseconds: int | None) -> datetime | None:
    """Like `from_ms`, for a column that may be empty."""
    return None if milliseconds is None else from_ms(milliseconds)


def iso(moment: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
