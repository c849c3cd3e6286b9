"""How the work goes: health, statistics, the day's report and the readable logs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.domain.figures import Report
from core.engine import workers
from core.errors import UsageError
from core.events import log
from core.git.exclude import ensure_excluded
from core.locks import leases
from core.metrics import markdown
from core.metrics.day import bounds, facts_of
from core.metrics.health import WINDOW, health_of
from core.metrics.logs import folder_of, write_logs
from core.metrics.spans import spans_of
from core.metrics.stats import stats_of
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.figures import Health, Span, Stats
    from core.engine.context import Engine

_MOST_DAYS = 3660


def health(engine: Engine) -> Health:
    """Return how the work goes now, with rates over the last seven days."""
    return health_of(engine.repo, workers.worker_list(engine), now=engine.now())


def stats(engine: Engine, *, days: int | None = None) -> Stats:
    """Return figures of the last *days* (7), with the goals beside them.

    Raises:
        UsageError: Fewer than one day, or more than ten years.
    """
    window = WINDOW if days is None else timedelta(days=_checked(days))
    now = engine.now()
    return stats_of(engine.repo, workers.worker_list(engine), since=now - window, until=now)


def timeline(engine: Engine, *, days: int | None = None) -> tuple[Span, ...]:
    """Return who worked on what from when to when in the last *days* (1), by start."""
    now = engine.now()
    since = now - timedelta(days=1 if days is None else _checked(days))
    return spans_of(engine.repo, since=since, until=now)


def report(engine: Engine, *, day: str | None = None, write: bool = False) -> Report:
    """Return the summary of *day* (today, UTC); with *write* put it and the logs into files.

    The files are `DAY.md`, and `tasks/KEY.md` and `workers/NAME.md` of whoever was active that
    day, in `log_dir` or `.ai/logs/parallel-work`.

    Raises:
        UsageError: *day* is no date such as 2026-05-01, or lies ahead.
        UserError: `log_dir` leaves the repository.
    """
    now = engine.now()
    chosen = _day(day) if day else now.date()
    if chosen > now.date():
        raise UsageError(f"{chosen} lies ahead.", hint="The day is one in UTC.")
    facts = facts_of(
        engine.repo,
        chosen,
        tasks=board.list_tasks(engine.repo, rules=engine.approval()),
        workers=workers.worker_list(engine),
        locks=leases.list_locks(engine.repo),
        now=now,
    )
    text = markdown.day(facts)
    if not write:
        return Report(chosen, text)
    return Report(chosen, text, _write(engine, chosen, text))


def _write(engine: Engine, day: date, text: str) -> tuple[str, ...]:
    repo = engine.repo
    folder = folder_of(repo.path, engine.settings().text("log_dir"))
    events = log.read(repo=str(repo.path), between=bounds(day), limit=None)
    keys = {event.task for event in events if event.task}
    names = {event.worker for event in events if event.worker}
    texts = {f"{day.isoformat()}.md": text}
    for task in board.list_tasks(repo, rules=engine.approval()):
        if task.key in keys:
            told = log.read(repo=str(repo.path), task=task.key, newest=True)
            texts[f"tasks/{task.key}.md"] = markdown.task_log(task, told)
    for worker in workers.worker_list(engine):
        if worker.name in names:
            told = log.read(repo=str(repo.path), worker=worker.name, newest=True)
            texts[f"workers/{worker.name}.md"] = markdown.worker_log(worker, told)
    if not engine.settings().text("log_dir"):
        # Nobody asked for this folder by name, so it stays out of `git status`.
        ensure_excluded(repo.git_dir, [f"/{folder.relative_to(repo.path).as_posix()}/"])
    return write_logs(folder, texts)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is no day.", hint="Write it as 2026-05-01.") from None


def _checked(days: int) -> int:
    if not 1 <= days <= _MOST_DAYS:
        raise UsageError(f"--days wants 1 to {_MOST_DAYS}, not {days}.")
    return days
