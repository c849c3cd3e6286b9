"""What agents have used and what it cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Sums over some runs.

    Attributes:
        runs: How many runs these are.
        input_tokens: All that was read, what came from a cache included.
        output_tokens: All that was written.
        cached_tokens: How many of the tokens read came from a cache.
        cost_usd: What is known of the cost; None when nothing is, which is not the same as 0.
        unknown_runs: How many of the runs cost an unknown amount.
    """

    runs: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost_usd: float | None = None
    unknown_runs: int = 0


@dataclass(frozen=True, slots=True)
class UsageShare:
    """What one task, worker or day (UTC, `2026-05-01`) has of the whole."""

    name: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Sums in all, by task and by worker (those that cost most first), and by day in order."""

    total: Usage
    tasks: tuple[UsageShare, ...]
    workers: tuple[UsageShare, ...]
    days: tuple[UsageShare, ...]
