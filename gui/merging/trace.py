"""What a merge run has told so far, branch by branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.merge_run import MergeProgress, MergeStage

if TYPE_CHECKING:
    from collections.abc import Iterable

State = tuple[str, str]
"""The pill's look and its word."""
TO_COME: Final[State] = ("empty", "To come")
TRYING: Final[State] = ("working", "Merging")
CHECKING: Final[State] = ("starting", "Checking")
MERGED: Final[State] = ("clean", "Merged")
PUT_ASIDE: Final[State] = ("blocked", "Put aside")
_UNDER_WAY: Final = frozenset({TRYING, CHECKING})
_AFTER: Final = frozenset(
    {MergeStage.READY, MergeStage.MOVED, MergeStage.BROUGHT_ALONG, MergeStage.RECORDED}
)


class MergeTrace:
    """Collects the news; a branch that is no longer spoken of has been merged."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._reasons: dict[str, str] = {}
        self.log = ""
        """Path of the output of the check that runs now, or empty."""

    def begin(self, tasks: Iterable[str]) -> None:
        """Forget what was told: a run begins."""
        self._states = dict.fromkeys(tasks, TO_COME)
        self._reasons.clear()
        self.log = ""

    def take(self, news: MergeProgress) -> None:
        """Take one step forward."""
        self.log = news.log
        if news.stage is MergeStage.LOOKING:  # all is merged anew on a base that has moved
            self.begin(self._states)
            return
        for task, state in self._states.items():
            if state in _UNDER_WAY and (task != news.task or news.stage in _AFTER):
                self._states[task] = MERGED
        if not news.task:
            return
        match news.stage:
            case MergeStage.TRYING:
                self._states[news.task] = TRYING
            case MergeStage.CHECKING:
                self._states[news.task] = CHECKING
            case MergeStage.PUT_ASIDE:
                self._states[news.task] = PUT_ASIDE
                said = news.text.removeprefix(f"{news.task} is put aside: ")
                self._reasons[news.task] = said

    def state_of(self, task: str) -> State:
        """Return the pill's look and word of a branch."""
        return self._states.get(task, TO_COME)

    def reason_of(self, task: str) -> str:
        """Return why a branch was put aside, or empty."""
        return self._reasons.get(task, "")
