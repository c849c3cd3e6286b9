from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_scenario_conflicts_exactly_where_it_says(repo: Repo, name: str) -> None:
    scenario = SCENARIOS[name](repo)

    found = {pair: conflict_kinds(repo, *pair) for pair in combinations(scenario.branches, 2)}

    assert {pair: kinds for pair, kinds in found.items() if kinds} == scenario.conflicts


def conflict_kinds(repo: Repo, ours: str, theirs: str) -> dict[str, str]:
    """Return the kind of each conflicted path.

    A message of `-z` is `COUNT PATH* TYPE TEXT`. The type of an add/add is "contents" too; only
    the text, and the missing stage 1, tell them apart.
    """
    printed = repo.git("merge-tree", "--write-tree", "-z", ours, theirs, ok=(0, 1))
    fields = printed.split("\0")
    kinds = {}
    for path, type_, text in zip(fields, fields[1:], fields[2:], strict=False):
        if type_.startswith("CONFLICT (") and type_.endswith(")"):
            is_add = text.startswith("CONFLICT (add/add)")
            kinds[path] = "add/add" if is_add else type_.removeprefix("CONFLICT (")[:-1]
    return kinds


def test_commits_have_the_same_ids_in_every_run(repo: Repo) -> None:
    assert repo.head() == repo.head("main")
    assert repo.git("log", "-1", "--format=%aI %an") == "2026-01-01T00:01:00+00:00 Weft Tests"


def test_the_fingerprint_sees_an_edit_and_nothing_else(repo: Repo) -> None:
    before = repo.fingerprint()
    repo.git("status")

    assert repo.fingerprint() == before
    repo.write("a.txt", "edited\n")
    assert repo.fingerprint() != before


def test_a_worktree_lies_beside_its_repository(repo: Repo, tmp_path: Path) -> None:
    path = repo.worktree("side")

    assert path == tmp_path / "repo-side"
    assert repo.git("rev-parse", "--abbrev-ref", "HEAD", cwd=path) == "side"
