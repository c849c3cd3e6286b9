"""What people get wrong: a sentence and a hint, exit status 1, nothing changed, no traceback."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.black_box import Weft
from tests.scenarios import Repo

if TYPE_CHECKING:
    from tests.end_to_end.black_box import Said

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the fake git is a shell script")


REFUSED = 1
WRONG_USAGE = 2


def refused(said: Said, *words: str, status: int = REFUSED) -> None:
    """Assert that *said* is a refusal for people that holds *words*."""
    assert said.status == status, said.all
    assert said.err.startswith("error: "), said.err
    for word in words:
        assert word in said.err


def fake_git(folder: Path, version: str) -> str:
    """Return a PATH on which git claims *version*, or has none when that is empty."""
    folder.mkdir()
    if version:
        script = folder / "git"
        script.write_text(f"#!/bin/sh\necho git version {version}\n", encoding="utf-8")
        script.chmod(0o755)
    for name in ("sh", "env"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return str(folder)


def test_a_folder_outside_any_repository(tmp_path: Path) -> None:
    refused(Weft(tmp_path).tried("init"), "not", "git")


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    empty = Repo.empty(tmp_path / "empty")

    refused(Weft(empty.path).tried("init"), "commit")


def test_a_bare_repository(tmp_path: Path, repo: Repo) -> None:
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))

    refused(Weft(tmp_path / "bare.git").tried("init"), "bare")


def test_a_repository_that_is_not_registered(repo: Repo) -> None:
    refused(Weft(repo.path).tried("task", "list"), "weft init")


@pytest.mark.parametrize(("version", "word"), [("2.30.2", "2.30"), ("", "git")])
def test_a_git_that_is_too_old_or_missing(
    repo: Repo, tmp_path: Path, version: str, word: str
) -> None:
    path = fake_git(tmp_path / "bin", version)

    said = Weft(repo.path).tried("init", environ={"PATH": path})

    refused(said, "2.39", word)


def test_a_task_or_a_worker_that_nobody_knows(weft: Weft) -> None:
    weft("task", "add", "Say hello")
    weft("worker", "add", "ana", "--type", "human")

    refused(weft.tried("task", "show", "task-9"), "task-9")
    refused(weft.tried("claim", "task-9", "--worker", "ana"), "task-9")
    refused(weft.tried("claim", "task-1", "--worker", "bob"), "bob")
    refused(weft.tried("run", "task-9"), "task-9")
    assert weft.task("task-1")["status"] == "backlog"


def test_a_second_claim_by_another_worker_names_who_holds_it(weft: Weft) -> None:
    weft("task", "add", "Say hello")
    for name in ("ana", "bob"):
        weft("worker", "add", name, "--type", "human")
    weft("claim", "task-1", "--worker", "ana")

    refused(weft.tried("claim", "task-1", "--worker", "bob"), "bob", "ana")

    assert weft.task("task-1")["worker"] == "ana"


def test_a_cycle_of_dependencies_is_shown(weft: Weft) -> None:
    weft("task", "add", "First")
    weft("task", "add", "Second", "--depends", "task-1")
    weft("task", "add", "Third", "--depends", "task-2")

    refused(weft.tried("task", "edit", "task-1", "--depends", "task-3"), "task-1", "task-3")

    assert weft.task("task-1")["depends_on"] == []


def test_a_key_that_git_or_a_command_line_could_misread(weft: Weft) -> None:
    for key in ("-x", "--help-me", "a..b", "a.lock", "a b", "a/b", "ä", ".a", "a.", "k" * 65):
        refused(
            weft.tried("task", "add", "Say hello", f"--key={key}"), "task key", status=WRONG_USAGE
        )

    assert weft.json("task", "list") == []


def test_a_worker_name_that_begins_with_a_dash(weft: Weft) -> None:
    said = weft.tried("worker", "add", "--type", "human", "--", "-rf")

    refused(said, "-rf", status=WRONG_USAGE)


def test_a_branch_template_that_git_refuses(weft: Weft, weft_home: Path) -> None:
    (weft_home / "config.toml").write_text('branch = "-x/{task}"\n', encoding="utf-8")
    weft("task", "add", "Say hello")
    weft("worker", "add", "ana", "--type", "human")

    refused(weft.tried("claim", "task-1", "--worker", "ana"), "branch")

    (weft_home / "config.toml").unlink()
    assert weft.task("task-1")["status"] == "backlog"


def test_settings_with_an_unknown_key_name_file_line_and_the_nearest(
    weft: Weft, weft_home: Path
) -> None:
    (weft_home / "config.toml").write_text('theme = "dark"\nmax_worker = 4\n', encoding="utf-8")

    said = weft.tried("status")

    refused(said, "config.toml", "max_worker", "max_workers")
    assert "2" in said.err


def test_wrong_usage_ends_with_two_and_errors_are_json_when_asked(weft: Weft) -> None:
    refused(weft.tried("task", "add"), status=WRONG_USAGE)
    refused(weft.tried("taks"), "task", status=WRONG_USAGE)
    assert weft.json("task", "show", "nope", status=1)["error"]["code"] == "not_found"


def test_from_a_worktree_the_same_repository_is_meant(weft: Weft) -> None:
    weft("task", "add", "Say hello")
    weft("worker", "add", "ana", "--type", "human")
    place = weft.json("claim", "task-1", "--worker", "ana")["worktree"]

    assert [task["key"] for task in Weft(Path(place)).json("task", "list")] == ["task-1"]
