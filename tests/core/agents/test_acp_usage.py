"""What a session over ACP has used: figures as genuine agents tell them, counted once."""

from __future__ import annotations

from typing import Any

from core.agents.acp.usage import Meter
from core.domain.agent_event import UsageReported

VIBE, OPENCODE, CLAUDE = "@mistralai/mistral-vibe", "OpenCode", "@agentclientprotocol/claude"


def cost(amount: float) -> dict[str, Any]:
    return {"cost": {"amount": amount, "currency": "USD"}}


def totals(read: int, written: int, amount: float) -> dict[str, Any]:
    meta = {"promptTokens": read, "completionTokens": written, "cachedTokens": 0}
    return {"_meta": meta, **cost(amount)}


def turn(read: int, written: int) -> dict[str, Any]:
    return {"inputTokens": read, "outputTokens": written}


def test_what_a_session_used_before_and_tells_when_it_is_taken_up_is_not_counted_again() -> None:
    meter = Meter()
    meter.update(totals(2000, 100, 0.0075))
    meter.opened(VIBE, resumed=True)
    assert meter.report() is None

    meter.update(totals(3000, 150, 0.01125))

    assert meter.report() == UsageReported(1000, 50, 0, 0.00375)


def test_the_requests_of_a_replay_are_not_counted_again() -> None:
    meter = Meter()
    meter.request(turn(1000, 50))
    meter.request(turn(1000, 50))
    meter.opened("qwen", resumed=True)
    meter.request(turn(1000, 50))
    meter.end_turn({}, {})

    assert meter.report() == UsageReported(1000, 50, 0)


def test_a_cost_that_goes_on_from_earlier_processes_is_said_to_be_the_session_s() -> None:
    meter = Meter()
    meter.opened(OPENCODE, resumed=True)
    meter.update(cost(0.015))
    meter.end_turn(turn(1000, 50), {})

    assert meter.report() == UsageReported(1000, 50, 0, 0.015, of_session=True)


def test_a_cost_of_the_process_alone_is_taken_as_it_is() -> None:
    for agent, resumed in ((CLAUDE, True), (CLAUDE, False), (OPENCODE, False)):
        meter = Meter()
        meter.opened(agent, resumed=resumed)
        meter.update(cost(0.0125))

        assert meter.report() == UsageReported(cost_usd=0.0125)
