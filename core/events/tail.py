"""Follow what this and other processes commit, in order, without missing any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.events import log
from core.store.connection import data_version

if TYPE_CHECKING:
    from core.domain.event import Event


class EventTail:
    """Reads the events after the last one seen; cheap to poll several times a second.

    `PRAGMA data_version` tells of other connections' commits only, so the caller's own thread
    must call `wake` (or subscribe to the bus) after its own writes.
    """

    def __init__(self, since: int | None = None) -> None:
        self._last = log.last_id() if since is None else since
        self._version = -1
        self.has_moved = False
        """Whether the last `poll` found that anything was committed, with or without an event."""

    @property
    def last_seen(self) -> int:
        """Return the id of the last event that was handed out."""
        return self._last

    def wake(self) -> None:
        """Make the next `poll` look, whatever the version says."""
        self._version = -1

    def poll(self) -> list[Event]:
        """Return what is new, oldest first; at most a page, so poll again after a full one."""
        version = data_version()
        self.has_moved = version != self._version
        if not self.has_moved:
            return []
        events = log.read(since=self._last)
        if events:
            self._last = events[-1].id
        if len(events) < log.PAGE:
            self._version = version
        return events
