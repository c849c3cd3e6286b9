"""Each reason why a task waits, produced for real, in the words that every face shows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.domain.lock import LockRules
from core.domain.reason import ReasonCode
from core.domain.run import RunStatus
from core.domain.task import NewTask, Priority, TaskStatus
from core.domain.worker import WorkerType
from core.errors import Refused
from core.events import log
from core.locks import leases
from core.queue import claims, outcomes
from core.queue.approvals import judge
from core.queue.eligibility import Limits, Rules, reasons_for
from core.queue.outlook import pool
from core.queue.situation import read_board
from core.queue.waiting import note_waits, waiting_of
from core.store.schema import TaskRow
from core.tasks import board
from core.tasks.records import ApprovalRules
from core.workers import registry
from tests.core.conftest import SteadyClock, terms

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.repo import Repo

C = ReasonCode
GUARDED = ApprovalRules(guardians=("human-ana",), critical_files=("package.json",))


class Situation:
    """A board on which things are brought about, and asked about."""

    def __init__(self, repo: Repo, clock: SteadyClock) -> None:
        self.repo, self.clock = repo, clock
        self.rules = Rules(overlap="wait", critical_files=("package.json",))
        self.limits = Limits()
        self.approval = ApprovalRules()
        for name in ("agent-1", "agent-2"):
            registry.add_worker(repo, name, WorkerType.AGENT, now=clock.now(), actor="person")

    def task(self, key: str, **more: Any) -> None:
        new = NewTask(more.pop("title", key), key=key, **more)
        board.add_task(self.repo, new, now=self.clock.now(), actor="person")

    def claim(self, key: str, worker: str) -> Claim:
        made = terms(self.rules, self.approval)
        return claims.claim_task(self.repo, key, worker, made, now=self.clock.now(), actor=worker)

    def fail(self, claimed: Claim, status: RunStatus = RunStatus.FAILED, most: int = 2) -> None:
        run, _ = outcomes.run_created(
            self.repo, claimed, agent="q", profile={}, now=self.clock.now(), actor="person"
        )
        outcomes.run_ended(
            self.repo, run, status, reason="exit status 1", max_attempts=most,
            now=self.clock.now(), actor="weft",
        )  # fmt: skip

    def reasons(self, key: str, worker: str | None = None, *, auto: bool = False) -> dict[str, str]:
        """Return code → sentence, as the card, a claim and the dispatcher see them."""
        everything = board.list_tasks(self.repo, rules=self.approval)
        now = self.clock.now()
        whole = read_board(self.repo, everything, self.rules, now=now, limits=self.limits)
        who = None
        if worker is not None:
            stale = timedelta(minutes=2)
            who = registry.get_worker(self.repo, worker, now=now, stale_after=stale)
        found = reasons_for(whole.tasks[key], who, whole, auto=auto)
        return {reason.code.value: reason.sentence for reason in found}

    def waits(self, key: str) -> list[str]:
        """Let the leader look, and return the sentences of the task's events."""
        everything = board.list_tasks(self.repo, rules=self.approval)
        whole = read_board(
            self.repo, everything, self.rules, now=self.clock.now(), limits=self.limits
        )
        asked = (waiting_of(one, whole) for one in everything if one.status == "backlog")
        note_waits(self.repo, [one for one in asked if one], now=self.clock.now())
        events = log.read(repo=str(self.repo.path), task=key)
        return [str(e.data.get("sentence", e.kind)) for e in events if e.kind in _WAITS]


_WAITS = {"task.waits", "task.ready"}


@pytest.fixture
def at(board_repo: Repo, clock: SteadyClock) -> Situation:
    return Situation(board_repo, clock)


def test_a_dependency_that_is_not_done(at: Situation) -> None:
    at.task("a")
    at.task("b", depends_on=("a",))
    assert at.reasons("b") == {C.DEPENDENCY: "Waits for a (backlog)."}
    at.claim("a", "agent-1")

    assert at.reasons("b") == {C.DEPENDENCY: "Waits for a (agent-1, claimed)."}


