"""Claims: one owner, every reason, fences, and what the end of a run does."""

from __future__ import annotations

import multiprocessing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from core.domain.run import RunStatus
from core.domain.task import NewTask, Priority, TaskStatus
from core.domain.worker import WorkerStatus, WorkerType
from core.errors import IllegalTransition, NotFound, Refused
from core.events import log
from core.queue import claims, outcomes, progress, returns
from core.queue.eligibility import Rules
from core.queue.renewal import renew
from core.store.connection import close_database, open_database
from core.store.schema import ClaimRow
from core.tasks import board
from core.tasks.records import ApprovalRules
from core.workers import registry
from tests.core.conftest import SteadyClock, terms

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.claim import Claim
    from core.domain.repo import Repo


@pytest.fixture
def crew(board_repo: Repo, clock: SteadyClock) -> Repo:
    """A repository with three tasks, two agents and a person."""
    for key, title in (("a", "First"), ("b", "Second"), ("c", "Third")):
        board.add_task(board_repo, NewTask(title, key=key), now=clock.now(), actor="person")
    for name, type_ in (
        ("agent-1", WorkerType.AGENT),
        ("agent-2", WorkerType.AGENT),
        ("human-ana", WorkerType.HUMAN),
    ):
        registry.add_worker(board_repo, name, type_, now=clock.now(), actor="person")
    return board_repo


def claim(
    repo: Repo, key: str | None, worker: str, clock: SteadyClock, overlap: str = "ask"
) -> Claim:
    return claims.claim_task(
        repo,
        key,
        worker,
        terms(Rules(overlap=overlap)),
        now=clock.now(),
        actor=worker,
    )


def begin_run(repo: Repo, claimed: Claim, clock: SteadyClock) -> str:
    run_id, _token = outcomes.run_created(
        repo, claimed, agent="quick", profile={}, now=clock.now(), actor="person"
    )
    progress.run_working(repo, run_id, pid=1, pid_started_ms=1, now=clock.now())
    return run_id


def refusal(repo: Repo, key: str | None, worker: str, clock: SteadyClock) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        claim(repo, key, worker, clock)
    return caught.value.reasons


def test_a_claim_names_branch_worktree_and_fence(crew: Repo, clock: SteadyClock) -> None:
    claimed = claim(crew, "a", "AGENT-1", clock)

    assert (claimed.branch, claimed.worktree) == ("worker/agent-1/a", "/nowhere/agent-1/a")
    assert claimed.fence == 1
    task = board.get_task(crew, "a")
    assert (task.status, task.worker) == (TaskStatus.CLAIMED, "agent-1")
    assert task.claimed_at == clock.now()
    assert log.read(repo=str(crew.path), task="a")[-1].kind == "task.claimed"


def test_a_second_claim_by_another_worker_is_refused(crew: Repo, clock: SteadyClock) -> None:
    claim(crew, "a", "agent-1", clock)

    assert refusal(crew, "a", "human-ana", clock) == ("a is claimed: it belongs to agent-1.",)


def test_claiming_again_what_one_owns_gives_the_same_claim(crew: Repo, clock: SteadyClock) -> None:
    first = claim(crew, "a", "agent-1", clock)

    assert claim(crew, "a", "agent-1", clock) == first


def test_a_refusal_lists_every_reason(crew: Repo, clock: SteadyClock) -> None:
    board.add_task(
        crew,
        NewTask("Hot", key="hot", depends_on=("b",), skills=("rust",), priority=Priority.CRITICAL),
        now=clock.now(),
        actor="person",
    )
    claim(crew, "a", "agent-1", clock)
    claim(crew, "b", "agent-2", clock)

    with pytest.raises(Refused) as caught:
        claims.claim_task(
            crew,
            "hot",
            "agent-1",
            terms(approval=ApprovalRules(guardians=("human-ana",))),
            now=clock.now(),
            actor="agent-1",
        )

    assert caught.value.reasons == (
        "Waits for b (agent-2, claimed).",
        "Needs a guardian's approval.",
        "agent-1 is busy with a.",
        "agent-1 lacks the skill rust.",
    )


def test_without_a_key_the_most_urgent_that_fits_is_taken(crew: Repo, clock: SteadyClock) -> None:
    board.add_task(
        crew,
        NewTask("Urgent but blocked", priority=Priority.CRITICAL, depends_on=("a",)),
        now=clock.now(),
        actor="person",
    )
    board.add_task(
        crew, NewTask("High", key="h", priority=Priority.HIGH), now=clock.now(), actor="person"
    )

    assert claim(crew, None, "agent-1", clock).task == "h"


