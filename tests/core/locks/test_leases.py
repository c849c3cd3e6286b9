"""Locks: taken with a claim or asked for, all or none, ended with the claim and never before."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core.domain.lock import LockOrigin, LockRules
from core.domain.run import RunStatus
from core.errors import NotFound, Refused, UsageError
from core.events import log
from core.locks import leases, mirror
from core.locks.meeting import told
from core.queue import claims, outcomes
from core.queue.eligibility import Rules
from core.queue.renewal import renew
from core.tasks import board

if TYPE_CHECKING:
    from core.domain.lock import Lock
    from tests.core.locks.conftest import Crew

RULES = LockRules()


def locks(crew: Crew) -> dict[str, Lock]:
    return {lock.path: lock for lock in leases.held(crew.repo, now=crew.clock.now())}


def lock(crew: Crew, key: str, worker: str, *paths: str, **more: Any) -> tuple[Lock, ...]:
    rules = more.pop("rules", RULES)
    return leases.acquire(
        crew.repo, key, worker, paths, rules=rules, now=crew.clock.now(), actor=worker,
        **more,
    )  # fmt: skip


def reasons(crew: Crew, key: str, worker: str, *paths: str, **more: Any) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        lock(crew, key, worker, *paths, **more)
    return caught.value.reasons


def test_a_claim_locks_what_its_task_declares_until_its_lease_ends(crew: Crew) -> None:
    crew.task("a", "src/app.py", "docs/**")

    crew.claim("a", "agent-1")

    found = locks(crew)
    assert {path: one.exclusive for path, one in found.items()} == {
        "docs/**": True,
        "src/app.py": True,
    }
    one = found["src/app.py"]
    assert (one.worker, one.task, one.origin) == ("agent-1", "a", LockOrigin.DECLARED)
    assert one.expires_at == crew.clock.now() + timedelta(minutes=10)


def test_a_persons_locks_do_not_expire(crew: Crew) -> None:
    crew.task("a", "src/app.py")

    crew.claim("a", "human-ana")

    assert locks(crew)["src/app.py"].expires_at is None
    assert told(locks(crew)["src/app.py"]) == "src/app.py is held by human-ana for a."


def test_a_lock_outlives_its_lease_while_the_claim_does(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b")
    crew.claim("a", "agent-1")
    crew.claim("b", "agent-2")
    crew.clock.pass_(timedelta(hours=1))

    assert reasons(crew, "b", "agent-2", "src/*.py") == (
        "src/app.py is held by agent-1 for a until 12:10 UTC.",
    )
    assert leases.clean_expired(crew.repo, now=crew.clock.now()) == ()


def test_renewing_the_lease_moves_the_expiry_and_a_late_fence_does_not(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    claimed = crew.claim("a", "agent-1")
    run, _ = outcomes.run_created(
        crew.repo, claimed, agent="q", profile={}, now=crew.clock.now(), actor="person"
    )
    crew.clock.pass_(timedelta(minutes=5))

    renew(run, fence=claimed.fence, now=crew.clock.now(), lease=timedelta(minutes=10))
    renewed = locks(crew)["src/app.py"].expires_at
    renew(run, fence=claimed.fence - 1, now=crew.clock.now(), lease=timedelta(hours=9))

    assert renewed == crew.clock.now() + timedelta(minutes=10)
    assert locks(crew)["src/app.py"].expires_at == renewed


@pytest.mark.parametrize("end", ["release", "finish", "lost"])
def test_whatever_ends_the_claim_ends_its_locks(crew: Crew, end: str) -> None:
    crew.task("a", "src/app.py")
    claimed = crew.claim("a", "agent-1")
    lock(crew, "a", "agent-1", "more.txt", duration=timedelta(hours=2))
    if end == "release":
        claims.release(crew.repo, "a", why="released", now=crew.clock.now(), actor="person")
    elif end == "finish":
        claims.finish(crew.repo, "a", now=crew.clock.now(), actor="person")
    else:
        run, _ = outcomes.run_created(
            crew.repo, claimed, agent="q", profile={}, now=crew.clock.now(), actor="person"
        )
        outcomes.run_ended(
            crew.repo, run, RunStatus.LOST, reason="gone", max_attempts=3,
            now=crew.clock.now(), actor="weft",
        )  # fmt: skip

    assert leases.list_locks(crew.repo) == ()
    released = [e for e in log.read(repo=str(crew.repo.path)) if e.kind == "lock.released"]
    assert released[-1].data["paths"] == ["more.txt", "src/app.py"]


def test_locks_are_taken_all_or_none(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b")
    crew.claim("a", "agent-1")
    crew.claim("b", "agent-2")

    reasons(crew, "b", "agent-2", "free.txt", "src/app.py")

    assert set(locks(crew)) == {"src/app.py"}


def test_shared_locks_meet_shared_ones_only(crew: Crew) -> None:
    for key, worker in (("a", "agent-1"), ("b", "agent-2"), ("c", "agent-3")):
        crew.task(key)
        crew.claim(key, worker)
    lock(crew, "a", "agent-1", "docs/**", shared=True)

    lock(crew, "b", "agent-2", "docs/guide.md", shared=True)

    assert reasons(crew, "c", "agent-3", "docs/guide.md") == (
        "docs/guide.md is held by agent-1 for a until 12:10 UTC, shared.",
        "docs/guide.md is held by agent-2 for b until 12:10 UTC, shared.",
    )


def test_a_critical_file_is_never_shared(crew: Crew) -> None:
    crew.task("a")
    crew.claim("a", "agent-1")
    rules = LockRules("allow", ("package.json",))

    assert reasons(crew, "a", "agent-1", "*.json", shared=True, rules=rules) == (
        "*.json is critical: it cannot be shared.",
    )


def test_files_are_reserved_for_a_task_and_go_to_whoever_claims_it(crew: Crew) -> None:
    crew.task("a")
    (reserved,) = lock(crew, "a", "human-ana", "src/app.py")
    assert reserved.expires_at == crew.clock.now() + leases.RESERVED

    crew.claim("a", "agent-1")

    assert locks(crew)["src/app.py"].worker == "agent-1"


def test_a_timed_lock_ends_by_time_and_the_end_is_recorded(crew: Crew) -> None:
    crew.task("a")
    lock(crew, "a", "human-ana", "src/app.py", duration=timedelta(hours=2))
    crew.clock.pass_(timedelta(hours=2))

    assert locks(crew) == {}
    assert [one.path for one in leases.list_locks(crew.repo)] == ["src/app.py"]
    assert [one.path for one in leases.clean_expired(crew.repo, now=crew.clock.now())] == [
        "src/app.py"
    ]
    assert log.read(repo=str(crew.repo.path))[-1].kind == "lock.expired"


def test_only_its_holder_gives_a_lock_back_or_somebody_by_force(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.claim("a", "agent-1")
    now = crew.clock.now()

    with pytest.raises(Refused) as caught:
        leases.release(crew.repo, ["src/app.py"], worker="agent-2", now=now, actor="agent-2")
    assert caught.value.reasons == ("src/app.py is held by agent-1 for a until 12:10 UTC.",)
    with pytest.raises(Refused):
        leases.release(crew.repo, ["src/app.py"], now=now, actor="person")
    with pytest.raises(NotFound, match=r"Nothing is locked as other\.py"):
        leases.release(crew.repo, ["other.py"], worker="agent-1", now=now, actor="agent-1")
    leases.release(crew.repo, ["src/app.py"], force=True, now=now, actor="person")

    assert locks(crew) == {}


def test_who_shares_a_lock_gives_back_its_own(crew: Crew) -> None:
    for key, worker in (("a", "agent-1"), ("b", "agent-2")):
        crew.task(key)
        lock(crew, key, worker, "docs/x", shared=True)

    leases.release(crew.repo, ["docs/x"], worker="agent-2", now=crew.clock.now(), actor="agent-2")

    assert [one.worker for one in leases.held(crew.repo, now=crew.clock.now())] == ["agent-1"]


def test_a_time_does_not_shorten_what_is_held_with_the_claim(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.claim("a", "human-ana")

    taken = lock(crew, "a", "human-ana", "src/app.py", "more.txt", duration=timedelta(minutes=1))
    crew.clock.pass_(timedelta(minutes=2))
    leases.clean_expired(crew.repo, now=crew.clock.now())

    assert {one.path: one.expires_at is None for one in taken} == {
        "src/app.py": True,
        "more.txt": False,
    }
    assert list(locks(crew)) == ["src/app.py"]


def test_nobody_locks_for_a_task_of_another(crew: Crew) -> None:
    crew.task("a")
    crew.claim("a", "agent-1")

    with pytest.raises(Refused, match="a belongs to agent-1"):
        lock(crew, "a", "agent-2", "x.txt")
    claims.finish(crew.repo, "a", now=crew.clock.now(), actor="agent-1")
    with pytest.raises(Refused, match="a is in review"):
        lock(crew, "a", "agent-1", "x.txt")
    with pytest.raises(UsageError, match="Nothing to lock"):
        lock(crew, "a", "agent-1")


def test_with_overlap_ask_a_person_may_agree_and_both_share(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b", "src/*.py")
    crew.claim("a", "agent-1")

    with pytest.raises(Refused) as caught:
        crew.claim("b", "agent-2", auto=True)
    agreed = crew.claim("b", "agent-2")

    sentence = "src/app.py is held by agent-1 for a until 12:10 UTC."
    assert caught.value.reasons == agreed.warnings == (sentence,)
    assert not any(one.exclusive for one in locks(crew).values())


def test_with_overlap_allow_declared_files_are_shared_from_the_start(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b", "src/app.py")
    rules = Rules(overlap="allow")

    crew.claim("a", "agent-1", rules)
    crew.claim(None, "agent-2", rules)

    assert sum(not lock.exclusive for lock in leases.list_locks(crew.repo)) == 2


def test_what_was_asked_for_alone_holds_others_back_whatever_the_settings(crew: Crew) -> None:
    crew.task("a")
    crew.task("b", "src/app.py")
    crew.claim("a", "agent-1")
    lock(crew, "a", "agent-1", "src/**")

    with pytest.raises(Refused) as caught:
        crew.claim("b", "agent-2", Rules(overlap="allow"))

    assert caught.value.reasons == ("src/app.py is held by agent-1 for a until 12:10 UTC.",)


def test_critical_files_are_serialised_whatever_the_settings(crew: Crew) -> None:
    rules = Rules(overlap="allow", critical_files=(".github/workflows/*.yml",))
    crew.task("a", ".github/**")
    crew.task("b", ".github/workflows/ci.yml")
    crew.claim("a", "agent-1", rules)
    held = locks(crew)
    assert held[".github/**"].exclusive is False
    assert held[".github/workflows/*.yml"].origin is LockOrigin.CRITICAL

    with pytest.raises(Refused) as caught:
        crew.claim("b", "agent-2", rules)

    assert caught.value.reasons == (
        ".github/workflows/ci.yml is critical and held by agent-1 for a until 12:10 UTC.",
    )


def test_an_edit_under_way_locks_what_is_free_and_drops_what_is_gone(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b", "src/free.py", "src/mine.py")
    crew.claim("a", "agent-1")
    crew.claim("b", "agent-2")

    board.edit_task(
        crew.repo, "b", board.TaskChanges(files=("src/app.py", "src/new.py", "src/mine.py")),
        now=crew.clock.now(), actor="person",
    )  # fmt: skip

    assert {path: one.task for path, one in locks(crew).items()} == {
        "src/app.py": "a",
        "src/mine.py": "b",
        "src/new.py": "b",
    }


def test_lock_files_mirror_the_locks_while_their_folder_is_there(crew: Crew) -> None:
    crew.repo.git_dir.mkdir(parents=True)
    crew.task("a", "src/über app~1.py")
    mirror.switch(crew.repo, on=True)
    folder = crew.repo.path / mirror.FOLDER
    assert list(folder.iterdir()) == []

    crew.claim("a", "agent-1")

    (file,) = folder.iterdir()
    assert file.name == "src%2F%C3%BCber%20app%7E1.py.lock"
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "file": "src/über app~1.py",
        "lockedBy": "agent-1",
        "taskId": "a",
        "lockedAt": "2026-03-01T12:00:00.000Z",
        "expiresAt": "2026-03-01T12:10:00.000Z",
    }
    assert "/.task-locks/" in (crew.repo.git_dir / "info" / "exclude").read_text("utf-8")
    claims.release(crew.repo, "a", why="", now=crew.clock.now(), actor="person")
    assert list(folder.iterdir()) == []
    mirror.switch(crew.repo, on=False)
    assert not folder.exists()


@pytest.mark.parametrize("kind", ["link", "files", "file"])
@pytest.mark.parametrize("on", [True, False])
def test_a_folder_of_that_name_that_is_not_ours_is_left_alone(
    crew: Crew, kind: str, *, on: bool
) -> None:
    crew.repo.git_dir.mkdir(parents=True)
    folder = crew.repo.path / mirror.FOLDER
    theirs = crew.repo.path / "theirs" if kind == "link" else folder
    if kind == "file":
        folder.write_text("theirs")
    else:
        theirs.mkdir()
        (theirs / "Cargo.lock").write_text("theirs")
    if kind == "link":
        folder.symlink_to(theirs, target_is_directory=True)
    crew.task("a", "src/app.py")

    mirror.switch(crew.repo, on=on)
    crew.claim("a", "agent-1")
    mirror.switch(crew.repo, on=False)

    if kind == "file":
        assert folder.read_text() == "theirs"
    else:
        assert [file.name for file in folder.iterdir()] == ["Cargo.lock"]
