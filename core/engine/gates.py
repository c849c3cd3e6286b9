"""A person's word at the gate of a stage: approve, reject with words, escalate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dispatch.stages import built_before
from core.domain.stage import Stage, StageKind, StageStatus
from core.engine.starting import start_all
from core.errors import Refused, UsageError
from core.queue import stages
from core.tasks import board

if TYPE_CHECKING:
    from core.engine.context import Engine


async def stage_approve(engine: Engine, key: str, text: str = "") -> Stage:
    """Let a task go on past the stage that waits; after the last one it goes to review.

    The next stage starts at once if there is a place.

    Raises:
        Refused: No stage of it waits for a word.
    """
    at = _at_gate(engine, key)
    found = stages.decide(
        engine.repo,
        at,
        StageStatus.DONE,
        note=text,
        kind="stage.approved",
        now=engine.now(),
        actor=engine.actor,
    )
    await start_all(engine)
    return found


async def stage_reject(engine: Engine, key: str, text: str) -> Stage:
    """Send a task back: a review's to what was built, any other stage to itself; with words.

    Raises:
        Refused: No stage of it waits for a word.
        UsageError: No words: whoever does it anew must know what to change.
    """
    if not text.strip():
        raise UsageError(
            "Say what has to be changed.", hint=f"weft stage reject {key} 'What is wrong'"
        )
    at = _at_gate(engine, key)
    known = stages.of_task(engine.repo, key)
    of_review = StageKind.of(at.name) is StageKind.REVIEW
    to = (built_before(at, known) if of_review else None) or at
    found = stages.send_back(
        engine.repo, at, to, words=text, artifact="", now=engine.now(), actor=engine.actor
    )
    await start_all(engine)
    return found


def stage_escalate(engine: Engine, key: str, text: str = "") -> Stage:
    """Mark a task whose stage waits as one that a person must decide; it stays at its gate.

    Raises:
        Refused: No stage of it waits for a word.
    """
    at = _at_gate(engine, key)
    return stages.escalate(engine.repo, at, words=text, now=engine.now(), actor=engine.actor)


def _at_gate(engine: Engine, key: str) -> Stage:
    task = board.get_task(engine.repo, key)
    known = stages.of_task(engine.repo, task.key)
    at = next((stage for stage in known if stage.status is StageStatus.GATE), None)
    if at is not None:
        return at
    following = stages.next_stage(known)
    raise Refused(
        f"No stage of {task.key} waits for your word.",
        reasons=(f"Stage {following.name} is {following.status.value}.",) if following else (),
        hint=f"See its stages: weft task show {task.key}",
    )
