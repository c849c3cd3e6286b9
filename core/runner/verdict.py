"""How a run ends: what a program says of itself is one column of a table, never the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.agent_event import TurnEnded, TurnOutcome
from core.domain.run import RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run ends; `reason` is a whole sentence, empty when there is nothing to add.

    A run that ended well has one when a person should look twice.
    """

    status: RunStatus
    reason: str = ""
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known at the end of an agent's last turn.

    Attributes:
        end: What the driver made of the program's own words and its exit status.
        denied: Acts that were refused in this run, by a person, a rule or the program itself.
        changed: Whether the run left commits or changed files.
        completed: Whether the agent said by `complete_work` that its work is complete.
    """

    end: TurnEnded
    denied: tuple[str, ...] = ()
    changed: bool = True
    completed: bool = False


_D, _F, _C = TurnOutcome.DONE, TurnOutcome.FAILED, TurnOutcome.CANCELLED
_ANY: Final = None


@dataclass(frozen=True, slots=True)
class _Rule:
    """A row: None matches anything."""

    outcome: TurnOutcome
    exited_badly: bool | None
    denied: bool | None
    changed: bool | None
    completed: bool | None
    status: RunStatus
    reason: Callable[[Evidence], str]

    def fits(self, seen: Evidence) -> bool:
        """Whether the row is about *seen*."""
        found = (bool(seen.end.exit_code), bool(seen.denied), seen.changed, seen.completed)
        wanted = (self.exited_badly, self.denied, self.changed, self.completed)
        return self.outcome is seen.end.outcome and all(
            want is _ANY or want == have for want, have in zip(wanted, found, strict=True)
        )


def _nothing(_seen: Evidence) -> str:
    return ""


def _its_own(seen: Evidence) -> str:
    return seen.end.reason or "The agent failed and did not say why."


def _cut_short(seen: Evidence) -> str:
    return seen.end.reason or "The agent's turn was broken off."


def _gave_up(seen: Evidence) -> str:
    return f"The agent stopped when it was denied {_named(seen.denied)}."


def _bad_exit(seen: Evidence) -> str:
    return f"The agent said that it was done, but ended with exit status {seen.end.exit_code}."


def _held_back(seen: Evidence) -> str:
    what = _named(seen.denied)
    return f"The agent said that it was done, but it was denied {what} and changed nothing."


def _in_spite(seen: Evidence) -> str:
    return f"The agent ended well, though it was denied {_named(seen.denied)}."


def _idle(_seen: Evidence) -> str:
    return "The agent ended well but changed nothing on its branch."


def _named(denied: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(denied))


_DONE, _FAILED = RunStatus.DONE, RunStatus.FAILED
# The first row that fits decides.
RULES: Final = (
    # turn    bad exit denied  changed complete
    _Rule(_D, True,    _ANY,   _ANY,   True,   _DONE,   _nothing),
    _Rule(_D, True,    _ANY,   _ANY,   _ANY,   _FAILED, _bad_exit),
    _Rule(_D, _ANY,    True,   False,  False,  _FAILED, _held_back),
    _Rule(_D, _ANY,    True,   True,   False,  _DONE,   _in_spite),
    _Rule(_D, _ANY,    _ANY,   False,  False,  _DONE,   _idle),
    _Rule(_D, _ANY,    _ANY,   _ANY,   _ANY,   _DONE,   _nothing),
    _Rule(_F, _ANY,    _ANY,   True,   True,   _DONE,   _nothing),
    _Rule(_F, _ANY,    _ANY,   _ANY,   _ANY,   _FAILED, _its_own),
    _Rule(_C, _ANY,    _ANY,   True,   True,   _DONE,   _nothing),
    _Rule(_C, _ANY,    True,   _ANY,   _ANY,   _FAILED, _gave_up),
    _Rule(_C, _ANY,    _ANY,   _ANY,   _ANY,   _FAILED, _cut_short),
)  # fmt: skip


def judge(seen: Evidence) -> Verdict:
    """Return what the end of an agent means for its run."""
    rule = next(rule for rule in RULES if rule.fits(seen))
    return Verdict(rule.status, rule.reason(seen), seen.end.exit_code)
