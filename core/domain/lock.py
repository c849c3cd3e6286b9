"""A lease on a path or glob, held by a worker for a task."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class LockOrigin(StrEnum):
    """Why a lock is held: the task declares the file, somebody asked, or the file is critical."""

    DECLARED = "declared"
    ASKED = "asked"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as every face shows it; the first five fields are the contract's JSON.

    `expires_at` is None while a person holds it: a person's claim does not lapse.
    """

    path: str
    worker: str
    task: str
    locked_at: datetime
    expires_at: datetime | None
    exclusive: bool = True
    origin: LockOrigin = LockOrigin.ASKED
