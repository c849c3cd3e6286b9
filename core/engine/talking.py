"""Talk with running agents: say something, see what they ask, answer."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from core.dispatch import control
from core.domain.names import fold
from core.domain.run import ControlVerb
from core.engine import runs
from core.errors import EngineError, NotFound, Refused, UsageError
from core.events import log
from core.queue import outcomes, questions
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.question import Question
    from core.domain.run import Run
    from core.engine.context import Engine

_HEARD_S: Final = 3.0
"""How long it is waited for the runner to say how its agent hears the words."""
_LOOK_AGAIN_S: Final = 0.05
_TOLD: Final = {
    "at once": "heard it at once.",
    "once it goes on": "hears it once it goes on.",
    "with its next turn": "hears it with its next turn.",
    "never": "cannot be told anything while it works.",
}


async def say(
    engine: Engine,
    target: str | None = None,
    text: str | None = None,
    *,
    worker: str | None = None,
    all: bool = False,  # noqa: A002  the word of the contract
) -> tuple[str, ...]:
    """Say something to running agents; return how each of them hears it.

    Args:
        engine: The engine.
        target: Key of the task or name of the worker; with *all* or *worker* the words themselves
            may stand here.
        text: The words.
        worker: Names a worker, should a key be alike.
        all: Every running agent.

    Raises:
        UsageError: Nothing is said, or to nobody.
        Refused: No run is under way there.
    """
    if text is None and (all or worker is not None):
        target, text = None, target
    if not text or not text.strip():
        raise UsageError("There is nothing to say.", hint="weft say KEY TEXT")
    last = log.last_id()
    found = runs.targets(engine, target, worker, everyone=all)
    asked, problems = _ask_all(engine, found, text.strip())
    if problems and not asked:
        raise problems[0]
    return await _how_heard(engine, asked, last)


def _ask_all(
    engine: Engine, found: Sequence[Run], text: str
) -> tuple[list[Run], list[EngineError]]:
    asked, problems = [], []
    for run in found:
        try:
            control.ask(
                engine.repo,
                run.id,
                ControlVerb.SAY,
                now=engine.now(),
                actor=engine.actor,
                text=text,
            )
        except EngineError as error:
            problems.append(error)
        else:
            asked.append(run)
    return asked, problems


async def _how_heard(engine: Engine, asked: Sequence[Run], last: int) -> tuple[str, ...]:
    """Return a sentence for each run, once its runner has taken the words."""
    deadline = time.monotonic() + _HEARD_S
    told: dict[str, str] = {}
    while time.monotonic() < deadline and len(told) < len(asked):
        for event in log.read(since=last, repo=str(engine.repo.path)):
            if event.kind == "run.told" and event.run is not None:
                told[event.run] = str(event.data.get("how", ""))
        await asyncio.sleep(_LOOK_AGAIN_S)
    return tuple(
        f"{run.worker} on {run.task} {_TOLD.get(told.get(run.id, ''), 'is told it.')}"
        for run in asked
    )


def asked_questions(engine: Engine) -> tuple[Question, ...]:
    """Return what running agents ask and nobody has answered, oldest first."""
    return questions.open_questions(engine.repo)


def answer(engine: Engine, run: str, answer: str, *, question: int | None = None) -> Question:
    """Answer what a run asks: yes, always, no, one of the options, or words.

    Args:
        engine: The engine.
        run: Id of the run, or its task's key, or its worker's name.
        answer: The answer; `always` allows the same for the whole run.
        question: Which question, should there be several; the oldest if left out.

    Raises:
        NotFound: No such run or question.
        Refused: Nothing is asked, or the run's runner is dead.
        UsageError: The answer is none of the options of a permission.
    """
    asked = _question(engine, run, question)
    said = questions.understood(asked, answer)
    control.require_runner(asked.run)
    return questions.answer(asked.id, said, now=engine.now(), actor=engine.actor)


def _question(engine: Engine, named: str, number: int | None) -> Question:
    mine = [one for one in questions.open_questions(engine.repo) if _is_of(one, named)]
    chosen = [one for one in mine if number in (None, one.id)]
    if chosen:
        return chosen[0]
    closed = questions.answered([number] if number is not None else [])
    if closed and _is_of(closed[0], named):
        raise Refused(_why_closed(closed[0]))
    if mine:
        raise NotFound(f"{named} does not ask question {number}.")
    if not _is_known(engine, named):
        raise NotFound(f"There is no run, task or worker {named!r}.")
    raise Refused(f"{named} asks nothing.", hint="What agents ask: weft questions")


def _is_of(asked: Question, named: str) -> bool:
    return fold(named) in (fold(asked.run), fold(asked.task), fold(asked.worker))


def _why_closed(asked: Question) -> str:
    """Return why a question takes no answer any more."""
    if not asked.answer:
        return f"{asked.worker} does not wait for that any more: {asked.answered_by}."
    said = next((o.label for o in asked.options if o.id == asked.answer), asked.answer)
    return f"{asked.answered_by} has answered {asked.worker} already: {said}"


def _is_known(engine: Engine, named: str) -> bool:
    try:
        outcomes.get_run(named)
    except NotFound:
        return runs.is_task_or_worker(engine, named)
    return True


def latest_run(engine: Engine, key: str) -> Run:
    """Return the newest run of a task.

    Raises:
        NotFound: Unknown task.
        Refused: No agent has worked on it.
    """
    task = board.get_task(engine.repo, key)
    found = outcomes.list_runs(engine.repo, task=task.key, limit=1)
    if not found:
        raise Refused(f"No agent has worked on {task.key} yet.", hint=f"weft run {task.key}")
    return found[0]
