"""A claim's locks live as long as its lease. Apart from `leases`: each runner loads this."""

from __future__ import annotations

from typing import Final

from core.store.plain import change

_RENEW: Final = "UPDATE path_lock SET expires_ms = ? WHERE task_id = ? AND fence = ?"


def renew(task_id: int, fence: int, expires_ms: int | None) -> None:
    """Move the expiry of a claim's locks with its lease; only inside that transaction."""
    change(_RENEW, expires_ms, task_id, fence)