def test_an_empty_backlog_is_said(board_repo: Repo, clock: SteadyClock) -> None:
    registry.add_worker(board_repo, "w", WorkerType.HUMAN, now=clock.now(), actor="person")

    with pytest.raises(Refused, match="nothing in the backlog"):
        claim(board_repo, None, "w", clock)


def test_declared_files_that_meet_ask_wait_or_pass(crew: Repo, clock: SteadyClock) -> None:
    for key in ("x", "y"):
        board.add_task(
            crew, NewTask(key, key=key, files=("src/app.py",)), now=clock.now(), actor="person"
        )
    claim(crew, "x", "agent-1", clock)
    sentence = "src/app.py is held by agent-1 for x until 12:10 UTC."

    with pytest.raises(Refused) as caught:
        claim(crew, "y", "agent-2", clock, overlap="wait")
    asked = claim(crew, "y", "agent-2", clock, overlap="ask")

    assert caught.value.reasons == (sentence,)
    assert asked.warnings == (sentence,)


def test_unknown_names_are_told_apart(crew: Repo, clock: SteadyClock) -> None:
    with pytest.raises(NotFound, match="no task"):
        claim(crew, "nope", "agent-1", clock)
    with pytest.raises(NotFound, match="no worker"):
        claim(crew, "a", "nobody", clock)


def test_done_records_both_steps_and_frees_the_worker(crew: Repo, clock: SteadyClock) -> None:
    claim(crew, "a", "human-ana", clock)

    task = claims.finish(crew, "a", now=clock.now(), actor="human-ana")

    assert task.status is TaskStatus.REVIEW
    assert [event.kind for event in log.read(repo=str(crew.path), task="a")][-2:] == [
        "task.started",
        "task.review",
    ]
    assert ClaimRow.select().count() == 0
    with pytest.raises(IllegalTransition):
        claims.finish(crew, "a", now=clock.now(), actor="human-ana")


def test_a_released_task_can_be_claimed_by_another_with_a_higher_fence(
    crew: Repo, clock: SteadyClock
) -> None:
    claim(crew, "a", "agent-1", clock)

    claims.release(crew, "a", why="released", now=clock.now(), actor="person")

    assert claim(crew, "a", "agent-2", clock).fence == 2


def test_a_run_that_ends_well_brings_its_task_to_review(crew: Repo, clock: SteadyClock) -> None:
    run_id = begin_run(crew, claim(crew, "a", "agent-1", clock), clock)
    assert board.get_task(crew, "a").status is TaskStatus.IN_PROGRESS

    assert outcomes.run_done(crew, run_id, exit_code=0, message="ok", now=clock.now())
    silent = timedelta(minutes=2)
    worker = registry.get_worker(crew, "agent-1", now=clock.now(), stale_after=silent)
    assert worker.last_heartbeat is not None

    assert board.get_task(crew, "a").status is TaskStatus.REVIEW
    run = outcomes.list_runs(crew, task="a")[0]
    assert (run.status, run.exit_code, run.last_message) == (RunStatus.DONE, 0, "ok")


def test_a_task_whose_runs_fail_is_escalated_at_the_limit(crew: Repo, clock: SteadyClock) -> None:
    for attempt in (1, 2):
        run_id = begin_run(crew, claim(crew, "a", "agent-1", clock), clock)
        outcomes.run_ended(
            crew,
            run_id,
            RunStatus.FAILED,
            reason="exit status 1",
            max_attempts=2,
            now=clock.now(),
            actor="agent-1",
        )
        task = board.get_task(crew, "a")
        assert (task.status, task.attempts, task.last_error) == (
            TaskStatus.BACKLOG,
            attempt,
            "exit status 1",
        )

    assert board.get_task(crew, "a").escalated
    assert refusal(crew, "a", "agent-1", clock) == (
        "Failed 2 times and waits for a person: retry it.",
    )


def test_an_abort_is_no_failed_attempt(crew: Repo, clock: SteadyClock) -> None:
    run_id = begin_run(crew, claim(crew, "a", "agent-1", clock), clock)

    outcomes.run_ended(
        crew,
        run_id,
        RunStatus.ABORTED,
        reason="stopped by a person",
        max_attempts=2,
        now=clock.now(),
        actor="person",
    )

    assert board.get_task(crew, "a").attempts == 0


def test_a_late_runner_is_refused_by_its_fence(crew: Repo, clock: SteadyClock) -> None:
    run_id = begin_run(crew, claim(crew, "a", "agent-1", clock), clock)
    assert renew(run_id, fence=1, now=clock.now(), lease=timedelta(minutes=1))
    outcomes.run_ended(
        crew,
        run_id,
        RunStatus.LOST,
        reason="gone",
        max_attempts=5,
        now=clock.now(),
        actor="weft",
    )
    claim(crew, "a", "agent-2", clock)

    assert not renew(run_id, fence=1, now=clock.now(), lease=timedelta(minutes=1))
    assert board.get_task(crew, "a").worker == "agent-2"


