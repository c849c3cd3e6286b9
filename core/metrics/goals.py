"""The key figures' goals, and how far each is met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.figures import Goal

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.figures import Health, WorkerFigures

CONCURRENT: Final = "Concurrent workers"
GOAL_CONCURRENT: Final = 3
GOAL_UTILIZATION: Final = 0.70
GOAL_COMPLETION: Final = 0.95
GOAL_ESTIMATE: Final = 0.20
GOAL_LATENCY_MS: Final = 5000


def told_wait(ms: int) -> str:
    """Return a wait as people say it: `55 ms`, `22.4 s`, `3 min`."""
    if ms < 1000:
        return f"{ms} ms"
    return f"{ms / 1000:.3g} s" if ms < 100_000 else f"{ms / 60_000:.0f} min"


def told_figures(one: WorkerFigures) -> tuple[str, ...]:
    """Return a worker's figures as texts for a table: runs by outcome, minutes, tokens, cost."""
    return (
        str(one.done),
        str(one.failed),
        str(one.aborted),
        f"{one.busy_minutes:g}",
        str(one.input_tokens),
        str(one.output_tokens),
        "unknown" if one.cost_usd is None else f"${one.cost_usd:.2f}",
    )


def goals_of(health: Health) -> tuple[Goal, ...]:
    """Return each key figure beside its goal."""
    latency = health.assignment_latency_ms.p95
    return (
        Goal(
            CONCURRENT,
            str(health.concurrent),
            f"{GOAL_CONCURRENT} or more",
            health.concurrent >= GOAL_CONCURRENT if health.concurrent else None,
        ),
        _rate("Conflict rate", health.conflict_rate, "0%", lambda rate: rate == 0),
        Goal(
            "Assignment latency, p95",
            "none yet" if latency is None else told_wait(latency),
            f"under {told_wait(GOAL_LATENCY_MS)}",
            None if latency is None else latency < GOAL_LATENCY_MS,
        ),
        _rate(
            "Utilisation",
            health.utilization,
            f"over {GOAL_UTILIZATION:.0%}",
            lambda rate: rate > GOAL_UTILIZATION,
        ),
        _rate(
            "Completion rate",
            health.completion_rate,
            f"over {GOAL_COMPLETION:.0%}",
            lambda rate: rate > GOAL_COMPLETION,
        ),
        _rate(
            "Duration against estimate",
            health.estimate_error,
            f"within {GOAL_ESTIMATE:.0%}",
            lambda rate: rate <= GOAL_ESTIMATE,
        ),
    )


def _rate(name: str, value: float | None, goal: str, is_met: Callable[[float], bool]) -> Goal:
    if value is None:
        return Goal(name, "none yet", goal, None)
    return Goal(name, f"{value:.0%}", goal, is_met(value))
