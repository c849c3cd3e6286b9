"""The filter of pairs and the stacks, on plain values."""

from __future__ import annotations

import pytest

from core.conflicts.candidates import Touched, folders_with_deletions, pairs_that_may_conflict
from core.conflicts.stacks import stacks_of

MODIFIED, ADDED, DELETED = ("M", "100644", "1"), ("A", "100644", "1"), ("D", "000000", "0")
OTHER = ("M", "100644", "2")


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        ({"a": MODIFIED}, {"a": OTHER}, True),
        ({"a": MODIFIED}, {"a": MODIFIED}, False),
        ({"a": MODIFIED}, {"b": OTHER}, False),
        ({"a": DELETED}, {"a": MODIFIED}, True),
        ({"a": DELETED}, {"a": DELETED}, True),
        ({"a": ADDED}, {"a/b/c": ADDED}, True),
        ({"a": ADDED}, {"ab/c": ADDED}, False),
        ({"a": ("M", "100755", "1")}, {"a": MODIFIED}, True),
    ],
)
def test_a_pair_is_kept_when_it_may_conflict(
    one: dict[str, tuple[str, str, str]], other: dict[str, tuple[str, str, str]], *, may: bool
) -> None:
    assert bool(pairs_that_may_conflict([Touched(one), Touched(other)])) is may
    assert bool(pairs_that_may_conflict([Touched(other), Touched(one)])) is may


def test_a_folder_that_one_empties_and_another_fills_may_be_a_rename() -> None:
    mover = Touched({"old/x": DELETED, "new/x": ADDED}, frozenset({"old"}))
    adder = Touched({"old/deep/y": ADDED})
    editor = Touched({"old/z": OTHER})

    assert pairs_that_may_conflict([adder, mover, editor]) == {(0, 1)}


def test_only_folders_of_deleted_files_can_be_emptied() -> None:
    changes = {"a/b/c": DELETED, "d/e": MODIFIED, "f": DELETED}

    assert folders_with_deletions(changes) == {"a", "a/b"}


def test_a_branch_stands_on_those_whose_heads_it_contains() -> None:
    parents = {"c1": ("base",), "c2": ("c1",), "c3": ("c2",), "d1": ("base",)}

    stacks = stacks_of(["c1", "c3", "d1", "c2"], parents)

    assert stacks.below == ((), (0, 3), (), (0,))
    assert stacks.shared == ((0, 1), (0, 3), (1, 3))


def test_branches_at_one_commit_share_it_but_do_not_stand_on_each_other() -> None:
    stacks = stacks_of(["c1", "c1"], {"c1": ("base",)})

    assert stacks.below == ((), ())
    assert stacks.shared == ((0, 1),)


def test_branches_at_the_base_share_nothing() -> None:
    assert stacks_of(["base", "base"], {}).shared == ()
