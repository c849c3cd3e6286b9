"""A claim without a key: a long backlog is looked at without the write lock, and never trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.domain.task import NewTask
from core.domain.worker import WorkerType
from core.errors import Refused
from core.queue import claims
from core.queue.eligibility import Rules
from core.store.schema import database
from core.tasks import board
from core.workers import registry
from tests.core.conftest import SteadyClock, terms

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.repo import Repo

HARD = 80
"""Tasks before those that fit: more than are looked at under the lock."""


@pytest.fixture
def long_backlog(board_repo: Repo, clock: SteadyClock) -> Repo:
    """Many tasks that nobody can do, then two that anybody can; two agents."""
    now = clock.now()
    for number in range(HARD):
        new = NewTask(f"Hard {number}", key=f"hard-{number}", skills=("rust",))
        board.add_task(board_repo, new, now=now, actor="person")
    for key in ("easy-1", "easy-2"):
        board.add_task(board_repo, NewTask("Easy", key=key), now=now, actor="person")
    for name in ("agent-1", "agent-2"):
        registry.add_worker(board_repo, name, WorkerType.AGENT, now=now, actor="person")
    return board_repo


def claim(repo: Repo, worker: str, clock: SteadyClock) -> Claim:
    under = terms(Rules(overlap="wait"))
    return claims.claim_task(repo, None, worker, under, now=clock.now(), actor=worker)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """Where each look at the backlog began, and whether it was under the write lock."""
    seen: list[tuple[int, bool]] = []
    real = board.candidates

    def candidates(repo: Repo, *, offset: int, **rest: Any) -> Any:
        seen.append((offset, database.in_transaction()))
        return real(repo, offset=offset, **rest)

    monkeypatch.setattr(board, "candidates", candidates)
    return seen


def test_far_down_is_looked_at_without_the_lock(
    long_backlog: Repo, clock: SteadyClock, looks: list[tuple[int, bool]]
) -> None:
    assert claim(long_backlog, "agent-1", clock).task == "easy-1"

    assert [offset for offset, is_locked in looks if is_locked] == [0, 3]
    assert max(offset for offset, is_locked in looks if not is_locked) > 35


def test_who_is_busy_does_not_look_through_the_backlog(
    long_backlog: Repo, clock: SteadyClock, looks: list[tuple[int, bool]]
) -> None:
    claim(long_backlog, "agent-1", clock)
    looks.clear()

    with pytest.raises(Refused) as caught:
        claim(long_backlog, "agent-1", clock)

    assert "hard-0: agent-1 is busy with easy-1." in caught.value.reasons
    assert max(offset for offset, _ in looks) < HARD


def test_what_another_takes_between_look_and_lock_is_not_taken_twice(
    long_backlog: Repo, clock: SteadyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = claims._best

    def slow(repo: Repo, worker: Any, *rest: Any) -> str:
        found = real(repo, worker, *rest)
        if worker.name == "agent-1" and found == "easy-1":
            assert claim(repo, "agent-2", clock).task == "easy-1"
        return found

    monkeypatch.setattr(claims, "_best", slow)

    assert claim(long_backlog, "agent-1", clock).task == "easy-2"


def test_what_is_removed_between_look_and_lock_is_passed_over(
    long_backlog: Repo, clock: SteadyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = claims._best

    def slow(*words: Any) -> str:
        found = real(*words)
        if found == "easy-1":
            board.remove_task(long_backlog, found, now=clock.now(), actor="person")
        return found

    monkeypatch.setattr(claims, "_best", slow)

    assert claim(long_backlog, "agent-1", clock).task == "easy-2"
