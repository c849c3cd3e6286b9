"""Stages of a task: what the run of one comes to, and what the next one is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.agents.stage_prompt import Word
from core.dispatch import stages as outcome
from core.dispatch.launch import WHOLE, Part
from core.dispatch.stages import Then
from core.domain.run import LIVE
from core.domain.stage import Stage, StageKind, StageStatus
from core.domain.task import TaskStatus
from core.engine.locking import situation
from core.errors import Refused, UserError
from core.queue import outcomes
from core.queue import stages as rows
from core.queue.eligibility import overlaps
from core.tasks import board

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.claim import Claim
    from core.domain.repo import Repo
    from core.domain.task import Task
    from core.engine.context import Engine

WEFT = "weft"


def stages(engine: Engine, key: str) -> tuple[Stage, ...]:
    """Return the stages of a task in their order; none for a task of one run."""
    return rows.of_task(engine.repo, key)


def artifact_text(engine: Engine, key: str, stage: str) -> str:
    """Return what a stage handed on; empty when there is nothing.

    Raises:
        NotFound: The task has no such stage.
    """
    return outcome.kept(rows.find(engine.repo, key, stage))


def plan_stages(engine: Engine, key: str) -> None:
    """Give a task the stages that the settings name, unless it has begun with others.

    Raises:
        UserError: Two stages of the same name.
    """
    names = engine.settings().lines("stages")
    if len(set(names)) < len(names):
        raise UserError(
            f"The setting `stages` names one twice: {', '.join(names)}.",
            hint="Give each stage a name of its own.",
        )
    rows.plan(engine.repo, key, names)


def part_of(engine: Engine, task: Task, claim: Claim) -> Part | None:
    """Return what the next run of *task* does; None while a person's word is waited for.

    A stage that built on another branch is done anew: its work is not where this claim works.
    """
    plan_stages(engine, task.key)
    for stage in rows.of_task(engine.repo, task.key):
        builds = StageKind.of(stage.name) is StageKind.BUILD
        done = stage.status is not StageStatus.WAITING and stage.run
        if builds and done and rows.branch_of(stage) != claim.branch:
            rows.redo_from(engine.repo, task.key, stage.name)
            break
    known = rows.of_task(engine.repo, task.key)
    if not known:
        return WHOLE
    following = rows.next_stage(known)
    if following is None or not _may_begin(engine, following):
        return None
    return Part(following.name, _words_for(following, known))


def profile_for(engine: Engine, part: Part, own: str) -> str:
    """Return the profile of a stage: as the settings have it, else the worker's *own*.

    Raises:
        UserError: A line of the setting is not STAGE=PROFILE.
    """
    for line in engine.settings().lines("stage_profiles"):
        stage, equals, profile = (word.strip() for word in line.partition("="))
        if not (stage and equals and profile):
            raise UserError(
                f"{line!r} in the setting `stage_profiles` names no profile.",
                hint="A line is STAGE=PROFILE, such as analyze=claude.",
            )
        if stage == part.stage:
            return profile
    return own


def due(engine: Engine) -> tuple[Task, ...]:
    """Return tasks in progress of agents whose next stage may begin and that nobody works on."""
    repo = engine.repo
    known = rows.of_repo(repo)
    if not known:
        return ()
    live = {run.task for run in outcomes.list_runs(repo, live_only=True)}
    by_task: dict[str, list[Stage]] = {}
    for stage in known:
        by_task.setdefault(stage.task, []).append(stage)
    found = []
    for task in board.list_tasks(repo, status=(TaskStatus.IN_PROGRESS,)):
        following = rows.next_stage(by_task.get(task.key, ()))
        if following is None or task.key in live or not outcomes.is_agent(repo, task.worker):
            continue
        if following.status in (StageStatus.WAITING, StageStatus.FAILED):
            found.append(task)
    return tuple(found)


def judge_ended(engine: Engine) -> tuple[str, ...]:
    """Judge the stages whose runs have ended; return a sentence for each that moved."""
    said = []
    for stage in rows.unjudged(engine.repo):
        try:
            said.append(_judge(engine, stage))
        except Refused:
            continue  # another process has judged it
    return tuple(sentence for sentence in said if sentence)


def gates(repo: Repo) -> dict[str, str]:
    """Return for each task whose stage waits, for a person or for files, the sentence."""
    by_task: dict[str, list[Stage]] = {}
    for stage in rows.of_repo(repo):
        by_task.setdefault(stage.task, []).append(stage)
    said = {key: _waits(known) for key, known in by_task.items()}
    return {key: sentence for key, sentence in said.items() if sentence}


def _waits(known: Sequence[Stage]) -> str:
    stage = rows.next_stage(known)
    if stage is None or stage.run == "":
        return ""
    if stage.status is StageStatus.GATE:
        return outcome.gate_words(stage)
    unjudged = stage.status is StageStatus.RUNNING and stage.ended_at is not None
    return stage.note if unjudged else ""


def _judge(engine: Engine, stage: Stage) -> str:
    repo, settings = engine.repo, engine.settings()
    run = outcomes.get_run(stage.run)
    text = outcome.last_words(run)
    artifact = outcome.keep(run, text)
    known = rows.of_task(repo, stage.task)
    held = _take_plan(engine, stage, text) if _is(stage, StageKind.ANALYZE) else ()
    overlap = settings.text("overlap")
    if held and overlap == "wait":
        rows.note_wait(repo, stage, held[0])
        return ""
    gates, returns = settings.lines("stage_gates"), settings.whole("stage_returns")
    judged = outcome.judge(stage, known, text, gates=gates, returns=returns)
    if held and overlap == "ask":
        judged = outcome.Judgement(Then.GATE, why=" ".join(held))
    if judged.then is Then.BACK and judged.to is not None:
        rows.send_back(
            repo, stage, judged.to, words=text, artifact=artifact, now=engine.now(), actor=WEFT
        )
        return f"{stage.task}: {stage.name} sends the work back to {judged.to.name}."
    gate = judged.then is Then.GATE
    rows.decide(
        repo,
        stage,
        StageStatus.GATE if gate else StageStatus.DONE,
        note=judged.why,
        artifact=artifact,
        kind="stage.gate" if gate else "stage.ended",
        now=engine.now(),
        actor=WEFT,
    )
    waits_for = "waits for a person's word" if gate else "is done"
    return f"{stage.task}: stage {stage.name} {waits_for}."


def _take_plan(engine: Engine, stage: Stage, text: str) -> tuple[str, ...]:
    """Declare the files that a plan names, which locks them; return whom they meet."""
    repo = engine.repo
    task = board.get_task(repo, stage.task)
    files = tuple(dict.fromkeys((*task.files, *outcome.files_named(text))))
    if files != task.files:
        changes = board.TaskChanges(files=files)
        task = board.edit_task(repo, task.key, changes, now=engine.now(), actor=WEFT)
    return overlaps(task, situation(engine, board.list_tasks(repo)))


def _may_begin(engine: Engine, stage: Stage) -> bool:
    if stage.status in (StageStatus.WAITING, StageStatus.FAILED):
        return True
    if stage.status is not StageStatus.RUNNING or stage.ended_at is not None:
        return False
    return outcomes.get_run(stage.run).status not in LIVE


def _words_for(stage: Stage, known: tuple[Stage, ...]) -> tuple[Word, ...]:
    before = tuple(
        Word(f"the stage {one.name}", outcome.kept(one))
        for one in known
        if one.position < stage.position
    )
    returned = (Word("whoever sent it back", stage.note),) if stage.sent_back else ()
    return (*before, *returned)


def _is(stage: Stage, kind: StageKind) -> bool:
    return StageKind.of(stage.name) is kind
