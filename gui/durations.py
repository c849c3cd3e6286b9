"""Times as people read them: `8 min`, `1 h 20 min`, `3 min ago`, `0:42`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def utc_now() -> datetime:
    """Return the current time, aware UTC."""
    return datetime.now(UTC)


def span(length: timedelta) -> str:
    """Return *length* in its largest unit or two: `40 s`, `8 min`, `1 h 20 min`, `3 d`."""
    seconds = max(0, int(length.total_seconds()))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        minutes = seconds % HOUR // MINUTE
        return f"{seconds // HOUR} h {minutes} min" if minutes else f"{seconds // HOUR} h"
    return f"{seconds // DAY} d"


def ago(then: datetime, now: datetime) -> str:
    """Return how long *then* lies back, `just now` below ten seconds."""
    back = now - then
    return "just now" if back < timedelta(seconds=10) else f"{span(back)} ago"


def wall_clock(moment: str) -> str:
    """Return the time of day of *moment*, ISO 8601, as the person's own clock shows it."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%H:%M:%S}"
    except ValueError:  # a line that was written by hand, or cut off
        return moment[11:19]


def stopwatch(length: timedelta) -> str:
    """Return *length* as a running clock shows it: `0:42`, `12:05`, `1:02:03`."""
    seconds = max(0, int(length.total_seconds()))
    hours, rest = divmod(seconds, HOUR)
    minutes, seconds = divmod(rest, MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
