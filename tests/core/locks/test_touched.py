"""Files that worktrees really change: undeclared ones, ones that meet another's, past a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.lock import WarningKind
from core.events import log
from core.locks.touched import note_touched, warnings
from core.queue import claims

if TYPE_CHECKING:
    from tests.core.locks.conftest import Crew


def note(crew: Crew, **changed: dict[str, bool]) -> list[tuple[str, str, tuple[str, ...]]]:
    new = note_touched(crew.repo, changed, now=crew.clock.now())
    return [(one.task, one.kind.value, one.paths) for one in new]


def sentences(crew: Crew) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for one in warnings(crew.repo, now=crew.clock.now()):
        told.setdefault(one.task, []).append(one.sentence)
    return told


def test_what_is_not_declared_is_told_once_and_until_it_is_gone(crew: Crew) -> None:
    crew.task("a", "src/**")
    crew.claim("a", "agent-1")

    assert note(crew, a={"src/app.py": False}) == []
    assert note(crew, a={"src/app.py": False, "b.md": False}) == [("a", "undeclared", ("b.md",))]
    assert note(crew, a={"src/app.py": True, "b.md": False}) == []

    assert sentences(crew) == {"a": ["Changes b.md, not declared."]}
    assert log.read(repo=str(crew.repo.path))[-1].kind == "task.undeclared"
    note(crew, a={"src/app.py": True})
    assert sentences(crew) == {}


def test_a_task_that_declares_nothing_is_free_to_change_anything(crew: Crew) -> None:
    crew.task("a")
    crew.claim("a", "agent-1")

    assert note(crew, a={"src/app.py": False}) == []


def test_an_edit_of_what_another_holds_is_told_on_both_cards(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b")
    crew.claim("a", "agent-1")
    crew.claim("b", "agent-2")

    new = note(crew, b={"src/app.py": False})

    assert new == [("b", "overlap", ("src/app.py",)), ("a", "overlap", ("src/app.py",))]
    assert sentences(crew) == {
        "a": ["agent-2 changes src/app.py for b, which this task holds."],
        "b": ["Changes src/app.py: src/app.py is held by agent-1 for a until 12:10 UTC."],
    }


def test_a_commit_past_the_guard_is_told_as_such(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b")
    crew.claim("a", "agent-1")
    crew.claim("b", "agent-2")

    assert note(crew, b={"src/app.py": True})[0] == ("b", "unguarded", ("src/app.py",))


def test_two_that_change_a_file_that_nobody_declared_meet(crew: Crew) -> None:
    for key, worker in (("a", "agent-1"), ("b", "agent-2")):
        crew.task(key)
        crew.claim(key, worker)

    note(crew, a={"x.py": False}, b={"x.py": False, "y.py": False})

    assert sentences(crew) == {
        "a": ["agent-2 changes x.py for b too."],
        "b": ["agent-1 changes x.py for a too."],
    }


def test_what_both_agreed_to_share_is_no_news(crew: Crew) -> None:
    crew.task("a", "src/app.py")
    crew.task("b", "src/app.py")
    crew.claim("a", "agent-1")
    crew.claim("b", "agent-2")

    assert note(crew, a={"src/app.py": False}, b={"src/app.py": False}) == []


def test_work_in_review_still_meets_and_landed_work_does_not(crew: Crew) -> None:
    for key, worker in (("a", "agent-1"), ("b", "agent-2")):
        crew.task(key)
        crew.claim(key, worker)
    claims.finish(crew.repo, "a", now=crew.clock.now(), actor="agent-1")

    note(crew, a={"x.py": True}, b={"x.py": False})
    met = {one.kind for one in warnings(crew.repo, now=crew.clock.now())}
    claims.release(crew.repo, "b", why="", now=crew.clock.now(), actor="person")

    assert met == {WarningKind.OVERLAP}
    assert sentences(crew) == {}
