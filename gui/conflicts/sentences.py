"""Whole sentences and captions of the conflict view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.wording import counted, listed, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.lock import TaskWarning
    from gui.conflicts.facts import MatrixFacts


def all_clean(facts: MatrixFacts) -> str:
    """Return what is said when nothing collides."""
    who = "The one branch lands" if len(facts.tasks) == 1 else "All branches land"
    return f"Nobody collides. {who} on {facts.base} cleanly."


def alone(task: str, facts: MatrixFacts) -> str:
    """Return whom one task meets."""
    meetings = facts.met_by(task)
    if not meetings:
        return f"{task} collides with nobody."
    others = [
        f"{meeting.b if meeting.a == task else meeting.a} ({counted(meeting.count, 'file')})"
        for meeting in meetings
    ]
    return f"{task} meets {listed(others)}."


def told_of(warnings: Sequence[TaskWarning]) -> tuple[str, ...]:
    """Return warnings as their cards tell them, each with its task before it."""
    return tuple(f"{one.task}: {one.sentence}" for one in warnings)


def caption_of(task: str | None, facts: MatrixFacts) -> str:
    """Return whose version of a file it is and how fresh; None is the base's."""
    if task is None:
        return f"{facts.base} · {short(facts.matrix.base_sha)}"
    branch = facts.branch(task)
    state = "uncommitted work" if branch.dirty else short(branch.head)
    parts = [task, branch.worker or "", "resolving" if branch.resolving else state]
    return " · ".join(part for part in parts if part)
