"""Operations on tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.overview import TaskDetails
from core.domain.task import OPEN, NewTask, Priority, Task, TaskStatus, check_move
from core.engine.locking import situation
from core.errors import Refused, UsageError, UserError
from core.paths import expanded
from core.queue import claims, outcomes, returns, stages
from core.queue.approvals import judge
from core.queue.eligibility import reasons_against
from core.store.transactions import transaction
from core.tasks import board
from core.tasks.importing import ImportReport, import_tasks

if TYPE_CHECKING:
    from core.engine.context import Engine

IMPORT_MOST = 5_000_000


def task_add(
    engine: Engine,
    title: str,
    *,
    description: str = "",
    priority: str | None = None,
    file: tuple[str, ...] = (),
    depends: tuple[str, ...] = (),
    skill: tuple[str, ...] = (),
    estimate: int | None = None,
    key: str | None = None,
    issue: int | None = None,
) -> Task:
    """Add a task to the backlog; *estimate* is in minutes."""
    new = NewTask(
        title=title,
        description=description,
        priority=Priority.parse(priority or "medium"),
        files=file,
        depends_on=depends,
        skills=skill,
        estimate_minutes=estimate,
        key=key,
        issue_number=issue,
    )
    return board.add_task(engine.repo, new, now=engine.now(), actor=engine.actor)


def task_list(
    engine: Engine,
    *,
    status: tuple[str, ...] = (),
    worker: str | None = None,
    available: bool = False,
) -> tuple[Task, ...]:
    """Return tasks in the order of the board; *available* only those with nothing in the way."""
    rules = engine.approval()
    if not available:
        wanted = tuple(TaskStatus(word) for word in status)
        return board.list_tasks(engine.repo, status=wanted, worker=worker, rules=rules)
    everything = board.list_tasks(engine.repo, rules=rules)
    whole = situation(engine, everything)
    return tuple(
        task
        for task in everything
        if not reasons_against(task, None, whole)
        and (not status or task.status in status)
        and worker in (None, task.worker)
    )


def task_show(engine: Engine, key: str) -> TaskDetails:
    """Return a task with its runs and the reasons why it waits."""
    from core.engine import overview  # asyncio with it, which no other command of tasks needs

    task = board.get_task(engine.repo, key, rules=engine.approval())
    reasons = overview.why_waits(engine, task.key)
    runs = outcomes.list_runs(engine.repo, task=task.key)
    return TaskDetails(task, runs, reasons, stages.of_task(engine.repo, task.key))


def task_edit(
    engine: Engine,
    key: str,
    *,
    title: str | None = None,
    description: str | None = None,
    priority: str | None = None,
    file: tuple[str, ...] | None = None,
    depends: tuple[str, ...] | None = None,
    skill: tuple[str, ...] | None = None,
    estimate: int | None = None,
    issue: int | None = None,
    clear: tuple[str, ...] = (),
) -> Task:
    """Change a task; a list that is given replaces the old one, *clear* empties lists.

    An empty tuple from a door that cannot tell it from nothing leaves the list as it is.
    """
    changes = board.TaskChanges(
        title=title,
        description=description,
        priority=Priority.parse(priority) if priority else None,
        files=() if "file" in clear else file or None,
        depends_on=() if "depends" in clear else depends or None,
        skills=() if "skill" in clear else skill or None,
        estimate_minutes=estimate,
        issue_number=issue,
    )
    return board.edit_task(engine.repo, key, changes, now=engine.now(), actor=engine.actor)


def task_remove(engine: Engine, key: str) -> Task:
    """Remove a task that nobody owns or waits for; return what it was."""
    return board.remove_task(engine.repo, key, now=engine.now(), actor=engine.actor)


def task_import(engine: Engine, file: str, *, text: str | None = None) -> ImportReport:
    """Add the tasks that a file lists; *text* is its content when a door has read it already.

    Raises:
        UserError: The file cannot be read or is no text.
        UsageError: It lists nothing.
    """
    if text is None:
        path = expanded(file)
        try:
            if path.exists() and not path.is_file():
                what = "a folder" if path.is_dir() else "no regular file"
                raise UserError(
                    f"{file} cannot be read: it is {what}.",
                    hint="Name a file, or - for standard input.",
                )
            if path.stat().st_size > IMPORT_MOST:
                raise UserError(f"{file} is larger than {IMPORT_MOST // 1_000_000} MB.")
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise UserError(f"{file} cannot be read: {said}.") from error
    return import_tasks(engine.repo, text, name=file, now=engine.now(), actor=engine.actor)


def task_approve(
    engine: Engine, key: str, *, by: str, reason: str = "", reject: bool = False
) -> Task:
    """Record a guardian's yes or, with *reject*, no, and why."""
    return judge(
        engine.repo,
        key,
        by=by,
        approved=not reject,
        reason=reason,
        rules=engine.approval(),
        now=engine.now(),
    )


def task_retry(engine: Engine, key: str, *, stage: str | None = None) -> Task:
    """Give a failed task, or one in review, a new attempt.

    Of a task with stages the good ones are kept: it goes on at the one that failed, or with
    *stage* at that one; one that was in review is done anew from its first stage on.

    Raises:
        NotFound: It has no such stage.
    """
    was = board.get_task(engine.repo, key).status
    if stage is not None:
        stages.find(engine.repo, key, stage)
    task = board.retry(engine.repo, key, now=engine.now(), actor=engine.actor)
    if stage is not None or was is TaskStatus.REVIEW:
        stages.redo_from(engine.repo, key, stage)
    return task


