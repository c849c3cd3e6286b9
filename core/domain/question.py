"""What an agent asks a person while it waits."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class QuestionKind(StrEnum):
    """A permission for one act, a question in words, or leave to spend more."""

    PERMISSION = "permission"
    QUESTION = "question"
    BUDGET = "budget"


class OptionKind(StrEnum):
    """What an option of a permission does; agents name theirs differently, these are one set."""

    ALLOW_ONCE = "allow_once"
    ALLOW_ALWAYS = "allow_always"
    DENY = "deny"
    DENY_ALWAYS = "deny_always"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class QuestionOption:
    """One answer that can be given; `id` is the agent's own."""

    id: str
    label: str
    kind: OptionKind


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a run; unanswered while `answered_at` is None.

    `title` is one line; `detail` the whole command, diff or text, or empty. `answer` is the id of
    an option, or words.
    """

    id: int
    run: str
    task: str
    worker: str
    kind: QuestionKind
    title: str
    detail: str
    options: tuple[QuestionOption, ...]
    asked_at: datetime
    answered_at: datetime | None = None
    answer: str = ""
    answered_by: str = ""
