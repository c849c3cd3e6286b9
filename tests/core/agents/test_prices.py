"""Prices: from the installed list, unknown rather than nothing, and not in this process."""

from __future__ import annotations

import sys

import pytest

from core.agents.prices import price


@pytest.mark.parametrize(
    ("model", "hint", "micro"),
    [
        ("claude-sonnet-4-5", "claude", 3_000_000 + 1_500_000),
        ("claude-sonnet-4-5[1m]", "", 3_000_000 + 1_500_000),
        ("anthropic/claude-sonnet-4-5", "opencode", 3_000_000 + 1_500_000),
        ("gemini-2.5-flash", "gemini-acp", 300_000 + 250_000),
    ],
)
def test_a_session_costs_the_base_rate_of_its_tokens(model: str, hint: str, micro: int) -> None:
    found = price(model, hint, 1_000_000, 100_000)

    assert found == micro


def test_what_came_from_a_cache_is_cheaper() -> None:
    found = price("claude-sonnet-4-5", "claude", 1_000_000, 0, 600_000)

    assert found == 400_000 * 3 + 600_000 * 3 // 10


@pytest.mark.parametrize(
    ("model", "tokens"),
    [("scripted", 1000), ("", 1000), ("default", 1000), ("claude-sonnet-4-5", None)],
)
def test_what_is_not_known_costs_none_and_not_nothing(model: str, tokens: int | None) -> None:
    assert price(model, "", tokens, tokens) is None


def test_the_price_list_is_not_held_by_this_process() -> None:
    price("gpt-5", "codex", 10, 10)

    assert "genai_prices" not in sys.modules
