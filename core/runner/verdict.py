"""How a run ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.agent_event import TurnEnded, TurnOutcome
from core.domain.run import RunStatus

if TYPE_CHECKING:
    from typing import Self


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a run ends; `reason` is a whole sentence, empty when it ended well."""

    status: RunStatus
    reason: str = ""
    exit_code: int | None = None

    @classmethod
    def of(cls, end: TurnEnded) -> Self:
        """Return what the end of the agent's turn means for the run."""
        if end.outcome is TurnOutcome.DONE:
            return cls(RunStatus.DONE, exit_code=end.exit_code)
        return cls(RunStatus.FAILED, end.reason, end.exit_code)