def test_what_a_person_stopped_is_taken_by_nobody_by_itself(at: Situation) -> None:
    at.task("a")
    at.task("b", depends_on=("a",))
    at.fail(at.claim("a", "agent-1"), RunStatus.ABORTED)

    said = "A person stopped it: run it, or retry it."
    assert at.reasons("a", "agent-2", auto=True) == {C.STOPPED: said}
    assert at.waits("a") == [said]
    assert at.reasons("b") == {C.DEPENDENCY: "Waits for a (backlog, stopped by a person)."}
    assert pool(at.repo, now=at.clock.now(), limit=9) == ()
    under, now = terms(at.rules, at.approval), at.clock.now()
    with pytest.raises(Refused, match="No task fits agent-2 now"):
        claims.claim_task(at.repo, None, "agent-2", under, now=now, actor="weft")

    assert at.reasons("a", "agent-2") == {}
    at.fail(at.claim("a", "agent-2"))
    assert at.reasons("a", "agent-1", auto=True) == {}


def test_a_retry_gives_what_a_person_stopped_out_again(at: Situation) -> None:
    at.task("a")
    at.fail(at.claim("a", "agent-1"), RunStatus.ABORTED)

    board.retry(at.repo, "a", now=at.clock.now(), actor="person")

    assert at.reasons("a", "agent-1", auto=True) == {}


def test_a_dependency_that_failed(at: Situation) -> None:
    at.task("a")
    at.task("b", depends_on=("a",))
    for _ in range(2):
        at.fail(at.claim("a", "agent-1"))

    said = "Waits for a, which failed 2 times and waits for a person."
    assert at.reasons("b") == {C.DEPENDENCY_FAILED: said}


def test_a_file_that_another_holds(at: Situation) -> None:
    at.task("a", files=("src/app.py",))
    at.task("b", files=("src/**",))
    at.claim("a", "agent-1")

    said = "src/app.py is held by agent-1 for a until 12:10 UTC."
    assert at.reasons("b") == {C.FILE_HELD: said}


def test_a_critical_file_in_use(at: Situation) -> None:
    at.rules = Rules(overlap="allow", critical_files=("package.json",))
    at.task("a", files=("package.json",))
    at.task("b", files=("*.json",))
    at.claim("a", "agent-1")

    said = "package.json is critical and held by agent-1 for a until 12:10 UTC."
    assert at.reasons("b") == {C.CRITICAL_FILE: said}


def test_a_worker_that_is_busy_paused_or_offline(at: Situation) -> None:
    at.task("a")
    at.task("b")
    claimed = at.claim("a", "agent-1")
    assert at.reasons("b", "agent-1") == {C.WORKER_BUSY: "agent-1 is busy with a."}
    registry.set_paused(at.repo, "agent-2", paused=True, now=at.clock.now(), actor="person")

    assert at.reasons("b", "agent-2") == {C.WORKER_PAUSED: "agent-2 is paused."}
    assert claimed.task == "a"


def test_a_skill_that_is_missing(at: Situation) -> None:
    at.task("a", skills=("rust", "sql"))

    assert at.reasons("a", "agent-1") == {C.SKILL: "agent-1 lacks the skill rust, sql."}


def test_an_approval_that_is_missing_or_was_refused(at: Situation) -> None:
    at.approval = GUARDED
    at.task("a", files=("package.json",))
    assert at.reasons("a") == {C.APPROVAL: "Needs a guardian's approval."}
    told = {"by": "human-ana", "rules": GUARDED, "now": at.clock.now()}

    judge(at.repo, "a", approved=False, reason="Not this week.", **told)  # type: ignore[arg-type]
    assert at.reasons("a") == {C.REJECTED: "human-ana said no: Not this week."}
    judge(at.repo, "a", approved=True, **told)  # type: ignore[arg-type]

    assert at.reasons("a") == {}


def test_attempts_that_are_used_up(at: Situation) -> None:
    at.task("a")
    at.fail(at.claim("a", "agent-1"), most=5)
    at.rules = Rules(max_attempts=1)
    assert at.reasons("a") == {C.ATTEMPTS: "Its attempts are used up (1 of 1): retry it."}
    at.rules = Rules(max_attempts=5)
    at.fail(at.claim("a", "agent-1"), most=2)

    assert at.reasons("a") == {C.ESCALATED: "Failed 2 times and waits for a person: retry it."}


