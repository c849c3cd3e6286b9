"""The quarantine: the person's repository grows by nothing, and nothing of it runs."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from core.git.command import GitPlace
from core.git.commits import read_commit
from core.git.merge_tree import merge_tree
from core.git.objects import object_facts, read_file
from core.git.quarantine import (
    import_objects,
    make_quarantine,
    quarantine,
    with_attributes,
)
from core.git.refs import resolve
from tests.scenarios import Repo, content_conflict, numbered_lines, same_file_apart

if TYPE_CHECKING:
    from pathlib import Path


def objects_of(repo: Repo) -> list[Path]:
    return sorted(path for path in (repo.path / ".git" / "objects").rglob("*") if path.is_file())


def place_of(repo: Repo) -> GitPlace:
    return GitPlace(repo.path / ".git")


@pytest.mark.parametrize("folder", ["repo", 'odd: "na\\me"', "new\nline"])
async def test_merges_and_commits_leave_no_object_behind(
    tmp_path: Path, weft_home: Path, folder: str
) -> None:
    repo = Repo.create(tmp_path / folder)
    content_conflict(repo)
    same_file_apart(repo)
    before, fingerprint = objects_of(repo), repo.fingerprint()

    async with quarantine(place_of(repo), weft_home) as held:
        await merge_tree(held.place, repo.head("left"), repo.head("right"))
        clean = await merge_tree(held.place, repo.head("top"), repo.head("bottom"))
        oid = held.write_commit(clean.tree, [repo.head("main"), repo.head("top")], "landed")
        commit = await read_commit(held.place, oid)
        again = held.write_commit(clean.tree, [repo.head("main"), repo.head("top")], "landed")

    assert (commit.tree, commit.subject) == (clean.tree, "landed")
    assert again == oid
    assert objects_of(repo) == before
    assert repo.fingerprint() == fingerprint
    assert list(weft_home.iterdir()) == []


async def test_a_sha256_repository_is_served_too(tmp_path: Path, weft_home: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    repo.commit("base", a=numbered_lines())
    content_conflict(repo)

    async with quarantine(place_of(repo), weft_home) as held:
        outcome = await merge_tree(held.place, repo.head("left"), repo.head("right"))
        oid = held.write_commit(outcome.tree, [repo.head("main")], "x")
        held = await with_attributes(held, repo.head("main"), weft_home / "attributes")

        assert len(oid) == 64
        assert (await read_commit(held.place, oid)).tree == outcome.tree
    assert outcome.paths == ("a.txt",)


async def test_a_shallow_clone_is_merged_as_far_as_it_goes(
    repo: Repo, tmp_path: Path, weft_home: Path
) -> None:
    repo.commit("second", b="two\n")
    content_conflict(repo)
    repo.git("clone", "--quiet", "--no-single-branch", "--depth=2", f"file://{repo.path}",
             str(tmp_path / "shallow"))  # fmt: skip
    clone = Repo(tmp_path / "shallow")

    async with quarantine(place_of(clone), weft_home) as held:
        outcome = await merge_tree(held.place, repo.head("left"), repo.head("right"))

    assert outcome.paths == ("a.txt",)


async def test_no_driver_or_filter_of_the_repository_runs(
    repo: Repo, tmp_path: Path, weft_home: Path
) -> None:
    marker = tmp_path / "ran"
    repo.commit("attributes", {".gitattributes": "* merge=evil filter=evil diff=evil\n"})
    content_conflict(repo)
    for key in (
        "merge.evil.driver",
        "filter.evil.clean",
        "filter.evil.smudge",
        "diff.evil.textconv",
    ):
        repo.git("config", key, f"touch '{marker}'; exit 1")
    repo.git("config", "core.fsmonitor", f"touch '{marker}'")

    async with quarantine(place_of(repo), weft_home) as held:
        held = await with_attributes(held, repo.head("main"), weft_home / "attributes")
        outcome = await merge_tree(held.place, repo.head("left"), repo.head("right"))

    assert outcome.paths == ("a.txt",)
    assert not marker.exists()


@pytest.mark.parametrize("where", ["committed", "private"])
async def test_the_attributes_of_the_base_count(repo: Repo, weft_home: Path, where: str) -> None:
    if where == "committed":
        repo.commit(
            "attributes", {"sub/.gitattributes": "x\n", ".gitattributes": "a.txt merge=union\n"}
        )
    else:
        repo.write(".git/info/attributes", "a.txt merge=union\n")
    content_conflict(repo)

    async with quarantine(place_of(repo), weft_home) as held:
        held = await with_attributes(held, repo.head("main"), weft_home / "attributes")
        outcome = await merge_tree(held.place, repo.head("left"), repo.head("right"))
        merged = await read_file(held.place, outcome.tree, "a.txt")

    assert outcome.is_clean
    assert merged == numbered_lines(line_3="left\nright").encode()


async def test_the_person_s_settings_of_merging_are_carried_over(
    repo: Repo, weft_home: Path
) -> None:
    repo.commit("folder", {"old/one": numbered_lines(), "old/two": numbered_lines(20)})
    repo.branch("mover")
    repo.git("mv", "old", "new")
    repo.commit("move")
    repo.branch("adder")
    repo.commit("add", {"old/three": "x\n"})

    kinds = []
    for value in ("conflict", "false"):
        repo.git("config", "merge.directoryRenames", value)
        async with quarantine(place_of(repo), weft_home) as held:
            outcome = await merge_tree(held.place, repo.head("mover"), repo.head("adder"))
        kinds.append([message.kind for message in outcome.messages if message.kind])

    assert kinds == [["directory rename suggested"], []]


async def test_what_lands_is_copied_into_the_repository(repo: Repo, weft_home: Path) -> None:
    same_file_apart(repo)
    main, top, bottom = repo.head("main"), repo.head("top"), repo.head("bottom")
    async with quarantine(place_of(repo), weft_home) as held:
        first = await merge_tree(held.place, main, top)
        one = held.write_commit(first.tree, [main, top], "one")
        second = await merge_tree(held.place, one, bottom)
        two = held.write_commit(second.tree, [one, bottom], "two")

        await import_objects(held, place_of(repo), [two], known=[main, top, bottom])

    assert await resolve(place_of(repo), two) == two
    assert repo.git("fsck", "--strict", "--no-dangling", two) == ""
    assert (
        repo.git("show", f"{two}:a.txt") == numbered_lines(line_1="top", line_10="bottom").rstrip()
    )


async def test_a_kept_quarantine_can_be_opened_again(repo: Repo, weft_home: Path) -> None:
    held = await make_quarantine(place_of(repo), weft_home / "q")
    tree = repo.git("rev-parse", "HEAD^{tree}")
    oid = held.write_commit(tree, [], "x")

    again = await make_quarantine(place_of(repo), weft_home / "q")

    assert (await object_facts(again.place, [oid])) != [None]
    shutil.rmtree(weft_home)
