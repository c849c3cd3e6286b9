"""What a run has used, over all the processes of its agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.agents.masking import Masker
from core.agents.transcript import Transcript
from core.clock import SystemClock
from core.domain.agent_event import UsageReported
from core.runner.speech import Speech
from core.runner.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def tally(tmp_path: Path) -> Iterator[Tally]:
    with Transcript(tmp_path / "transcript.jsonl") as transcript:
        yield Tally(Speech(transcript, SystemClock(), Masker(())), hint="codex")


def used(tally: Tally) -> tuple[int | None, int | None, int | None, int | None]:
    facts = tally.facts
    return facts.input_tokens, facts.output_tokens, facts.cached_tokens, facts.cost_micro


def test_the_totals_of_one_process_take_each_others_place(tally: Tally) -> None:
    tally.take(UsageReported(100, 10, 50, 0.25))
    tally.take(UsageReported(150, 15, 60, 0.5))

    assert used(tally) == (150, 15, 60, 500_000)


def test_another_process_of_the_same_run_is_counted_on_top(tally: Tally) -> None:
    tally.take(UsageReported(100, 10, 50, 0.25))
    tally.another_process()
    tally.take(UsageReported(20, 2, 5, 0.125))
    tally.take(UsageReported(30, 3, 5, 0.25))

    assert used(tally) == (130, 13, 55, 500_000)


def test_a_cost_of_the_whole_session_is_told_without_what_earlier_runs_paid(tally: Tally) -> None:
    tally.paid_before = 200_000
    tally.take(UsageReported(cost_usd=0.25, of_session=True))
    tally.another_process()
    tally.take(UsageReported(cost_usd=0.5, of_session=True))

    assert tally.facts.cost_micro == 300_000


def test_a_cost_of_the_whole_session_is_unknown_where_that_of_earlier_runs_is(
    tally: Tally,
) -> None:
    tally.paid_before = None
    tally.take(UsageReported(100, 10, cost_usd=0.25, of_session=True))

    assert used(tally) == (100, 10, None, None)


def test_what_another_process_does_not_tell_stays_as_it_was(tally: Tally) -> None:
    tally.take(UsageReported(100, 10, None, 0.25))
    tally.another_process()
    tally.take(UsageReported(20, None, None, None))

    assert used(tally) == (120, 10, None, 250_000)
