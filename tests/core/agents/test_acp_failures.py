"""What went wrong over ACP is one sentence, whatever an agent packs it into."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.agents.acp.failures import failure, failure_in_words

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "message", "data", "reason"),
    [
        (
            401,
            '{"error":{"code":401,"message":"bad key","status":"X"}}',
            None,
            "The model's provider refused the key (401): bad key.",
        ),
        (
            -32603,
            "Internal error: API Error: 400 no such model",
            {"errorKind": "unknown"},
            "The model's provider refused the request (400): no such model.",
        ),
        (
            -32603,
            "Internal error",
            {"details": "503 try later"},
            "The model's provider failed (503): try later.",
        ),
        (-32000, "Authentication required", None, "The agent is not logged in: Authentication"),
        (-32000, "401 Unauthorized", None, "The model's provider refused the key (401): Unauth"),
        (-32603, "Internal error", None, "The agent reported an error."),
        (-32603, "Cannot listen on 127.0.0.1:4500", None, "The agent reported an error: Cannot"),
        (-1, "two\nlines\x1b[31m", None, "The agent reported an error: two lines."),
        (-1, "x" * 1000, None, "The agent reported an error: xxx"),
    ],
)
def test_an_error_is_one_sentence(code: int, message: str, data: object, reason: str) -> None:
    found = failure(code, message, data).reason

    assert found.startswith(reason)
    assert found.endswith(".")
    assert len(found) < 400
    assert "\n" not in found


@pytest.mark.parametrize(
    ("code", "message", "data", "wait"),
    [
        (429, "Too many requests", {"retryAfter": 30}, timedelta(seconds=30)),
        (-32603, "Rate limit exceeded", None, None),
        (-32603, "API Error: 529 overloaded_error", None, None),
    ],
)
def test_a_limit_of_the_provider_is_told_apart_with_its_time(
    code: int, message: str, data: object, wait: timedelta | None
) -> None:
    limit = failure(code, message, data, now=NOON).limit

    assert limit is not None
    assert limit.retry_at == (NOON + wait if wait else None)


@pytest.mark.parametrize(
    ("said", "fails"),
    [
        ("API Error: 500 scripted", True),
        ('{"error": {"message": "scripted", "type": "server_error"}}', True),
        ("All done. The API Error: 500 page is gone.", False),
        ("Error handling is in place.", False),
        ("", False),
    ],
)
def test_an_error_told_as_an_answer_is_seen(said: str, fails: bool) -> None:
    assert (failure_in_words(said) is not None) is fails
