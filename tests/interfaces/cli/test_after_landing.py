"""What follows a landing: the remote, the worktrees, the log, and everything given back."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import Repo

if TYPE_CHECKING:
    from tests.interfaces.cli.conftest import Cli


@pytest.fixture
def reviewed(weft: Cli) -> Cli:
    """One task in review, by a person."""
    weft("task", "add", "Say hello")
    weft("worker", "add", "ana", "--type", "human")
    place = Path(weft.json("claim", "task-1", "--worker", "ana")["worktree"])
    (place / "hello.txt").write_text("hello\n", encoding="utf-8")
    subprocess.run(["git", "add", "hello.txt"], cwd=place, check=True)
    subprocess.run(["git", "commit", "--quiet", "-m", "hello"], cwd=place, check=True)
    weft("done", "task-1")
    return weft


def test_the_base_is_pushed_where_the_person_wants_it(
    reviewed: Cli, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = tmp_path / "remote.git"
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(bare))
    repo.git("remote", "add", "origin", str(bare))
    monkeypatch.setenv("WEFT_PUSH", "after_merge")

    merged = reviewed.json("merge", "run", "--yes")

    assert merged["notes"] == ["Pushed main to origin."]
    assert Repo(bare).head("main") == merged["after"]
    assert "origin still holds what was taken back" in reviewed("merge", "undo").err


def test_a_protected_base_is_planned_and_not_moved(
    reviewed: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_PROTECT_BASE", "true")
    before = repo.head("main")

    told = reviewed("merge", "run", "--yes", status=1)

    assert "main is protected" in told.err
    assert repo.head("main") == before
    assert reviewed.json("merge", "plan")["steps"][0]["outcome"] == "clean"


def test_landed_worktrees_go_by_themselves_or_when_asked(
    reviewed: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_REMOVE_LANDED", "ask")
    merged = reviewed.json("merge", "run", "--yes")
    (listed,) = reviewed.json("merge", "tidy")

    (gone,) = reviewed.json("merge", "tidy", "--yes")

    assert merged["notes"] == ["1 worktree of a landed task could go: weft merge tidy --yes"]
    assert (listed["kept_because"], listed["removed"]) == ("", False)
    assert gone["removed"]
    assert not Path(gone["path"]).exists()


def test_the_log_names_what_undo_takes(reviewed: Cli) -> None:
    reviewed("merge", "run", "--yes")
    (run,) = reviewed.json("merge", "log")

    reviewed("merge", "undo", run["name"])

    assert run["can_undo"]
    (after,) = reviewed.json("merge", "log")
    assert (after["undone"], after["can_undo"]) == (True, False)
    assert reviewed("merge", "log").out.split()[-3:] == ["undone", "task-1", "-"]


def test_reset_releases_and_says_where_the_work_is(weft: Cli) -> None:
    weft("task", "add", "Say hello")
    weft("worker", "add", "ana", "--type", "human")
    place = Path(weft.json("claim", "task-1", "--worker", "ana")["worktree"])
    (place / "hello.txt").write_text("hello\n", encoding="utf-8")

    refused = weft("reset", status=1)
    told = weft("reset", "--yes").out.splitlines()

    assert "task-1: ana" in refused.err
    assert told[0] == "task-1 is back in the backlog; ana had it"
    assert told[1].endswith("refs/weft/preserved/task-1/1")
    assert (place / "hello.txt").exists()
