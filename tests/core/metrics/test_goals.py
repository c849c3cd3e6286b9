"""The key figures in words."""

from __future__ import annotations

import pytest

from core.metrics.goals import told_wait


@pytest.mark.parametrize(
    ("ms", "told"),
    [(0, "0 ms"), (999, "999 ms"), (5000, "5 s"), (22441, "22.4 s"), (180_000, "3 min")],
)
def test_a_wait_is_told_in_the_unit_that_people_would_use(ms: int, told: str) -> None:
    assert told_wait(ms) == told
