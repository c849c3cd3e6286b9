"""Tasks: added, edited, ordered, removed; keys, dependencies and moves as the rules say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.task import MOVES, NewTask, Priority, Task, TaskStatus, check_move
from core.errors import IllegalTransition, NotFound, Refused, UsageError, UserError
from core.events import log
from core.queue.approvals import judge
from core.store.schema import TaskRow
from core.tasks import board
from core.tasks.board import TaskChanges
from core.tasks.records import ApprovalRules

if TYPE_CHECKING:
    from core.domain.repo import Repo
    from tests.core.conftest import SteadyClock


def add(repo: Repo, clock: SteadyClock, title: str = "Do it", **fields: object) -> Task:
    return board.add_task(repo, NewTask(title, **fields), now=clock.now(), actor="person")  # type: ignore[arg-type]


def test_keys_are_numbered_and_never_given_twice(board_repo: Repo, clock: SteadyClock) -> None:
    add(board_repo, clock, key="TASK-2")

    keys = [add(board_repo, clock).key for _ in range(2)]
    board.remove_task(board_repo, "task-3", now=clock.now(), actor="person")

    assert keys == ["task-1", "task-3"]
    assert add(board_repo, clock).key == "task-4"


def test_a_task_keeps_everything_it_was_given(board_repo: Repo, clock: SteadyClock) -> None:
    add(board_repo, clock, key="SD.1")

    task = add(
        board_repo,
        clock,
        "Ümlaut  ✓",
        description="two\nlines",
        priority=Priority.HIGH,
        files=("src/a.py", "src/a.py", "b/**"),
        depends_on=("sd.1",),
        skills=("Python",),
        estimate_minutes=45,
        issue_number=7,
    )

    assert task == board.get_task(board_repo, task.key.upper())
    assert (task.title, task.description) == ("Ümlaut ✓", "two\nlines")
    assert task.files == ("b/**", "src/a.py")
    assert (task.depends_on, task.skills) == (("SD.1",), ("python",))
    assert task.status is TaskStatus.BACKLOG
    assert log.read(task=task.key, repo=str(board_repo.path))[0].kind == "task.added"


@pytest.mark.parametrize(
    "key", ["-x", "a b", "a/b", "../x", "a..b", "x.lock", "x.", "", "é", "a\nb", "a" * 65, "--all"]
)
def test_keys_that_cannot_be_refs_or_paths_are_refused(
    board_repo: Repo, clock: SteadyClock, key: str
) -> None:
    if key:
        with pytest.raises(UsageError, match="cannot be a task key"):
            add(board_repo, clock, key=key)
    else:
        assert add(board_repo, clock, key=key).key == "task-1"


def test_a_key_is_taken_whatever_its_case(board_repo: Repo, clock: SteadyClock) -> None:
    add(board_repo, clock, key="Fix-1")

    with pytest.raises(UserError, match="already a task 'fix-1'"):
        add(board_repo, clock, key="fix-1")


def test_a_title_is_needed(board_repo: Repo, clock: SteadyClock) -> None:
    with pytest.raises(UsageError, match="needs a title"):
        add(board_repo, clock, " \n ")


def test_a_circle_of_dependencies_is_refused_and_shown(
    board_repo: Repo, clock: SteadyClock
) -> None:
    add(board_repo, clock, key="a")
    add(board_repo, clock, key="b", depends_on=("a",))
    add(board_repo, clock, key="c", depends_on=("b",))

    with pytest.raises(UserError, match="a would wait for itself: a → c → b → a"):
        board.edit_task(
            board_repo, "a", TaskChanges(depends_on=("c",)), now=clock.now(), actor="person"
        )
    with pytest.raises(UserError, match="b would wait for itself: b → b"):
        board.edit_task(
            board_repo, "b", TaskChanges(depends_on=("b",)), now=clock.now(), actor="person"
        )

    assert board.get_task(board_repo, "b").depends_on == ("a",)


def test_an_edit_says_which_fields_changed(board_repo: Repo, clock: SteadyClock) -> None:
    add(board_repo, clock, key="a", files=("x",))

    changes = TaskChanges(title="New", files=())
    task = board.edit_task(board_repo, "a", changes, now=clock.now(), actor="person")

    assert (task.title, task.files) == ("New", ())
    assert log.read(task="a", repo=str(board_repo.path))[-1].data == {"fields": ["title", "files"]}
    with pytest.raises(UsageError, match="Nothing to change"):
        board.edit_task(board_repo, "a", TaskChanges(), now=clock.now(), actor="person")


def test_a_task_that_others_wait_for_stays(board_repo: Repo, clock: SteadyClock) -> None:
    add(board_repo, clock, key="a")
    add(board_repo, clock, key="b", depends_on=("a",))

    with pytest.raises(Refused) as caught:
        board.remove_task(board_repo, "a", now=clock.now(), actor="person")

    assert caught.value.reasons == ("b depends on it.",)


def test_unknown_tasks_are_named(board_repo: Repo, clock: SteadyClock) -> None:
    with pytest.raises(NotFound, match="no task 'nope'"):
        board.get_task(board_repo, "nope")


def test_cards_are_ordered_by_hand(board_repo: Repo, clock: SteadyClock) -> None:
    for key in "abc":
        add(board_repo, clock, key=key)

    board.reorder(board_repo, "c", 0, now=clock.now(), actor="person")
    board.reorder(board_repo, "a", 99, now=clock.now(), actor="person")

    assert [task.key for task in board.list_tasks(board_repo)] == ["c", "b", "a"]


@pytest.mark.parametrize("old", list(TaskStatus))
@pytest.mark.parametrize("new", list(TaskStatus))
def test_only_the_moves_of_the_table_are_possible(old: TaskStatus, new: TaskStatus) -> None:
    if new in MOVES[old]:
        check_move("t", old, new)
    else:
        with pytest.raises(IllegalTransition, match=f"{old.words} and cannot go to {new.label}"):
            check_move("t", old, new)


def test_only_a_guardian_approves_what_needs_it(board_repo: Repo, clock: SteadyClock) -> None:
    rules = ApprovalRules(guardians=("ana",), critical_files=("package.json",))
    add(board_repo, clock, key="calm", files=("src/a.js",))
    add(board_repo, clock, key="hot", files=("package.json",))

    assert not board.get_task(board_repo, "calm", rules=rules).needs_approval
    with pytest.raises(Refused, match="not a guardian"):
        judge(board_repo, "hot", by="bob", approved=True, rules=rules, now=clock.now())
    task = judge(board_repo, "hot", by="ana", approved=True, rules=rules, now=clock.now())

    assert (task.needs_approval, task.approved_by) == (True, "ana")


def test_an_escalated_task_is_free_again_after_a_retry(
    board_repo: Repo, clock: SteadyClock
) -> None:
    add(board_repo, clock, key="a")
    TaskRow.update(attempts=2, escalated=True, last_error="boom").execute()

    task = board.retry(board_repo, "a", now=clock.now(), actor="person")

    assert (task.attempts, task.escalated, task.last_error) == (0, False, None)
    with pytest.raises(Refused, match="only a task in review or a failed one"):
        board.retry(board_repo, "a", now=clock.now(), actor="person")