def reorder_task(engine: Engine, key: str, place: int) -> None:
    """Put a task at *place* (0 is the top) in its own column."""
    board.reorder(engine.repo, key, place, now=engine.now(), actor=engine.actor)


def task_order(
    engine: Engine,
    key: str,
    *,
    first: bool = False,
    last: bool = False,
    before: str | None = None,
    after: str | None = None,
) -> Task:
    """Put a task elsewhere in its column: at an end of it, or beside another task.

    Raises:
        UsageError: Not exactly one place was named.
        Refused: The other task is in another column.
    """
    if [first, last, before is not None, after is not None].count(True) != 1:
        raise UsageError(
            "Name one place.", hint="One of --first, --last, --before KEY and --after KEY."
        )
    with transaction():
        task = board.get_task(engine.repo, key)
        column = board.list_tasks(engine.repo, status=(task.status,))
        others = [one.key for one in column if one.key != task.key]
        board.reorder(
            engine.repo,
            task.key,
            _place(engine, task, others, first=first, before=before, after=after),
            now=engine.now(),
            actor=engine.actor,
        )
    return board.get_task(engine.repo, key, rules=engine.approval())


def _place(
    engine: Engine,
    task: Task,
    others: list[str],
    *,
    first: bool,
    before: str | None,
    after: str | None,
) -> int:
    """Return the place among the *others* of the column."""
    named = before or after
    if named is None:
        return 0 if first else len(others)
    other = board.get_task(engine.repo, named)
    if other.key == task.key:
        raise UsageError(f"{task.key} cannot stand beside itself.")
    if other.key not in others:
        raise Refused(
            f"{task.key} cannot stand beside {other.key}.",
            reasons=(
                f"{task.key} is {task.status.label.lower()},"
                f" {other.key} is {other.status.label.lower()}.",
            ),
        )
    return others.index(other.key) + (after is not None)


def move_task(engine: Engine, key: str, status: TaskStatus) -> Task:
    """Do what dragging a card to another column means.

    Raises:
        IllegalTransition: No such move.
        Refused: It needs something else; the hint says what.
    """
    task = board.get_task(engine.repo, key, rules=engine.approval())
    check_move(task.key, task.status, status)
    match task.status, status:
        case TaskStatus.BACKLOG, TaskStatus.CLAIMED:
            raise Refused(
                f"{task.key} needs somebody who claims it.", hint="Drop it on a worker's card."
            )
        case TaskStatus.CLAIMED, TaskStatus.IN_PROGRESS:
            return start(engine, task.key)
        case _, TaskStatus.REVIEW if task.status in OPEN:
            return finish(engine, task.key)
        case TaskStatus.REVIEW, TaskStatus.BACKLOG:
            return task_retry(engine, task.key)
        case TaskStatus.REVIEW, TaskStatus.IN_PROGRESS:
            return returns.ask_changes(engine.repo, task.key, now=engine.now(), actor=engine.actor)
        case TaskStatus.REVIEW, TaskStatus.DONE:
            raise Refused(
                f"{task.key} is done when its branch has landed on {engine.repo.base}.",
                hint="Open the merge wizard, or: weft merge run",
            )
        case TaskStatus.DONE, _:
            raise Refused(
                f"{task.key} has landed on {engine.repo.base}.",
                hint="Undo the merge in the wizard, or: weft merge undo",
            )
        case _:
            return release(engine, task.key)


def start(engine: Engine, key: str) -> Task:
    """Move a claimed task to in_progress: a person has begun.

    Raises:
        Refused: An agent owns it; agents are started with `run`.
    """
    task = board.get_task(engine.repo, key)
    if task.status is TaskStatus.CLAIMED and outcomes.is_agent(engine.repo, task.worker):
        raise Refused(
            f"{task.worker} is an agent and begins when it is run.", hint=f"weft run {task.key}"
        )
    return claims.begin(engine.repo, key, now=engine.now(), actor=engine.actor)


async def done(engine: Engine, key: str, *, file: tuple[str, ...] = ()) -> Task:
    """Move a task to review; *file* adds to what it declares.

    Raises:
        Refused: A run is at work on it.
        IllegalTransition: It is neither claimed nor in progress.
    """
    return finish(engine, key, file=file)


def finish(engine: Engine, key: str, *, file: tuple[str, ...] = ()) -> Task:
    """See `done`."""
    task = board.get_task(engine.repo, key)
    if task.status not in OPEN:
        check_move(task.key, task.status, TaskStatus.REVIEW)
        raise UsageError(f"{task.key} is {task.status.words} already.")
    if file:
        changes = board.TaskChanges(files=(*task.files, *file))
        board.edit_task(engine.repo, key, changes, now=engine.now(), actor=engine.actor)
    return claims.finish(engine.repo, key, now=engine.now(), actor=engine.actor)


def release(engine: Engine, key: str) -> Task:
    """Give a task back to the backlog; branch and worktree stay."""
    return claims.release(engine.repo, key, why="released", now=engine.now(), actor=engine.actor)
