"""Diffs, objects, configuration, the ignore list: what is read is whole and nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.git import config, diff, objects
from core.git.command import GitPlace, run_git
from core.git.diff import LineCount
from core.git.exclude import ensure_excluded
from tests.core.git.test_status import ODD_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo


@pytest.fixture
def place(repo: Repo) -> GitPlace:
    return GitPlace(repo.path / ".git")


async def test_many_diffs_come_from_one_call_in_order(repo: Repo, place: GitPlace) -> None:
    old = repo.head()
    new = repo.commit("odd", dict.fromkeys(ODD_NAMES, "x\n") | {"a.txt": None})
    first, second = await objects.trees_of(place, [old, new])

    forth, none, back = await diff.diff_trees(
        place, [(first, second), (first, first), (second, first)]
    )

    assert {change.path for change in forth} == {*ODD_NAMES, "a.txt"}
    assert none == ()
    assert {change.path: change.status for change in back}["a.txt"] == "A"


async def test_line_counts_tell_binary_files(repo: Repo, place: GitPlace) -> None:
    old = repo.head()
    new = repo.commit("change", {"a.txt": "only\n", "bin": b"\0\1"})

    counts = await diff.line_counts(place, old, new)

    assert counts == {"a.txt": LineCount(1, 10), "bin": LineCount(None, None)}
    assert await diff.changed_paths(place, old, new) == ("a.txt", "bin")


async def test_the_text_of_a_diff_runs_no_program_of_the_repository(
    repo: Repo, place: GitPlace, tmp_path: Path
) -> None:
    repo.git("config", "diff.evil.textconv", f"touch '{tmp_path}/ran'; cat")
    repo.git("config", "diff.evil.command", f"touch '{tmp_path}/ran'")
    repo.write(".git/info/attributes", "* diff=evil\n")
    old = repo.head()
    new = repo.commit("change", {"a.txt": "only\n", "*.txt": "star\n"})

    text = await diff.diff_text(place, old, new, paths=["*.txt"])

    assert "+star" in text
    assert "a.txt" not in text
    assert not (tmp_path / "ran").exists()


async def test_objects_are_read_by_the_batch_with_a_limit(repo: Repo, place: GitPlace) -> None:
    names = {name: f"of {index}\n".encode() for index, name in enumerate(ODD_NAMES)}
    commit = repo.commit("odd", {**names, "big": "x" * 100, "empty": ""})

    for name, content in names.items():
        assert await objects.read_file(place, commit, name) == content
    assert await objects.read_file(place, commit, "empty") == b""
    assert await objects.read_file(place, commit, "big", limit=99) is None
    assert await objects.read_file(place, commit, "no\nsuch") is None
    listed = await objects.list_tree(place, commit)
    blobs = await objects.read_blobs(place, [entry.oid for entry in listed] + ["1" * 40], limit=99)
    assert blobs["1" * 40] is None
    assert {blobs[entry.oid] for entry in listed if entry.path in names} == set(names.values())


async def test_facts_about_missing_and_present_names_keep_their_order(
    repo: Repo, place: GitPlace
) -> None:
    head = repo.head()
    facts = await objects.object_facts(
        place, [f"{head}:no\nwhere missing", head, f"{head}:a.txt", "1" * 40]
    )

    assert [fact.kind if fact else None for fact in facts] == [None, "commit", "blob", None]
    with pytest.raises(LookupError):
        await objects.trees_of(place, ["1" * 40])


async def test_what_the_repository_could_run_is_listed(
    repo: Repo, place: GitPlace, home: Path
) -> None:
    (home / ".gitconfig").write_text("[alias]\n\tx = !personal\n")
    repo.git("config", "filter.a.b.clean", "evil")
    repo.git("config", "core.sshCommand", "evil\nmore")
    repo.git("config", "core.bare", "false")

    found = await config.executable_entries(place)

    assert set(found) == {("filter.a.b.clean", "evil"), ("core.sshcommand", "evil\nmore")}
    assert await config.filter_names(place) == ("a.b",)
    assert await config.config_value(place, "core.sshCommand") == "evil\nmore"
    assert await config.config_value(place, "no.such") is None


@pytest.mark.parametrize("kind", ["clean", "process"])
async def test_switched_off_filters_do_not_run(repo: Repo, tmp_path: Path, kind: str) -> None:
    repo.write(".git/info/attributes", "* filter=evil\n")
    repo.git("config", f"filter.evil.{kind}", f"touch '{tmp_path}/ran'; cat")
    repo.git("config", "filter.evil.required", "true")
    repo.write("a.txt", "changed\n")
    place = await config.filters_off(GitPlace(repo.path / ".git", repo.path))

    await run_git(place, "add", "--all")

    assert repo.git("show", ":a.txt") == "changed"
    assert not (tmp_path / "ran").exists()


def test_excluded_patterns_are_added_once(repo: Repo) -> None:
    common = repo.path / ".git"
    (common / "info" / "exclude").write_text("mine")

    assert ensure_excluded(common, ["/.worktrees/", "/x", "/x"]) == ("/.worktrees/", "/x")
    assert ensure_excluded(common, ["/x", "mine"]) == ()

    assert (common / "info" / "exclude").read_text() == "mine\n/.worktrees/\n/x\n"


async def test_a_submodule_is_no_object_to_read_in_any_git(repo: Repo, place: GitPlace) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repo.git("commit", "--quiet", "--message=submodule")

    names = [f"{repo.head()}:{path}" for path in ("sub", "a.txt", "none")]
    facts = await objects.object_facts(place, names)

    assert [fact.kind if fact else None for fact in facts] == [None, "blob", None]
