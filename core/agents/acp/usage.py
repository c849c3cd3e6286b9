"""What a session has used, from the several ways in which agents tell it."""

from __future__ import annotations

from typing import Final

from core.agents.acp.shape import Message, number_at, table_at, tables_at, text_at
from core.domain.agent_event import UsageReported

_LIFELONG: Final = frozenset({"OpenCode", "@mistralai/mistral-vibe"})
"""Agents whose totals go on from the session's earlier processes, by the name they give."""
_EXACT: Final = 9
"""Decimals of a difference of costs: more is noise."""


class Meter:
    """Adds up one process's part of a session.

    The protocol has tokens in the answer to a prompt (the turn's) and a cost in `usage_update`
    (the session's); beside it Vibe tells totals, Qwen each request, Gemini and Codex a quota.
    """

    def __init__(self) -> None:
        self._goes_on = False
        self._model = ""
        self._ended = (0, 0, 0)
        self._requests = (0, 0, 0)
        self._totals: tuple[int, int, int] | None = None
        self._totals_before = (0, 0, 0)
        self._cost: float | None = None
        self._cost_before: float | None = None
        self._told: UsageReported | None = None

    def opened(self, agent: str, *, resumed: bool) -> None:
        """Be told that the session is there: what was told until now was used before."""
        self._goes_on = resumed and agent in _LIFELONG
        self._requests = (0, 0, 0)
        if self._goes_on:
            self._totals_before = self._totals or (0, 0, 0)
            self._cost_before = self._cost
        self._totals = self._cost = None

    def name_model(self, model: str) -> None:
        """Be told the model that the session is set to, which may be a word like `default`."""
        # Qwen's name for it is `$runtime|openai|NAME(openai)`.
        bare = model.rpartition("|")[2].partition("(")[0] if model.startswith("$") else model
        self._model = self._model or bare

    def update(self, update: Message) -> None:
        """Take a `usage_update`."""
        cost = table_at(update, "cost")
        amount = cost.get("amount")
        if isinstance(amount, int | float) and text_at(cost, "currency").upper() == "USD":
            self._cost = float(amount)
        meta = table_at(update, "_meta")
        self._model = text_at(meta, "_claude/model") or self._model
        read, written = number_at(meta, "promptTokens"), number_at(meta, "completionTokens")
        if read is not None and written is not None:
            self._totals = (read, written, number_at(meta, "cachedTokens") or 0)

    def request(self, used: Message) -> None:
        """Take the usage of one request of the turn under way."""
        self._requests = _sum(self._requests, _tokens(used))

    def end_turn(self, used: Message, meta: Message) -> None:
        """Take the answer to a prompt: its `usage` and its `_meta`, each possibly empty."""
        quota = table_at(meta, "quota")
        for each in tables_at(quota, "model_usage"):
            self._model = text_at(each, "model") or self._model
        turn = _tokens(used) if used else _tokens(table_at(quota, "token_count"))
        self._ended = _sum(self._ended, turn if any(turn) else self._requests)
        self._requests = (0, 0, 0)

    def report(self) -> UsageReported | None:
        """Return what is known now; None when it is nothing or nothing new."""
        read, written, cached = _sum(self._ended, self._requests)
        if self._totals is not None:
            read, written, cached = _less(self._totals, self._totals_before)
        known = bool(read or written)
        paid = max(0.0, (self._cost or 0.0) - (self._cost_before or 0.0))
        found = UsageReported(
            input_tokens=read if known else None,
            output_tokens=written if known else None,
            cached_tokens=cached if known else None,
            cost_usd=round(paid, _EXACT) or None,
            model=self._model,
            of_session=self._goes_on and self._cost_before is None and paid > 0,
        )
        empty = not known and found.cost_usd is None
        if empty or found == self._told:
            return None
        self._told = found
        return found


def _tokens(used: Message) -> tuple[int, int, int]:
    """Return (read, written, of what was read from a cache), however an agent spells it."""
    read = _first(used, "inputTokens", "input_tokens")
    written = _first(used, "outputTokens", "output_tokens")
    cached = _first(used, "cachedReadTokens", "cachedInputTokens")
    filled = _first(used, "cachedWriteTokens", "cacheWriteInputTokens")
    total = number_at(used, "totalTokens") or 0
    if cached + filled and (cached > read or total >= read + written + cached + filled):
        read += cached + filled  # some count what a cache gave beside the input, not within it
    return read, written, cached


def _first(used: Message, *names: str) -> int:
    return next((found for name in names if (found := number_at(used, name)) is not None), 0)


def _less(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] - other[0], one[1] - other[1], one[2] - other[2]


def _sum(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
