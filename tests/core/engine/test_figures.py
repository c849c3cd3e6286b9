"""Health, statistics, report and timeline of real runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.domain.overview import Severity
from core.domain.task import TaskStatus
from core.engine import figures, tasks
from core.engine.context import Engine
from core.engine.doctor import doctor
from core.engine.housekeeping import EVERY, Housekeeping
from core.engine.preferences import set_preference
from core.engine.workers import worker_add
from core.errors import UsageError, UserError
from core.queue import claims
from core.store.schema import EventRow, SealRow
from tests.core.conftest import terms

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.conftest import SteadyClock
    from tests.runs import RunProject


def work_by_hand(engine: Engine, clock: SteadyClock, minutes: int, estimate: int) -> str:
    """A person claims a task, takes *minutes*, and hands it to review."""
    key = tasks.task_add(engine, "Say hello", estimate=estimate).key
    claims.claim_task(engine.repo, key, "human-ana", terms(), now=clock.now(), actor="human-ana")
    claims.begin(engine.repo, key, now=clock.now(), actor="human-ana")
    clock.pass_(timedelta(minutes=minutes))
    claims.finish(engine.repo, key, now=clock.now(), actor="human-ana")
    return key


@pytest.fixture
def ana(engine: Engine) -> Engine:
    worker_add(engine, "human-ana", type="human")
    return engine


def test_without_work_no_rate_is_made_up(engine: Engine) -> None:
    found = figures.health(engine)

    rates = (found.conflict_rate, found.utilization, found.completion_rate, found.estimate_error)
    assert rates == (None, None, None, None)
    assert found.assignment_latency_ms.p95 is None
    assert found.queue == {status.value: 0 for status in TaskStatus}
    assert found.warnings == ()


async def test_runs_that_failed_lower_the_completion_rate(project: RunProject) -> None:
    await project.run_through({"write": {"path": "a", "text": "x"}})
    await project.run_through({"fail": {"code": 3, "text": "no"}})
    engine = Engine(project.repo)

    found = figures.stats(engine, days=1)

    assert found.health.completion_rate == 0.5
    assert found.runs == 2
    assert {goal.name: goal.met for goal in found.goals}["Completion rate"] is False
    ((worker),) = {one.worker: (one.done, one.failed) for one in found.workers}.values()
    assert worker == (1, 1)
    assert found.workers[0].cost_usd is None
    assert found.workers[0].unknown_cost_runs == 2
    spans = figures.timeline(engine)
    assert [span.outcome for span in spans] == ["done", "failed"]


def test_a_persons_time_is_on_the_timeline_and_beside_the_estimate(
    ana: Engine, clock: SteadyClock
) -> None:
    key = work_by_hand(ana, clock, minutes=90, estimate=60)

    (span,) = figures.timeline(ana)
    assert (span.task, span.worker, span.run, span.outcome) == (key, "human-ana", "", "done")
    assert span.ended_at is not None
    assert span.ended_at - span.started_at == timedelta(minutes=90)
    assert figures.health(ana).estimate_error == 0.5


def test_the_days_report_names_what_was_done_and_who_is_at_work(
    ana: Engine, clock: SteadyClock
) -> None:
    done = work_by_hand(ana, clock, minutes=30, estimate=30)
    open_key = tasks.task_add(ana, "Break | the `table`", estimate=40).key
    claims.claim_task(ana.repo, open_key, "human-ana", terms(), now=clock.now(), actor="human-ana")
    clock.pass_(timedelta(minutes=10))

    text = figures.report(ana).markdown

    assert "# repo, 2026-03-01" in text
    assert f"- `{done}` Say hello (human-ana)" in text
    assert f"| human-ana | `{open_key}` | Break \\| the 'table' | 10 | 25 % |" in text


def test_written_logs_stay_out_of_the_status_and_are_whole(ana: Engine, clock: SteadyClock) -> None:
    key = work_by_hand(ana, clock, minutes=5, estimate=5)

    report = figures.report(ana, write=True)

    folder = ana.repo.path / ".ai" / "logs" / "parallel-work"
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.md")) == [
        "2026-03-01.md",
        f"tasks/{key}.md",
        "workers/human-ana.md",
    ]
    assert set(report.files) == {str(path) for path in folder.rglob("*.md")}
    assert "task.review" in (folder / "tasks" / f"{key}.md").read_text()
    exclude = (ana.repo.git_dir / "info" / "exclude").read_text()
    assert "/.ai/logs/parallel-work/" in exclude


@pytest.mark.parametrize("folder", ["../elsewhere", "/tmp/elsewhere", ".git/logs", "."])
def test_logs_never_leave_the_repository(ana: Engine, folder: str) -> None:
    set_preference(ana, "log_dir", folder)

    with pytest.raises(UserError, match="not a folder inside"):
        figures.report(ana, write=True)


def test_logs_are_not_written_through_a_link(ana: Engine, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (ana.repo.path / "logs").symlink_to(tmp_path / "elsewhere")
    set_preference(ana, "log_dir", "logs")

    with pytest.raises(UserError, match="is a link"):
        figures.report(ana, write=True)


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", ""])
def test_a_day_that_is_none_is_refused(engine: Engine, day: str) -> None:
    if day:
        with pytest.raises(UsageError, match="is no day"):
            figures.report(engine, day=day)
    else:
        assert figures.report(engine, day=day).day == engine.now().date()


def test_a_day_that_lies_ahead_is_refused(engine: Engine) -> None:
    with pytest.raises(UsageError, match="lies ahead"):
        figures.report(engine, day="9999-12-31")


def test_the_house_is_kept_once_a_minute_and_yesterday_is_written_once(
    ana: Engine, clock: SteadyClock
) -> None:
    set_preference(ana, "log_dir", "logs")
    work_by_hand(ana, clock, minutes=5, estimate=5)
    house = Housekeeping()
    clock.pass_(timedelta(days=1))

    assert house.tidy(ana)
    assert not house.tidy(ana)
    assert (ana.repo.path / "logs" / "2026-03-01.md").is_file()
    sealed = SealRow.select().count()
    assert sealed == 1
    tasks.task_add(ana, "Another")
    clock.pass_(EVERY)
    assert house.tidy(ana)
    assert SealRow.select().count() == sealed + 1


async def test_the_doctor_sees_an_altered_event(ana: Engine, clock: SteadyClock) -> None:
    work_by_hand(ana, clock, minutes=5, estimate=5)
    Housekeeping().tidy(ana)
    EventRow.update(actor="mallory").where(EventRow.id == 2).execute()

    (found,) = [one for one in await doctor(ana) if one.check == "audit trail"]

    assert found.severity is Severity.ERROR
    assert "altered" in found.message
    assert "compare it with your own backups" in found.hint
