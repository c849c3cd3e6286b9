"""Conflicts resolved, and the base brought in, on the command line."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from tests.interfaces.cli.conftest import Cli
    from tests.scenarios import Repo


@pytest.fixture
def colliding(weft: Cli) -> Cli:
    """Two tasks in review change one line of `a.txt` in two ways."""
    for number, (worker, text) in enumerate([("ana", "left"), ("bob", "right")], start=1):
        weft("task", "add", f"Change it to {text}")
        weft("worker", "add", worker, "--type", "human")
        place = Path(weft.json("claim", f"task-{number}", "--worker", worker)["worktree"])
        (place / "a.txt").write_text(numbered_lines(line_3=text), encoding="utf-8")
        subprocess.run(["git", "commit", "--quiet", "-am", text], cwd=place, check=True)
        weft("done", f"task-{number}")
    return weft


def test_a_pair_is_shown_with_both_sides(colliding: Cli) -> None:
    told = colliding("resolve", "task-2", "--with", "task-1")

    assert told.out.splitlines() == [
        "task-2 collides with task-1 in 1 file",
        "a.txt  contents",
        "  line 3, task-1 line 3",
        "  - right",
        "  + left",
    ]
    assert "task-2 will be built on task-1, and land after it." in told.err


def test_a_pair_is_resolved_and_both_land(colliding: Cli) -> None:
    done = colliding.json("resolve", "task-2", "--with", "task-1", "--both", "a.txt")

    assert (done["task"], done["brought"], done["files"]) == ("task-2", "task-1", ["a.txt"])
    merged = colliding.json("merge", "run", "--yes")
    assert [one["task"] for one in merged["merged"]] == ["task-1", "task-2"]


def test_a_file_that_does_not_collide_is_wrong_usage(colliding: Cli) -> None:
    told = colliding("resolve", "task-2", "--with", "task-1", "--left", "b.txt", status=2)

    assert "b.txt is not in dispute." in told.err


def test_the_base_is_brought_in(colliding: Cli, repo: Repo) -> None:
    repo.commit("the base moves on", {"new.txt": "new\n"})

    told = colliding("merge", "update", "task-1").out.splitlines()

    assert told[0].startswith("task-1 holds main now ")
    assert told[1].endswith(": new.txt")


def test_a_rebase_is_told_that_it_cannot_carry_a_resolution(
    colliding: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_STRATEGY", "rebase")

    told = colliding("resolve", "task-2", "--with", "task-1")

    assert "A rebase cannot carry a resolution" in told.err