def test_a_live_run_keeps_its_task_from_being_released_or_finished(
    crew: Repo, clock: SteadyClock
) -> None:
    begin_run(crew, claim(crew, "a", "agent-1", clock), clock)

    with pytest.raises(Refused, match="cannot be released while"):
        claims.release(crew, "a", why="released", now=clock.now(), actor="person")
    with pytest.raises(Refused, match="cannot be finished by hand"):
        claims.finish(crew, "a", now=clock.now(), actor="person")


def test_work_in_review_goes_back_to_its_person_only(crew: Repo, clock: SteadyClock) -> None:
    for key, worker in (("a", "human-ana"), ("b", "agent-1")):
        claim(crew, key, worker, clock)
        claims.finish(crew, key, now=clock.now(), actor=worker)

    task = returns.ask_changes(crew, "a", now=clock.now(), actor="person")

    assert (task.status, task.worker) == (TaskStatus.IN_PROGRESS, "human-ana")
    with pytest.raises(Refused) as caught:
        returns.ask_changes(crew, "b", now=clock.now(), actor="person")
    assert "is an agent" in caught.value.reasons[0]


def test_what_a_worker_is_doing_is_derived(crew: Repo, clock: SteadyClock) -> None:
    def status(name: str) -> WorkerStatus:
        return registry.get_worker(
            crew, name, now=clock.now(), stale_after=timedelta(minutes=2)
        ).status

    run_id = begin_run(crew, claim(crew, "a", "agent-1", clock), clock)
    claim(crew, "b", "human-ana", clock)
    assert (status("agent-1"), status("agent-2"), status("human-ana")) == (
        WorkerStatus.BUSY,
        WorkerStatus.AVAILABLE,
        WorkerStatus.BUSY,
    )

    progress.run_moved(crew, run_id, RunStatus.PAUSED, now=clock.now(), actor="person")
    assert status("agent-1") is WorkerStatus.PAUSED
    clock.pass_(timedelta(minutes=3))

    assert status("agent-1") is WorkerStatus.OFFLINE
    assert status("human-ana") is WorkerStatus.BUSY


def _claim_all(file: Path, repo: Repo, worker: str) -> None:
    open_database(file)
    clock = SteadyClock()
    while True:
        try:
            claim(repo, None, worker, clock)
        except Refused:
            break
        key = registry.get_worker(
            repo, worker, now=clock.now(), stale_after=timedelta(minutes=2)
        ).task
        assert key is not None
        claims.finish(repo, key, now=clock.now(), actor=worker)
    close_database()


def test_processes_that_race_for_tasks_never_get_one_twice(
    board_repo: Repo, store: Path, clock: SteadyClock
) -> None:
    for _ in range(40):
        board.add_task(board_repo, NewTask("Work"), now=clock.now(), actor="person")
    workers = [f"agent-{number}" for number in range(4)]
    for name in workers:
        registry.add_worker(board_repo, name, WorkerType.AGENT, now=clock.now(), actor="person")
    context = multiprocessing.get_context("spawn")
    racers = [context.Process(target=_claim_all, args=(store, board_repo, w)) for w in workers]

    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert [racer.exitcode for racer in racers] == [0] * 4
    claimed = [e.task for e in log.read(repo=str(board_repo.path)) if e.kind == "task.claimed"]
    assert len(claimed) == len(set(claimed)) == 40


def test_a_lapsed_claim_is_reaped_as_abandoned_and_a_renewed_one_is_not(
    crew: Repo, clock: SteadyClock
) -> None:
    first = claim(crew, "a", "agent-1", clock)
    clock.pass_(timedelta(minutes=11))
    claims.extend(crew, "agent-1", now=clock.now(), lease=timedelta(minutes=10))

    assert not claims.reap(crew, "a", fence=first.fence, now=clock.now())
    clock.pass_(timedelta(minutes=11))
    assert not claims.reap(crew, "a", fence=first.fence + 1, now=clock.now())
    assert claims.reap(crew, "a", fence=first.fence, now=clock.now())

    assert log.read(repo=str(crew.path), task="a")[-1].data["outcome"] == "abandoned"
    with pytest.raises(Refused, match="agent-1 no longer owns a"):
        claims.finish(crew, "a", now=clock.now(), actor="agent-1", fence=first.fence)
