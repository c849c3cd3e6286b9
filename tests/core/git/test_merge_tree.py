"""Trial merges: git's answers told apart, whatever it prints between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import EnvironmentFault
from core.git.command import GitPlace
from core.git.merge_tree import (
    CannotMerge,
    ConflictedEntry,
    MergeMessage,
    MergeOutcome,
    Stage,
    merge_tree,
    merge_trees,
    parse_merges,
)
from core.git.quarantine import quarantine
from tests.scenarios import content_conflict, same_file_apart

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo

TREE, OID = "a" * 40, "b" * 40


def test_clean_and_conflicted_answers_are_parsed_one_after_the_other() -> None:
    entry = f"100644 {OID} 2\ta\tb\nc\0"
    said = "2\0a\tb\nc\0other\0CONFLICT (modify/delete)\0CONFLICT (modify/delete): x\n\0"
    stdout = f"1\0{TREE}\0\0" + f"0\0{TREE}\0{entry}\0{said}\0" + f"1\0{OID}\0\0"

    clean, conflicted, last = parse_merges(stdout.encode())

    assert clean == MergeOutcome(TREE, is_clean=True)
    assert conflicted.entries == (ConflictedEntry("100644", OID, Stage.OURS, "a\tb\nc"),)
    assert conflicted.messages[0].paths == ("a\tb\nc", "other")
    assert conflicted.messages[0].kind == "modify/delete"
    assert last.tree == OID


def test_the_advice_about_submodules_does_not_shift_what_follows() -> None:
    entry = f"160000 {OID} 2\tsub\0"
    said = "1\0sub\0CONFLICT (submodule)\0Failed to merge submodule sub\n\0"
    advice = "Recursive merging with submodules currently only supports trivial cases.\n"
    stdout = f"0\0{TREE}\0{entry}\0{said}{advice}\0" + f"1\0{OID}\0\0"

    submodule, clean = parse_merges(stdout.encode())

    assert submodule.paths == ("sub",)
    assert clean.is_clean


@pytest.mark.parametrize(
    "stdout",
    [b"not an answer\0", b"0\0", f"0\0{TREE}\0\0002\0a\0".encode()],
    ids=["foreign", "no tree", "in a message"],
)
def test_an_answer_that_is_not_whole_is_not_taken_for_clean(stdout: bytes) -> None:
    with pytest.raises(ValueError, match="merge-tree"):
        parse_merges(stdout)


@pytest.mark.parametrize(
    ("type_", "text", "kind"),
    [
        ("Auto-merging", "Auto-merging a", ""),
        ("CONFLICT (contents)", "CONFLICT (content): Merge conflict in a", "contents"),
        ("CONFLICT (contents)", "CONFLICT (add/add): Merge conflict in a", "add/add"),
        ("CONFLICT (distinct modes)", "CONFLICT (distinct types): a had …", "distinct types"),
        ("CONFLICT(directory rename unclear split)", "x", "directory rename unclear split"),
        ("CONFLICT (binary)", "warning: Cannot merge binary files: a", "binary"),
    ],
)
def test_the_kind_is_git_s_own_finest_word(type_: str, text: str, kind: str) -> None:
    assert MergeMessage(("a",), type_, text).kind == kind


async def test_a_conflict_and_a_missing_commit_are_told_apart(repo: Repo, weft_home: Path) -> None:
    content_conflict(repo)
    left, right = repo.head("left"), repo.head("right")

    async with quarantine(GitPlace(repo.path / ".git"), weft_home) as held:
        conflict = await merge_tree(held.place, left, right)
        with pytest.raises(EnvironmentFault, match="cannot be merged"):
            await merge_tree(held.place, left, "1" * 40)

    assert conflict.paths == ("a.txt",)
    assert set(conflict.sides("a.txt")) == {Stage.BASE, Stage.OURS, Stage.THEIRS}


async def test_an_unusable_pair_in_the_middle_spoils_no_other(repo: Repo, weft_home: Path) -> None:
    content_conflict(repo)
    same_file_apart(repo)
    left, right, top = repo.head("left"), repo.head("right"), repo.head("top")
    repo.git("switch", "--quiet", "--orphan", "alone")
    alone = repo.commit("alone", {"other.txt": "x"})

    pairs = [
        (left, right), (left, alone), (left, "1" * 40), (left, top), (right, left), (alone, top),
    ]  # fmt: skip
    async with quarantine(GitPlace(repo.path / ".git"), weft_home) as held:
        answers = await merge_trees(held.place, pairs)

    kinds = [
        "refused" if isinstance(answer, CannotMerge) else "clean" if answer.is_clean else "conflict"
        for answer in answers
    ]
    assert kinds == ["conflict", "refused", "refused", "clean", "conflict", "refused"]
    assert isinstance(answers[1], CannotMerge)
    assert "unrelated histories" in answers[1].reason
