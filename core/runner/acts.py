"""What a run's agent can ask of its runner, and what of that the runner does by itself.

The rest is done by an errand (`core.runner.errands`). An agent acts for its own worker, task and
run alone: what it says of these is checked, never followed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from core.domain.names import fold
from core.domain.question import OptionKind, QuestionKind, QuestionOption
from core.domain.run import RunStatus
from core.errors import EngineError, Refused, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from core.clock import Clock
    from core.runner.asking import Asking
    from core.runner.database_thread import DatabaseThread
    from core.runner.errands import Errands
    from core.runner.records import Assignment
    from core.runner.speech import Speech
    from core.runner.standing import Standing
    from core.runner.tally import Tally

_OWN: Final = ("worker", "task", "run", "name", "key")
"""Parameters that say whose act it is: allowed when they say the run's own."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """How an act is pinned to its run: parameters that are filled in, and such as are refused."""

    fills: Mapping[str, str] = field(default_factory=dict)
    never: tuple[str, ...] = ()


_TOOL: Final = _Rule()
_ON_TASK: Final = _Rule({"key": "task"}, never=("follow", "watch"))
ERRANDS: Final[Mapping[str, _Rule]] = MappingProxyType(
    {
        "claim_task": _TOOL,
        "my_task": _TOOL,
        "reserve_files": _TOOL,
        "release_files": _TOOL,
        "check_conflicts": _TOOL,
        "status": _Rule(never=("watch",)),
        "locks": _Rule(),
        "lock": _Rule({"worker": "worker", "task": "task"}),
        "unlock": _Rule({"worker": "worker"}, never=("force",)),
        "log": _ON_TASK,
        "task show": _ON_TASK,
        "conflicts": _Rule({"task": "task"}),
    }
)
"""What an errand does; a tool is pinned by the errand itself."""


class Acts:
    """Carries out what one run's agent asks for.

    Attributes:
        completed: Whether the agent said that its work is complete.
    """

    def __init__(
        self,
        mine: Assignment,
        *,
        speech: Speech,
        standing: Standing,
        asking: Asking,
        tally: Tally,
        errands: Errands,
        database: DatabaseThread,
        clock: Clock,
    ) -> None:
        self._mine = mine
        self._speech = speech
        self._standing = standing
        self._asking = asking
        self._tally = tally
        self._errands = errands
        self._database = database
        self._clock = clock
        self.completed = False
        self._own: Mapping[str, Callable[..., Coroutine[Any, Any, tuple[Any, str]]]] = {
            "heartbeat": self._heartbeat,
            "worker heartbeat": self._heartbeat,
            "worker_status": self._worker_status,
            "ask_person": self._ask_person,
            "complete_work": self._complete_work,
            "done": self._done,
            "check_commit": self._check_commit,
        }

    async def perform(
        self, operation: str, arguments: Mapping[str, Any], *, as_json: bool
    ) -> dict[str, Any]:
        """Do *operation* and return `{"result"}` or `{"error"}`; never raises an EngineError."""
        try:
            own = await self._checked(arguments)
            if operation in self._own:
                answer, text = await self._own[operation](**own)
                return {"result": answer if as_json else {"text": text, "talk": "", "status": 0}}
            rule = ERRANDS.get(operation)
            if rule is None:
                raise Refused(
                    f"Within a run an agent cannot do {operation!r}.",
                    hint="It can tell, ask and reserve for its own task: weft agent --help",
                )
            return await self._errands.send(
                operation, self._pinned(rule, operation, own), as_json=as_json
            )
        except EngineError as error:
            return {"error": told(error)}
        except TypeError as error:  # a parameter that the act does not have
            return {"error": told(UsageError(f"{operation!r} does not take that: {error}."))}

    async def _checked(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return *arguments* as `_only_own` does; what names somebody else goes on record."""
        try:
            return self._only_own(arguments)
        except Refused as refused:
            from core.queue.reported import note_foreign  # hardly ever needed

            mine = self._mine
            await self._database.call(
                note_foreign, mine.repo, mine.worker, refused.message, now=self._clock.now()
            )
            raise

    def _only_own(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return *arguments* without what says whose act it is.

        Raises:
            Refused: They name somebody else.
        """
        mine = self._mine
        names = {"worker": mine.worker, "name": mine.worker, "task": mine.task, "run": mine.run}
        names["key"] = mine.task
        for name in _OWN:
            given = arguments.get(name)
            for one in given if isinstance(given, list | tuple) else [given]:
                if one is not None and fold(str(one)) != fold(names[name]):
                    raise Refused(
                        f"This run acts for {mine.worker} on {mine.task} alone, not for {one}."
                    )
        return {name: value for name, value in arguments.items() if name not in _OWN}

    def _pinned(self, rule: _Rule, operation: str, own: Mapping[str, Any]) -> dict[str, Any]:
        refused = [name for name in rule.never if own.get(name)]
        if refused:
            raise Refused(f"Within a run {operation!r} does not take --{refused[0]}.")
        filled = {name: getattr(self._mine, fact) for name, fact in rule.fills.items()}
        if operation == "conflicts":
            return {**own, "task": [self._mine.task]}
        return {**own, **filled}

    async def _heartbeat(self, message: str = "") -> tuple[Any, str]:
        if message:
            self._speech.tell("message", message)
            self._speech.said(message)
        self._tally.heard_now()
        return await self._worker_status()

    async def _worker_status(self) -> tuple[Any, str]:
        mine = self._mine
        paused = self._standing.status is RunStatus.PAUSED
        state = {
            "worker": mine.worker,
            "task": mine.task,
            "status": "paused" if paused else "working",
            "reason": f"{mine.worker} is paused." if paused else "",
        }
        return state, state["reason"] or "Go on."

    async def _ask_person(
        self, question: str, option: tuple[str, ...] = (), wait: int | None = None
    ) -> tuple[Any, str]:
        if not question.strip():
            raise UsageError("A question needs words.")
        title, _, detail = question.strip().partition("\n")
        number, heard = await self._asking.question(
            QuestionKind.QUESTION,
            title,
            detail=detail,
            options=[QuestionOption(words, words, OptionKind.OTHER) for words in option],
        )
        try:
            async with asyncio.timeout(wait):
                answered = await heard
        except TimeoutError:
            later = "Nobody has answered yet; the answer will be told to you."
            return {"question": number, "answered": False, "answer": ""}, later
        return {"question": number, "answered": True, "answer": answered.answer}, answered.answer

    async def _complete_work(self, message: str = "") -> tuple[Any, str]:
        mine = self._mine
        self.completed = True
        self._speech.tell("state", f"{mine.worker} says that the work is complete.")
        if message:
            self._speech.tell("message", message)
            self._speech.said(message)
        answer = {
            "task": mine.task,
            "worker": mine.worker,
            "status": "in_progress",
            "message": message,
        }
        return answer, f"{mine.task} goes to review when this run has ended: stop now."

    async def _done(self, file: tuple[str, ...] = ()) -> tuple[Any, str]:
        del file  # what a run changed is seen in its branch
        return await self._complete_work()

    async def _check_commit(self, paths: tuple[str, ...] = ()) -> tuple[Any, str]:
        from core.locks.guard import commit_problems  # not before something is committed

        problems = await self._database.call(
            commit_problems, self._mine.repo, self._mine.task, tuple(paths), now=self._clock.now()
        )
        return {"problems": list(problems)}, "\n".join(problems)


def told(error: EngineError) -> dict[str, Any]:
    """Return an error as JSON tells it."""
    return {
        "code": error.code,
        "message": error.message,
        "reasons": list(error.reasons),
        "hint": error.hint,
    }
