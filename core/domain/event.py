"""One row of the append-only audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True, slots=True)
class Event:
    """A change of state, as it was recorded in the transaction of the change.

    `kind` is dotted (`task.claimed`, `run.ended`, `merge.landed`); `repo` is the absolute path
    of the repository's main folder; `actor` who asked for it (a worker, `person`, `weft`).
    """

    id: int
    at: datetime
    kind: str
    repo: str | None
    task: str | None
    worker: str | None
    run: str | None
    actor: str
    data: Mapping[str, JsonValue]
