"""Events as sentences that a person reads, with an icon and a tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gui.coordination_sentences import sentence_of
from gui.theme.tokens import Tone

if TYPE_CHECKING:
    from core.domain.event import Event


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it is shown."""

    sentence: str
    icon: str = "activity"
    tone: Tone = Tone.NEUTRAL


DETAILS: Final = frozenset({"run.created", "run.taken", "worktree.creating", "worktree.ready"})
"""Steps on the way of a start, which `run.started` tells in one line."""


def is_detail(event: Event) -> bool:
    """Return whether *event* is a step that only somebody who looks for trouble wants to see."""
    by_run = event.kind == "task.started" and event.run is not None
    return by_run or event.kind in DETAILS


def tell(event: Event) -> Told:
    """Return what *event* says; one of a kind unknown here is told by its own words."""
    area = event.kind.partition(".")[0]
    match area:
        case "task":
            return _task(event)
        case "run":
            return _run(event)
        case "merge":
            return _merge(event)
        case "worker":
            return _worker(event)
        case "worktree":
            state = event.kind.partition(".")[2].replace("creating", "being made")
            return Told(f"The worktree of {event.task or 'a task'} is {state}", "branch")
        case _:
            return _other(event)


def _task(event: Event) -> Told:  # noqa: C901  one line per kind
    task, worker = event.task or "A task", event.worker or _who(event)
    match event.kind:
        case "task.added":
            return Told(f"{_who(event)} added {task}: {event.data.get('title', '')}", "plus")
        case "task.claimed":
            return Told(f"{worker} claimed {task}", "person")
        case "task.started":
            return Told(f"{worker} began {task}", "play", Tone.OK)
        case "task.review":
            words, why = f"{task} is ready for review", _text(event, "why")
            if why:
                return Told(f"{words}: {why}", "warning", Tone.WARN)
            return Told(words, "check", Tone.ACCENT)
        case "task.done":
            return Told(f"{task} landed{_commit(event)}", "merge", Tone.OK)
        case "task.returned":
            reason = _text(event, "why") or _text(event, "reason")
            words = f"{task} went back to the backlog"
            return Told(f"{words}: {reason}" if reason else words, "undo", Tone.WARN)
        case "task.edited":
            fields = event.data.get("fields")
            changed = ", ".join(map(str, fields)) if isinstance(fields, list) else ""
            return Told(f"{_who(event)} changed {task}: {changed}".rstrip(": "), "edit")
        case "task.removed":
            return Told(f"{_who(event)} removed {task}", "trash")
        case "task.approved":
            return Told(f"{event.actor} approved {task}", "shield", Tone.OK)
        case "task.retried":
            return Told(f"{task} gets a new attempt", "refresh")
        case "task.ordered":
            return Told(f"{_who(event)} moved {task} within its column", "drag-handle")
        case _:
            return _other(event)


def _run(event: Event) -> Told:
    worker, task = event.worker or "An agent", event.task or "a task"
    match event.kind:
        case "run.started" | "run.working":
            return Told(f"{worker} is at work on {task}", "play", Tone.OK)
        case "run.created":
            return Told(f"A run of {task} by {worker} was created", "agent")
        case "run.taken":
            return Told(f"The runner of {task} is up", "agent")
        case "run.asked":
            return Told(f"{_who(event)} asked {worker} to {_text(event, 'verb')}", "person")
        case "run.paused":
            return Told(f"{worker} paused on {task}", "pause", Tone.WARN)
        case "run.waiting":
            return Told(f"{worker} asks about {task}", "question", Tone.WAIT)
        case "run.stopping":
            why = _text(event, "why")
            return Told(f"{worker}'s run of {task} is being stopped. {why}", "warning", Tone.WARN)
        case "run.ended":
            status = _text(event, "status")
            reason = _text(event, "reason")
            if status == "done":
                return Told(f"{worker} finished {task}", "check", Tone.OK)
            words = f"{worker}'s run of {task} {status or 'ended'}"
            return Told(f"{words}: {reason}" if reason else words, "warning", Tone.BAD)
        case _:
            return _other(event)


def _merge(event: Event) -> Told:
    match event.kind:
        case "merge.landed":
            return Told(_joined("A merge landed", event), "merge", Tone.OK)
        case "merge.started":
            return Told(_joined("A merge began", event), "merge")
        case "merge.failed":
            said = _joined("A merge failed", event)
            return Told(f"{said}: {_text(event, 'reason')}", "warning", Tone.BAD)
        case "merge.undone":
            return Told(_joined("A merge was undone", event), "undo", Tone.WARN)
        case _:
            return _other(event)


def _worker(event: Event) -> Told:
    match event.kind:
        case "worker.added":
            return Told(f"{_who(event)} registered {event.worker}", "agent")
        case "worker.removed":
            return Told(f"{_who(event)} removed {event.worker}", "trash")
        case _:
            return _other(event)


def _other(event: Event) -> Told:
    known = sentence_of(event, _who(event))
    if known is not None:
        return Told(*known)
    icons = {"repo": "folder", "worktree": "branch", "setting": "settings", "merge": "merge"}
    area, _, what = event.kind.partition(".")
    words = f"{area.capitalize()} {what.replace('_', ' ')}"
    about = [event.task, event.worker, _text(event, "key"), _text(event, "path")]
    named = " · ".join(dict.fromkeys(word for word in about if word))
    return Told(f"{words}: {named}" if named else words, icons.get(area, "activity"))


def _joined(words: str, event: Event) -> str:
    base = _text(event, "base")
    return f"{words} on {base}" if base else words


def _commit(event: Event) -> str:
    commit = _text(event, "commit")
    return f" as {commit[:8]}" if commit else ""


def _text(event: Event, name: str) -> str:
    value = event.data.get(name)
    return value if isinstance(value, str) else ""


def _who(event: Event) -> str:
    return {"person": "You", "weft": "Weft"}.get(event.actor, event.actor)
