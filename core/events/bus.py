"""Tell this process's own listeners of events, after their transaction was committed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.event import Event

    Listener = Callable[[Event], None]

logger = logging.getLogger(__name__)
_listeners: list[Listener] = []


def subscribe(listener: Listener) -> Callable[[], None]:
    """Have *listener* called, on the writer's thread, with each event; returns the way out."""
    _listeners.append(listener)

    def unsubscribe() -> None:
        if listener in _listeners:
            _listeners.remove(listener)

    return unsubscribe


def publish(event: Event) -> None:
    """Call every listener; one that raises is logged and does not stop the others."""
    for listener in tuple(_listeners):
        try:
            listener(event)
        except Exception:  # what is committed stays; a listener's bug must not undo or hide it
            logger.exception("A listener failed on event %s %s", event.id, event.kind)
