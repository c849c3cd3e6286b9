"""The three kinds of failure.

EngineError
├── UserError            the person's input or the state of things: a sentence and what to do next
│   ├── UsageError       wrong words on the command line (exit status 2)
│   ├── NotFound         an unknown task, worker, run or repo
│   ├── IllegalTransition  a state that cannot follow the present one
│   └── Refused          an act that rules forbid now; carries every reason
└── EnvironmentFault     the world outside failed: git, the disk, the database, a program

Anything else that is raised is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """A failure whose text is fit for a person to read.

    Attributes:
        code: Stable snake_case word, the `error.code` of JSON answers.
        exit_code: Exit status of the command line.
        hint: What to do next, or empty.
        reasons: Every single reason of a refusal, each a whole sentence; may be empty.
    """

    code: ClassVar[str] = "failed"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "", reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.reasons = reasons


class UserError(EngineError):
    """The person can mend this; the message says what is wrong, the hint what to do next."""

    code = "refused"


class UsageError(UserError):
    """Words or values that no state of things could make right."""

    code = "usage"
    exit_code = 2


class NotFound(UserError):
    """Something was named that does not exist."""

    code = "not_found"


class IllegalTransition(UserError):
    """A state was asked for that cannot follow the present one."""

    code = "illegal_transition"


class Refused(UserError):
    """An act that is possible in principle, but not now; `reasons` holds every one."""

    code = "refused"


class EnvironmentFault(EngineError):
    """Something outside Weft failed; `__cause__` or the message says what."""

    code = "environment"
