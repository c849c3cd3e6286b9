"""Pure arithmetic over spans: how many at once, how busy, how long against the estimate."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from core.domain.figures import Span

Interval = tuple["datetime", "datetime"]


def clipped(spans: Iterable[Span], since: datetime, until: datetime) -> list[tuple[Span, Interval]]:
    """Return each span with its part inside *since* to *until*; others are left out."""
    found = []
    for span in spans:
        first = max(span.started_at, since)
        last = min(span.ended_at or until, until)
        if last > first:
            found.append((span, (first, last)))
    return found


def most_at_once(intervals: Iterable[Interval]) -> int:
    """Return how many overlap at the busiest moment; one that ends as another begins does not."""
    marks = sorted(
        mark for first, last in intervals for mark in ((first, 1), (last, -1))
    )  # at the same moment -1 sorts first
    now = most = 0
    for _, step in marks:
        now += step
        most = max(most, now)
    return most


def union_s(intervals: Iterable[Interval]) -> float:
    """Return the seconds that at least one interval covers."""
    total, end = 0.0, None
    for first, last in sorted(intervals):
        start = first if end is None else max(first, end)
        if last > start:
            total += (last - start).total_seconds()
        end = last if end is None else max(end, last)
    return total


def worked_s(span: Span, inside: Interval) -> float:
    """Return the seconds of *span* inside *inside* in which it was not paused."""
    first, last = inside
    lost = union_s(
        (max(begun, first), min(ended, last))
        for begun, ended in span.paused
        if min(ended, last) > max(begun, first)
    )
    return max(0.0, (last - first).total_seconds() - lost)


def utilization(parts: Sequence[tuple[Span, Interval]]) -> float | None:
    """Return worked time over (workers times the time in which any of them worked); None without.

    A night in which nobody had anything to do does not count against anyone.
    """
    span = union_s(inside for _, inside in parts)
    workers = {part.worker for part, _ in parts}
    if not span:
        return None
    return min(1.0, sum(worked_s(part, inside) for part, inside in parts) / (span * len(workers)))


def percentile(values: Sequence[int], share: float) -> int | None:
    """Return the smallest value that at least *share* (0 to 1) of *values* do not exceed."""
    if not values:
        return None
    ordered = sorted(values)
    at = -(-len(ordered) * round(share * 1000) // 1000)  # ceiling
    return ordered[max(0, at - 1)]


def estimate_error(pairs: Iterable[tuple[float, float]]) -> float | None:
    """Return the median of |actual - estimate| / estimate over (actual, estimate) in minutes."""
    errors = [abs(actual - estimate) / estimate for actual, estimate in pairs if estimate > 0]
    return median(errors) if errors else None
