"""Templates and what they make: what git or a file system would refuse is refused first."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.repo import Repo, WorktreeLayout
from core.domain.task import Priority, Task, TaskStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType
from core.worktrees.naming import (
    BadTemplate,
    Placement,
    Templates,
    branch_problem,
    ignore_pattern,
    place,
)

REPO = Repo(1, "shop", Path("/src/shop"), Path("/src/shop/.git"), "main", WorktreeLayout.SIBLING)
INSIDE = Repo(1, "shop", Path("/src/shop"), Path("/src/shop/.git"), "main", WorktreeLayout.INSIDE)
WORKER = Worker(
    "agent-1", WorkerType.AGENT, WorkerStatus.AVAILABLE, (), "quick", None, None,
    datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def task(key: str = "issue-4", title: str = "Größe prüfen!", issue: int | None = 4) -> Task:
    nothing: tuple[str, ...] = ()
    return Task(
        key, "/src/shop", title, "", TaskStatus.BACKLOG, Priority.MEDIUM, nothing, nothing,
        nothing, None, issue, None, None, None, None, None, None, 0, False, None, False, None,
        0, None, None,
    )  # fmt: skip


def test_the_defaults_are_those_of_the_contract() -> None:
    assert place(REPO, task(), WORKER, Templates()) == Placement(
        Path("/src/shop-worktrees/agent-1/issue-4"), "worker/agent-1/issue-4"
    )
    inside = place(INSIDE, task(), WORKER, Templates()).path
    assert inside == Path("/src/shop/.worktrees/agent-1/issue-4")
    assert ignore_pattern(INSIDE, inside) == "/.worktrees/"


def test_every_field_is_known() -> None:
    found = place(
        REPO, task(), WORKER, Templates("../w/{type}/{slug}-{task}", "{issue}/{repo}/{task}")
    )

    assert found == Placement(Path("/src/w/agent/groe-prufen-issue-4"), "4/shop/issue-4")


def test_a_chosen_folder_inside_hides_only_the_worktree_itself() -> None:
    found = place(REPO, task(), WORKER, Templates("src/trees/{task}"))

    assert ignore_pattern(REPO, found.path) == "/src/trees/issue-4/"


@pytest.mark.parametrize(
    "template",
    [
        "../{repo}-worktrees/{worker}",
        "../{nobody}/{task}",
        "../{task!r}",
        "../{task:>9}",
        "../{task",
        "../{0}/{task}",
        "/tmp/{task}",
        "../../{task}",
        "../x/../../{task}",
        ".git/{task}",
        "../x/.git/{task}",
        "../-{task}",
        "../" + "x" * 300 + "{task}",
        "../" + "xxxxxxxx/" * 400 + "{task}",
        "../{task}\n",
        "../{task}\0",
    ],
)
def test_a_path_template_that_cannot_be_is_refused_in_one_sentence(template: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        place(REPO, task(), WORKER, Templates(template))

    assert str(refused.value).endswith((".", ":", "it."))


def test_only_the_persons_own_settings_may_leave_the_parent_folder() -> None:
    outside = Templates("/var/trees/{task}", may_leave_parent=True)

    assert place(REPO, task(), WORKER, outside).path == Path("/var/trees/issue-4")


def test_the_repository_itself_is_never_a_worktree() -> None:
    own = Repo(1, "x", Path("/src/issue-4"), Path("/src/issue-4/.git"), "main", REPO.layout)

    with pytest.raises(BadTemplate, match="the repository itself"):
        place(own, task(), WORKER, Templates("../{task}"))


@pytest.mark.parametrize(
    "template",
    ["-{task}", "{task}.lock", "a..{task}", "{task} x", "{task}~1", "a//{task}", ".{task}",
     "refs/heads/{task}", "{task}@{{1", "{task}/", "a\\{task}", "{task}:x"],
)  # fmt: skip
def test_a_branch_that_git_refuses_is_refused_before(template: str) -> None:
    with pytest.raises(BadTemplate):
        place(REPO, task(), WORKER, Templates(branch=template))


@given(st.text(st.sampled_from("ab/.-@{~^:?*[\\ \x01lock"), min_size=1, max_size=8))
def test_what_git_refuses_is_never_let_through(name: str) -> None:
    if branch_problem(name) is None:
        status = subprocess.run(
            ["git", "check-ref-format", f"refs/heads/{name}"], check=False
        ).returncode
        assert status == 0
