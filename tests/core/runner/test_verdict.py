"""The table that decides whether a run ended well."""

from __future__ import annotations

import pytest

from core.domain.agent_event import TurnEnded, TurnOutcome
from core.domain.run import RunStatus
from core.runner.verdict import Evidence, judge

DONE, FAILED, CANCELLED = TurnOutcome.DONE, TurnOutcome.FAILED, TurnOutcome.CANCELLED


@pytest.mark.parametrize(
    ("end", "denied", "changed", "completed", "status", "reason"),
    [
        (TurnEnded(DONE, 0), (), True, False, "done", ""),
        (TurnEnded(DONE, 0), (), False, False, "done", "ended well but changed nothing"),
        (TurnEnded(DONE, 0), (), False, True, "done", ""),
        (TurnEnded(DONE), ("rm x",), True, False, "done", "though it was denied rm x"),
        (TurnEnded(DONE), ("rm x",), True, True, "done", ""),
        (TurnEnded(DONE), ("rm x",), False, True, "done", ""),
        (TurnEnded(DONE), ("rm x", "rm x"), False, False, "failed", "denied rm x and changed"),
        (TurnEnded(DONE, 3), (), True, False, "failed", "ended with exit status 3"),
        (TurnEnded(DONE, 3), (), True, True, "done", ""),
        (TurnEnded(FAILED, 1, "No key."), (), True, False, "failed", "No key."),
        (TurnEnded(FAILED, 1, "Too slow."), (), True, True, "done", ""),
        (TurnEnded(FAILED, 1, "Too slow."), (), False, True, "failed", "Too slow."),
        (TurnEnded(FAILED), (), True, False, "failed", "did not say why"),
        (TurnEnded(CANCELLED), (), True, False, "failed", "broken off"),
        (TurnEnded(CANCELLED), ("rm x",), True, False, "failed", "stopped when it was denied rm x"),
        (TurnEnded(CANCELLED), ("rm x",), True, True, "done", ""),
    ],
)
def test_what_a_program_says_is_weighed_against_what_it_did(
    end: TurnEnded,
    denied: tuple[str, ...],
    changed: bool,
    completed: bool,
    status: str,
    reason: str,
) -> None:
    verdict = judge(Evidence(end, denied, changed, completed))

    assert verdict.status is RunStatus(status)
    assert reason in verdict.reason
    assert bool(verdict.reason) is bool(reason)


@pytest.mark.parametrize("outcome", TurnOutcome)
@pytest.mark.parametrize("code", [None, 0, 1])
@pytest.mark.parametrize("denied", [(), ("x",)])
@pytest.mark.parametrize("changed", [True, False])
@pytest.mark.parametrize("completed", [True, False])
def test_there_is_a_verdict_for_everything(
    outcome: TurnOutcome, code: int | None, denied: tuple[str, ...], changed: bool, completed: bool
) -> None:
    judge(Evidence(TurnEnded(outcome, code), denied, changed, completed))
