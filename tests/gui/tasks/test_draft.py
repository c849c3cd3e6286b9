"""What is wrong with a task as typed is said at its field; only what differs is saved."""

from __future__ import annotations

import pytest

from core.domain.task import TaskStatus
from gui.tasks.draft import TaskDraft, split_words
from tests.gui.fakes import make_task

KNOWN = ("task-1", "task-2")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (TaskDraft(""), "title"),
        (TaskDraft("x" * 201), "title"),
        (TaskDraft("T", depends=("task-9",)), "depends"),
        (TaskDraft("T", files=("/etc/passwd",)), "files"),
        (TaskDraft("T", files=("../up.py",)), "files"),
        (TaskDraft("T", key="task-1"), "key"),
        (TaskDraft("T", key="-x"), "key"),
    ],
)
def test_each_problem_belongs_to_its_field(draft: TaskDraft, field: str) -> None:
    assert list(draft.problems(KNOWN)) == [field]


def test_a_good_draft_has_no_problems() -> None:
    draft = TaskDraft("T", depends=("TASK-2",), files=("src/*.py",), key="task-3")

    assert draft.problems(KNOWN) == {}


def test_a_task_cannot_wait_for_itself() -> None:
    assert "depends" in TaskDraft("T", depends=("task-1",)).problems(KNOWN, "task-1")


def test_only_what_differs_is_saved() -> None:
    task = make_task("t", "Old", TaskStatus.BACKLOG, files=("a.py",), skills=("python",))

    assert TaskDraft("Old", files=("a.py",), skills=("python",)).changes(task) == {}
    assert TaskDraft("New", files=("a.py",), skills=("python",)).changes(task) == {"title": "New"}


def test_an_emptied_list_is_cleared() -> None:
    task = make_task("t", "T", TaskStatus.BACKLOG, files=("a.py",), depends_on=("task-1",))

    assert TaskDraft("T").changes(task) == {"clear": ("file", "depends")}


def test_words_are_split_at_commas_and_blanks_each_once() -> None:
    assert split_words(" a, b  c,,a ") == ("a", "b", "c")
