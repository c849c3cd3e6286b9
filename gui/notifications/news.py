"""Which events are news, and in which words: waiting, failed, done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from gui.event_sentences import tell

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.event import Event

MOST: Final = 2
"""So many pieces of news are told one by one; more are told as a number."""


class Notify(StrEnum):
    """The values of the setting `notify`."""

    ALL = "all"
    NEEDS_ME = "needs_me"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class News:
    """One message; `task` is what it opens, empty for the board."""

    title: str
    text: str
    task: str
    needs_person: bool


def news_of(events: Iterable[Event], level: Notify) -> list[News]:
    """Return what is to be told of *events*, at most MOST messages and one for the rest."""
    if level is Notify.NONE:
        return []
    found = [news for event in events if (news := _news(event)) is not None]
    if level is Notify.NEEDS_ME:
        found = [news for news in found if news.needs_person]
    if len(found) <= MOST + 1:
        return found
    rest = found[MOST:]
    needs = any(news.needs_person for news in rest)
    more = News(f"{len(rest)} more", "; ".join(news.title for news in rest[:4]), "", needs)
    return [*found[:MOST], more]


def _news(event: Event) -> News | None:
    task, worker = event.task or "", event.worker or "An agent"
    match event.kind:
        case "question.asked":
            title = event.data.get("title")
            words = title if isinstance(title, str) else ""
            return News(f"{worker} asks you", words or tell(event).sentence, task, True)
        case "run.ended" if event.data.get("status") in ("failed", "lost"):
            reason = event.data.get("reason")
            return News(f"{task} failed", str(reason or tell(event).sentence), task, True)
        case "stage.gate":
            return News(f"{task} waits for your word", tell(event).sentence, task, True)
        case "task.review":
            why = event.data.get("why")
            return News(
                f"{task} is ready for review", f"By {worker}. {why or ''}".strip(), task, False
            )
        case "merge.failed":
            return News("A merge failed", tell(event).sentence, "", True)
        case _:
            return None
