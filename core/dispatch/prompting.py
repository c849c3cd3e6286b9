"""What a run is told, from the board, the base and the repository's own template."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.agents.prompt import BadPrompt, Earlier, Neighbour, Surroundings, render_prompt
from core.dispatch.live import LIVE_VALUES
from core.domain.task import TaskStatus
from core.git.command import GitPlace
from core.git.history import file_names
from core.git.objects import read_file
from core.git.refs import resolve
from core.queue import outcomes
from core.store.schema import RunRow, TaskRow
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.repo import Repo
    from core.domain.task import Task

_INSTRUCTIONS: Final = ("AGENTS.md", "CLAUDE.md", "GEMINI.md")
"""Files that agents look for by themselves, when their settings let them."""
_AT_WORK: Final = (TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS)
_TEMPLATE_LIMIT: Final = 100_000


async def prompt_for(repo: Repo, task: Task, claim: Claim, *, template_file: str = "") -> str:
    """Return the first message to the agent of *task*.

    Args:
        repo: The repository.
        task: The task.
        claim: Who does it and where; it need not be recorded.
        template_file: The repository's own template, as its base has it; empty for Weft's.

    Raises:
        BadPrompt: The base has no such template, or it names what there is not.
    """
    around = await surroundings(repo, task, template_file)
    return render_prompt(repo, task, claim, earlier=last_attempt(repo, task), around=around)


async def surroundings(repo: Repo, task: Task, template_file: str) -> Surroundings:
    """Return what is told beside the task."""
    place = GitPlace(repo.git_dir)
    base = await resolve(place, repo.base_ref)
    if base is None:
        return Surroundings(neighbours(repo, task))
    names = await file_names(place, base)
    template = ""
    if template_file:
        raw = None
        if template_file in names:
            raw = await read_file(place, base, template_file, limit=_TEMPLATE_LIMIT)
        if raw is None:
            raise BadPrompt(
                f"{repo.base} has no file {template_file}, or it is too large for a prompt.",
                hint="The setting `prompt_file` names it; it counts once it is on the base.",
            )
        template = raw.decode("utf-8", "replace")
    return Surroundings(
        others=neighbours(repo, task),
        instructions=tuple(name for name in _INSTRUCTIONS if name in names),
        template=template,
        template_name=template_file,
    )


def neighbours(repo: Repo, task: Task) -> tuple[Neighbour, ...]:
    """Return the tasks that others are at work on now, in the order of the board."""
    return tuple(
        Neighbour(other.worker, other.key, other.title, other.files)
        for other in board.list_tasks(repo, status=_AT_WORK)
        if other.key != task.key and other.worker
    )


def last_attempt(repo: Repo, task: Task) -> Earlier | None:
    """Return the task's last run if it ended badly."""
    last = (
        RunRow.select(RunRow.id, RunRow.reason, RunRow.branch)
        .join(TaskRow)
        .where(RunRow.repo == repo.id, TaskRow.key == task.key, RunRow.status.not_in(LIVE_VALUES))
        .order_by(RunRow.started_ms.desc())
        .first()
    )
    if last is None or not last.reason:
        return None
    return Earlier(last.reason, last.branch, outcomes.preserved_ref(repo, task.key, last.id))
