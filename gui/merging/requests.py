"""What the wizard asks of the engine; imported on its thread, as git's modules take a while."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.domain.landed import LandedWorktree
    from core.domain.merge_run import MergeProgress, PastMerge
    from core.domain.plan import MergePlan, MergeResult
    from core.domain.task import Task
    from core.engine.context import Engine

    Told = Callable[[MergeProgress], None]

LOG_BYTES: Final = 16 * 1024
PAST: Final = 20
"""So many earlier merge runs are listed."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the first page is made of.

    Attributes:
        base: The branch that everything lands on.
        tasks: Tasks with work that has not landed, in the order of the board.
        strategy: How branches land by the settings.
        check: The check command of the settings, or empty.
        held: Why a task in review may not land yet, by key.
        past: The merge runs before, the newest first.
    """

    base: str
    tasks: tuple[Task, ...]
    strategy: str
    check: str
    held: dict[str, str]
    past: tuple[PastMerge, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be planned or merged."""

    keys: tuple[str, ...]
    strategy: str
    ordered: bool
    check: str = ""


async def read_start(engine: Engine) -> Start:
    """Return the tasks that could land, the settings for it, and what has landed before."""
    from core.domain.task import OPEN, TaskStatus
    from core.engine.approving import holds
    from core.engine.merging import merge_log
    from core.engine.tasks import task_list

    statuses = tuple(status.value for status in (TaskStatus.REVIEW, *sorted(OPEN)))
    tasks = task_list(engine, status=statuses)
    settings = engine.settings()
    held = holds(engine, [task.key for task in tasks])
    return Start(
        engine.repo.base,
        tasks,
        settings.text("strategy"),
        settings.text("check"),
        held,
        await merge_log(engine, limit=PAST),
    )


async def plan_merge(engine: Engine, wish: Wish, *, progress: Told) -> MergePlan:
    """Dry-run the branches."""
    from core.engine.merging import merge_plan

    return await merge_plan(
        engine, wish.keys, strategy=wish.strategy, ordered=wish.ordered, progress=progress
    )


async def read_stamp(engine: Engine, wish: Wish) -> str:
    """Return what stays the same as long as a plan of the same wish is true."""
    from core.engine.merging import plan_inputs

    return await plan_inputs(engine, wish.keys, strategy=wish.strategy, ordered=wish.ordered)


async def merge(
    engine: Engine, wish: Wish, *, progress: Told, cancelled: Callable[[], bool]
) -> MergeResult:
    """Merge the branches; *cancelled* is asked between steps."""
    from core.engine.merging import merge_run

    return await merge_run(
        engine,
        wish.keys,
        strategy=wish.strategy,
        check=wish.check,
        ordered=wish.ordered,
        progress=progress,
        cancelled=cancelled,
    )


async def undo_merge(engine: Engine, run: str | None) -> MergeResult:
    """Take a merge run back, the last one when none is named."""
    from core.engine.merging import merge_undo

    return await merge_undo(engine, run)


async def read_tidy(engine: Engine) -> tuple[LandedWorktree, ...]:
    """Return the worktrees of landed tasks, and why some of them have to stay."""
    from core.engine.merging import merge_tidy

    return await merge_tidy(engine)


async def tidy_up(engine: Engine) -> tuple[LandedWorktree, ...]:
    """Remove those that the base holds whole."""
    from core.engine.merging import merge_tidy

    return await merge_tidy(engine, yes=True)


def read_log(engine: Engine, path: str, lines: int) -> tuple[str, ...]:
    """Return the last lines of a check's output, fit to be shown."""
    del engine
    file = Path(path)
    if not file.is_file():
        return ()
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - LOG_BYTES))
        text = stream.read().decode("utf-8", "replace")
    shown = [_printable(line) for line in text.splitlines()]
    return tuple(shown[-lines:])


def _printable(line: str) -> str:
    return "".join(sign if sign.isprintable() or sign == "\t" else "�" for sign in line)
