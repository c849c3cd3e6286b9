"""Sentences for the events of coordination: locks, questions, stages, the dispatcher."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gui.theme.tokens import Tone
from gui.wording import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.domain.event import Event

Look = tuple[str, str, Tone]
"""A sentence with {task}, {worker}, {who} and the names of the event's data; icon; tone."""
MOST_PATHS: Final = 3

SENTENCES: Final[Mapping[str, Look]] = MappingProxyType(
    {
        "lock.taken": ("{worker} locked {paths} for {task}", "lock", Tone.NEUTRAL),
        "lock.released": ("{paths} is free again: {task} let it go", "lock", Tone.NEUTRAL),
        "lock.expired": ("The lock of {task} on {paths} ran out", "lock", Tone.WARN),
        "lock.shared": ("{task} shares {paths} with another task", "lock", Tone.WARN),
        "task.waits": ("{task} waits: {sentence}", "wait", Tone.WARN),
        "task.refused": ("{worker} cannot claim {task}: {sentence}", "wait", Tone.WARN),
        "task.ready": ("{task} waits for nothing any more", "check", Tone.NEUTRAL),
        "task.undeclared": ("{task}: {sentence}", "warning", Tone.WARN),
        "task.overlap": ("{task}: {sentence}", "warning", Tone.WARN),
        "task.unguarded": ("{task}: {sentence}", "warning", Tone.BAD),
        "task.notice": ("{task}: {sentence}", "clock", Tone.WARN),
        "task.stolen": ("{task} went from {owner} to {worker}: {why}", "arrow-right", Tone.WARN),
        "task.rejected": ("{who} rejected {task}: {reason}", "shield", Tone.BAD),
        "task.continued": ("{worker} goes on with {task}", "play", Tone.OK),
        "question.asked": ("{worker} asks: {title}", "question", Tone.WAIT),
        "question.answered": ("{who} answered {worker}: {answer}", "check", Tone.NEUTRAL),
        "run.told": ("{who} told {worker}: {text}", "person", Tone.NEUTRAL),
        "run.retry": ("{worker} is made to wait by its provider", "clock", Tone.WARN),
        "stage.started": ("{task}: {stage} began", "play", Tone.OK),
        "stage.ended": ("{task}: {stage} ended", "check", Tone.NEUTRAL),
        "stage.gate": ("{task}: {stage} waits for your word", "question", Tone.WAIT),
        "stage.approved": ("{who} approved {stage} of {task}", "check", Tone.OK),
        "stage.returned": ("{task} was sent back to {to}: {words}", "undo", Tone.WARN),
        "stage.escalated": ("{task} waits for a person at {stage}", "warning", Tone.WARN),
        "dispatch.paused": ("{who} paused the dispatcher", "pause", Tone.WARN),
        "dispatch.resumed": ("{who} let the dispatcher go on", "play", Tone.OK),
        "worker.paused": ("{worker} takes nothing new", "pause", Tone.WARN),
        "worker.resumed": ("{worker} takes tasks again", "play", Tone.OK),
        "worker.scaled": ("{why}", "agent", Tone.NEUTRAL),
        "worker.refused": ("{worker} was refused: {sentence}", "shield", Tone.BAD),
        "worker.said": ("{worker}: {message}", "agent", Tone.NEUTRAL),
        "permissions.opened": (
            "{who} let {profile} do anything without asking", "warning", Tone.BAD
        ),
        "permissions.closed": ("{who} took that leave from {profile}", "shield", Tone.OK),
        "repo.guarded": ("Commits are checked against locks from now on", "lock", Tone.NEUTRAL),
        "base.moved_by_run": ("A run moved the base branch by itself", "warning", Tone.BAD),
    }
)  # fmt: skip


def sentence_of(event: Event, who: str) -> Look | None:
    """Return the sentence of *event* with its facts filled in; None for another kind."""
    look = SENTENCES.get(event.kind)
    if look is None:
        return None
    template, icon, tone = look
    facts = _Facts({name: _word(value) for name, value in event.data.items()})
    facts |= {
        "task": event.task or "a task",
        "worker": event.worker or "an agent",
        "who": who,
    }
    sentence = template.format_map(facts).rstrip(": ")
    return sentence, icon, tone


class _Facts(dict[str, str]):
    """A fact that an event does not carry is told as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def _word(value: object) -> str:
    if isinstance(value, list):
        return listed([str(item) for item in value], MOST_PATHS)
    return "" if value is None else " ".join(str(value).split())
