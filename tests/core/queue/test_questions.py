"""Questions of runs: what an answer means, and who may still give one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.domain.question import OptionKind, Question, QuestionKind, QuestionOption
from core.errors import UsageError
from core.queue.questions import understood

OPTIONS = (
    QuestionOption("allow", "Allow once", OptionKind.ALLOW_ONCE),
    QuestionOption("always", "Always for this run", OptionKind.ALLOW_ALWAYS),
    QuestionOption("deny", "Deny", OptionKind.DENY),
)


def asked(kind: QuestionKind, options: tuple[QuestionOption, ...] = OPTIONS) -> Question:
    now = datetime(2030, 1, 1, tzinfo=UTC)
    return Question(1, "run-1", "task-1", "agent-1", kind, "rm x", "", options, now)


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("yes", "allow"), ("Y", "allow"), ("allow", "allow"), ("allow once", "allow"),
        ("always", "always"), ("no", "deny"), (" deny ", "deny"),
    ],
)  # fmt: skip
def test_words_for_leave_mean_an_option(words: str, option: str) -> None:
    assert understood(asked(QuestionKind.PERMISSION), words) == option


@pytest.mark.parametrize("words", ["perhaps", ""])
def test_leave_is_not_given_by_other_words(words: str) -> None:
    with pytest.raises(UsageError):
        understood(asked(QuestionKind.PERMISSION), words)


def test_a_budget_knows_yes_and_no_alone() -> None:
    options = (OPTIONS[0], OPTIONS[2])

    assert understood(asked(QuestionKind.BUDGET, options), "no") == "deny"
    with pytest.raises(UsageError, match="answers nothing here"):
        understood(asked(QuestionKind.BUDGET, options), "always")


def test_a_question_takes_any_words_and_knows_its_options() -> None:
    ports = (QuestionOption("8080", "Port 8080", OptionKind.OTHER),)

    assert understood(asked(QuestionKind.QUESTION, ports), "port 8080") == "8080"
    assert understood(asked(QuestionKind.QUESTION, ports), " 9090, please ") == "9090, please"
    assert understood(asked(QuestionKind.QUESTION, ()), "no") == "no"
