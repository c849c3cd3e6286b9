"""What can be done about a meeting, in the order of what it costs; it does none of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from gui.wording import counted

if TYPE_CHECKING:
    from gui.conflicts.cost import Cost
    from gui.conflicts.facts import BoardFacts, MatrixFacts, Meeting


class CureKind(Enum):
    """The ways out of a collision."""

    WAIT = auto()
    """The task depends on the other one, and lands after it."""
    BRING = auto()
    """The base is merged into the task's branch, which is clean."""
    RESOLVE = auto()
    """The other side is merged into the task's branch, hunk by hunk."""
    AGENT = auto()
    """The same, by the agent of the task's branch."""


@dataclass(frozen=True, slots=True)
class Cure:
    """One way out: what `task` does about `other`, None being the base.

    `text` is for a button, `name` for assistive tools, `tip` what it does in a sentence.
    """

    kind: CureKind
    task: str
    other: str | None
    text: str
    name: str
    tip: str


@dataclass(frozen=True, slots=True)
class Cures:
    """The cures that a meeting offers: `first` as buttons, `more` in a menu.

    `best` is the one to point out, or None when it is the person's choice alone.
    """

    first: tuple[Cure, ...] = ()
    more: tuple[Cure, ...] = ()
    best: Cure | None = None


def cures_of(meeting: Meeting, facts: MatrixFacts, board: BoardFacts, cost: Cost | None) -> Cures:
    """Return what can be done; *cost* is there for a conflict."""
    if meeting.problem or _is_busy(meeting, facts):
        return Cures()
    if meeting.with_base:
        agent = _agents(meeting.a, None, facts, board) if meeting.conflict else ()
        return Cures((_with_base(meeting.a, facts), *agent), best=next(iter(agent), None))
    if cost is None:
        return Cures()
    a, b = meeting.a, meeting.b
    later = _later(a, b, facts, board)
    bases = (_with_base(a, facts), _with_base(b, facts))
    if later is not None:
        other = b if later == a else a
        agent = _agents(later, other, facts, board)
        by_hand = _resolve(later, other, meeting, facts)
        return Cures((by_hand, *agent), bases, next(iter(agent), None))
    pays, other = (b, a) if cost.cheaper == b else (a, b)
    wait, agent = _wait(pays, other, facts), _agents(pays, other, facts, board)
    opposite = (_wait(other, pays, facts), _resolve(other, pays, meeting, facts))
    return Cures(
        (wait, _resolve(pays, other, meeting, facts), *agent),
        (*opposite, *_agents(other, pays, facts, board), *bases),
        next(iter(agent), wait if cost.cheaper else None),
    )


def _is_busy(meeting: Meeting, facts: MatrixFacts) -> bool:
    """Whether somebody resolves in one of the two worktrees already."""
    return any(facts.branch(task).resolving for task in (meeting.a, meeting.b_task) if task)


def _later(a: str, b: str, facts: MatrixFacts, board: BoardFacts) -> str | None:
    """Return which of the two lands after the other in any case, or None."""
    for one, other in ((a, b), (b, a)):
        if other in facts.branch(one).depends_on or other in board.depends_on(one):
            return one
    return None


def _wait(waits: str, other: str, facts: MatrixFacts) -> Cure:
    return Cure(
        CureKind.WAIT,
        waits,
        other,
        f"Let {facts.label(waits)} wait for {facts.label(other)}",
        f"Let {waits} wait for {other}",
        f"{waits} will depend on {other}, and land after it.",
    )


def _resolve(task: str, other: str, meeting: Meeting, facts: MatrixFacts) -> Cure:
    hunks = counted(sum(max(len(file.hunks), 1) for file in meeting.files) or 1, "place")
    return Cure(
        CureKind.RESOLVE,
        task,
        other,
        f"Bring {facts.label(other)} into {facts.label(task)} now",
        f"Bring {other} into {task} now",
        f"You decide {hunks}; the result is a commit on {task}, which lands after {other}.",
    )


def _agents(
    task: str, other: str | None, facts: MatrixFacts, board: BoardFacts
) -> tuple[Cure, ...]:
    """Return that the branch's agent is asked, if it has one that is not at work."""
    worker = facts.branch(task).worker
    if not worker or worker in board.humans or task in board.running:
        return ()
    whom = other or facts.base
    tip = f"{worker} gets exactly these places as a new run in {task}; the result is checked."
    name = f"Ask {worker} to bring {whom} into {task}"
    return (Cure(CureKind.AGENT, task, other, "Ask agent to resolve", name, tip),)


def _with_base(task: str, facts: MatrixFacts) -> Cure:
    meeting = facts.with_base(task)
    if meeting.conflict:
        kind = CureKind.RESOLVE
        tip = f"They conflict: you decide what stays. The result is a commit on {task}."
    else:
        kind = CureKind.BRING
        tip = f"Merges {facts.base} into the branch of {task}; an agent at work pauses meanwhile."
    return Cure(
        kind,
        task,
        None,
        f"Bring {facts.base} into {facts.label(task)} now",
        f"Bring {facts.base} into {task} now",
        tip,
    )
