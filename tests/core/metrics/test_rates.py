"""Arithmetic over spans."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.domain.figures import Span
from core.metrics import rates

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def span(worker: str, first: float, last: float | None, *paused: tuple[float, float]) -> Span:
    return Span(
        task=f"task-{first:g}",
        worker=worker,
        run="run-1",
        stage="build",
        outcome="done",
        started_at=at(first),
        ended_at=None if last is None else at(last),
        paused=tuple((at(begun), at(ended)) for begun, ended in paused),
    )


def test_two_that_only_touch_are_never_at_once() -> None:
    assert rates.most_at_once([(at(0), at(5)), (at(5), at(9))]) == 1
    assert rates.most_at_once([(at(0), at(6)), (at(5), at(9)), (at(5.5), at(7))]) == 3
    assert rates.most_at_once([]) == 0


def test_overlapping_time_counts_once() -> None:
    assert rates.union_s([(at(0), at(10)), (at(5), at(15)), (at(20), at(21))]) == 16 * 60


def test_a_worker_that_waits_while_the_other_works_halves_the_utilisation() -> None:
    parts = rates.clipped([span("ada", 0, 10), span("bo", 0, 5)], at(0), at(60))

    assert rates.utilization(parts) == 0.75


def test_a_night_without_work_counts_against_nobody() -> None:
    parts = rates.clipped([span("ada", 0, 10), span("ada", 600, 610)], at(0), at(1000))

    assert rates.utilization(parts) == 1.0


def test_paused_time_is_no_work() -> None:
    parts = rates.clipped([span("ada", 0, 10, (2, 4), (3, 6))], at(0), at(60))

    assert rates.utilization(parts) == 0.6


def test_a_span_that_goes_on_ends_with_the_window() -> None:
    ((_, inside),) = rates.clipped([span("ada", -30, None)], at(0), at(10))

    assert inside == (at(0), at(10))


def test_the_percentile_is_one_of_the_values() -> None:
    assert rates.percentile(range(1, 101), 0.95) == 95
    assert rates.percentile([7], 0.5) == 7
    assert rates.percentile([], 0.5) is None


def test_the_estimate_error_is_the_median_and_leaves_out_what_has_none() -> None:
    assert rates.estimate_error([(60, 60), (90, 60), (10, 0)]) == 0.25
    assert rates.estimate_error([(10, 0)]) is None