@pytest.mark.parametrize(
    ("limits", "worker", "said"),
    [
        (Limits(wip_under_way=1), None, "The limit of work under way is reached (1)."),
        (Limits(wip_review=1), None, "The limit of work in review is reached (1)."),
        (Limits(wip_worker=1), "agent-2", "agent-2 has reached the limit of work that has not"),
    ],
)
def test_a_limit_of_work_under_way(
    at: Situation, limits: Limits, worker: str | None, said: str
) -> None:
    for key, by in (("a", "agent-1"), ("b", "agent-2")):
        at.task(key)
        at.claim(key, by)
    claims.finish(at.repo, "b", now=at.clock.now(), actor="agent-2")
    at.task("c")
    at.limits = limits

    assert at.reasons("c", worker)[C.WIP_LIMIT].startswith(said)


def test_a_budget_holds_agents_and_not_people(at: Situation) -> None:
    at.limits = Limits(budgets={"a": "Its budget is spent."})
    at.task("a")
    registry.add_worker(at.repo, "ana", WorkerType.HUMAN, now=at.clock.now(), actor="person")

    held = {C.BUDGET: "Its budget is spent."}
    assert at.reasons("a", auto=True) == at.reasons("a", "agent-1") == held
    assert at.reasons("a", "ana") == at.reasons("a") == {}


def test_a_task_that_is_not_in_the_backlog(at: Situation) -> None:
    at.task("a")
    at.claim("a", "agent-1")

    assert at.reasons("a", "agent-2") == {C.STATUS: "a is claimed: it belongs to agent-1."}


def test_the_event_tells_the_cards_words_once_for_each_reason(at: Situation) -> None:
    at.task("a", files=("x.py",))
    at.task("b", files=("x.py",))
    claimed = at.claim("a", "agent-1")
    said = "x.py is held by agent-1 for a until 12:10 UTC."

    assert at.waits("b") == [said]
    at.clock.pass_(timedelta(minutes=1))
    claims.extend(at.repo, "agent-1", now=at.clock.now(), lease=timedelta(minutes=10))
    assert at.waits("b") == [said], "the same reason that only tells another time"
    with pytest.raises(Refused) as caught:
        at.claim("b", "agent-2")
    assert caught.value.reasons == ("x.py is held by agent-1 for a until 12:11 UTC.",)
    claims.release(at.repo, claimed.task, why="", now=at.clock.now(), actor="person")
    assert at.waits("b") == [said, "task.ready"]


def test_the_latency_of_a_claim_counts_from_when_both_were_free(at: Situation) -> None:
    at.task("a", files=("x.py",))
    at.task("b", files=("x.py",))
    at.claim("a", "agent-1")
    at.waits("b")
    at.clock.pass_(timedelta(minutes=3))
    claims.finish(at.repo, "a", now=at.clock.now(), actor="agent-1")
    at.clock.pass_(timedelta(milliseconds=40))

    at.claim("b", "agent-2")

    claimed = [e for e in log.read(repo=str(at.repo.path), task="b") if e.kind == "task.claimed"]
    assert claimed[0].data["latency_ms"] == 40


def test_a_guardian_alone_judges_and_every_word_is_kept(at: Situation) -> None:
    at.approval = GUARDED
    at.task("a", priority=Priority.CRITICAL)
    at.task("b")
    now = at.clock.now()
    with pytest.raises(Refused, match="'bob' is not a guardian"):
        judge(at.repo, "a", by="bob", approved=True, rules=GUARDED, now=now)
    with pytest.raises(Refused, match="b needs no approval"):
        judge(at.repo, "b", by="human-ana", approved=True, rules=GUARDED, now=now)

    judge(at.repo, "a", by="Human-Ana", approved=True, reason="Go.", rules=GUARDED, now=now)

    events = log.read(repo=str(at.repo.path), task="a")
    assert (events[-1].kind, events[-1].actor) == ("task.approved", "human-ana")
    assert events[-1].data == {"subject": "claim", "reason": "Go."}
    assert TaskRow.get(TaskRow.key == "a").approved_by == "human-ana"


def test_a_lock_for_a_task_in_the_backlog_holds_other_tasks(at: Situation) -> None:
    at.task("a")
    at.task("b", files=("x.py",))
    leases.acquire(
        at.repo, "a", "agent-1", ["x.py"], rules=LockRules(), duration=timedelta(hours=1),
        now=at.clock.now(), actor="person",
    )  # fmt: skip

    assert at.reasons("b") == {C.FILE_HELD: "x.py is held by agent-1 for a until 13:00 UTC."}
    at.clock.pass_(timedelta(hours=1))
    assert at.reasons("b") == {}
    assert board.get_task(at.repo, "a").status is TaskStatus.BACKLOG
