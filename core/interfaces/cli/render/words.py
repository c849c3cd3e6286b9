"""Words and tones that several renderers share: states, moments, amounts."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.domain.run import RunStatus
from core.domain.task import Priority, TaskStatus
from core.domain.worker import WorkerStatus
from core.interfaces.cli.blocks import Span, Tone

if TYPE_CHECKING:
    from datetime import datetime
    from enum import StrEnum

_TONES: Final = MappingProxyType(
    {
        TaskStatus.CLAIMED: Tone.ACTIVE,
        TaskStatus.IN_PROGRESS: Tone.ACTIVE,
        TaskStatus.REVIEW: Tone.ATTENTION,
        TaskStatus.DONE: Tone.GOOD,
        RunStatus.STARTING: Tone.ACTIVE,
        RunStatus.WORKING: Tone.ACTIVE,
        RunStatus.WAITING: Tone.ATTENTION,
        RunStatus.PAUSED: Tone.ATTENTION,
        RunStatus.FAILED: Tone.BAD,
        RunStatus.ABORTED: Tone.BAD,
        RunStatus.LOST: Tone.BAD,
        Priority.CRITICAL: Tone.BAD,
        Priority.HIGH: Tone.ATTENTION,
        Priority.LOW: Tone.FAINT,
        WorkerStatus.AVAILABLE: Tone.GOOD,
        WorkerStatus.BUSY: Tone.ACTIVE,
        WorkerStatus.OFFLINE: Tone.BAD,
    }
)
NOTHING: Final = "-"
TIMES: Final = "\N{MULTIPLICATION SIGN}"
"""Between the names of a pair."""


def state(value: StrEnum) -> Span:
    """Return a state's or priority's word in its tone."""
    return Span(value.value, _TONES.get(value, Tone.PLAIN))


def moment(at: datetime | None) -> str:
    """Return local date and time to the second, or a dash."""
    return NOTHING if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def duration(start: datetime, end: datetime) -> str:
    """Return the time between as `8s`, `3m 20s` or `2h 05m`."""
    seconds = max(0, round((end - start).total_seconds()))
    if seconds < 60:
        return f"{seconds}s"
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes}m {seconds:02}s" if minutes < 60 else f"{minutes // 60}h {minutes % 60:02}m"


def minutes(amount: int | None) -> str:
    """Return an estimate as `45m` or `2h 30m`, or nothing."""
    if amount is None:
        return ""
    hours, rest = divmod(amount, 60)
    return f"{rest}m" if not hours else f"{hours}h {rest}m" if rest else f"{hours}h"


def count(amount: int, one: str, many: str = "") -> str:
    """Return `1 file`, `3 files`."""
    return f"{amount} {one if amount == 1 else many or f'{one}s'}"


def listing(items: tuple[str, ...]) -> str:
    """Return the items with commas, or a dash."""
    return ", ".join(items) or NOTHING
