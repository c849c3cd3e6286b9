"""The matrix says of every kind of pair what a real `git merge` says."""

from __future__ import annotations

import asyncio
import re

import pytest

from core.conflicts.matrix import conflict_matrix
from core.conflicts.twins import TWINS
from core.domain.conflict import ConflictMatrix, LandingMode
from tests.core.conflicts.zoo import PAIRS, build_zoo, contender, registered
from tests.scenarios import Repo

BRANCHES = tuple(dict.fromkeys(name for pair in PAIRS for name in pair))
IN_ORDER = {name: index for index, name in enumerate(BRANCHES)}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory, masked_session: None) -> Repo:
    return build_zoo(tmp_path_factory.mktemp("zoo") / "repo")


@pytest.fixture(scope="module")
def clone(zoo: Repo, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """A second checkout for real merges."""
    path = tmp_path_factory.mktemp("clone") / "clone"
    zoo.git("clone", "--quiet", "--shared", ".", str(path))
    return Repo(path)


@pytest.fixture(scope="module")
def matrices(zoo: Repo) -> dict[LandingMode, ConflictMatrix]:
    contenders = [contender(name) for name in BRANCHES]
    return {
        mode: asyncio.run(conflict_matrix(registered(zoo), contenders, mode=mode))
        for mode in LandingMode
    }


def found(matrix: ConflictMatrix, a: str, b: str) -> dict[str, str]:
    (pair,) = (pair for pair in matrix.pairs if {pair.a, pair.b} == {a, b})
    return {file.path: file.kind for file in pair.files}


def really_merged(clone: Repo, a: str, b: str) -> set[str]:
    """Merge for real, and return the unmerged paths; files moved aside under their own name."""
    clone.git("switch", "--quiet", "--detach", "--force", f"origin/{a}")
    clone.git("merge", "--quiet", "--no-commit", "--no-ff", f"origin/{b}", ok=(0, 1))
    entries = clone.git("ls-files", "--unmerged", "-z").split("\0")[:-1]
    clone.git("reset", "--quiet", "--hard")
    clone.git("clean", "--quiet", "--force", "-d", "-x")
    return {re.sub(r"~.*", "", entry.split("\t", 1)[1]) for entry in entries}


@pytest.mark.parametrize(("a", "b"), list(PAIRS), ids=[" and ".join(pair) for pair in PAIRS])
def test_a_pair_is_told_in_git_s_words_and_as_git_merges_it(
    matrices: dict[LandingMode, ConflictMatrix], clone: Repo, a: str, b: str
) -> None:
    kinds = found(matrices[LandingMode.MERGE], a, b)

    assert kinds == PAIRS[a, b]
    assert set(kinds) == really_merged(clone, a, b)


def test_no_branch_conflicts_with_the_base(matrices: dict[LandingMode, ConflictMatrix]) -> None:
    assert not any(v.conflict for v in matrices[LandingMode.MERGE].against_base)


def test_squashing_changes_the_answer_only_for_shared_history(
    matrices: dict[LandingMode, ConflictMatrix],
) -> None:
    merged, squashed = matrices[LandingMode.MERGE], matrices[LandingMode.SQUASH]

    different = {
        (one.a, one.b)
        for one, other in zip(merged.pairs, squashed.pairs, strict=True)
        if one.conflict != other.conflict
    }

    assert different <= {("cross-one", "cross-two")}


def test_the_filter_lets_no_conflict_pass(
    zoo: Repo, clone: Repo, matrices: dict[LandingMode, ConflictMatrix]
) -> None:
    """Every pair that the matrix calls clean without merging it is clean in a merge of all."""
    matrix = matrices[LandingMode.MERGE]
    said = {(pair.a, pair.b) for pair in matrix.pairs if pair.conflict}

    truly = set()
    for pair in matrix.pairs:
        done = zoo.git("merge-tree", "--write-tree", "--name-only", "-z", "--no-messages",
                       pair.a, pair.b, ok=(0, 1))  # fmt: skip
        if done.count("\0") > 1:
            truly.add((pair.a, pair.b))

    assert said == truly


async def test_names_that_differ_in_case_alone_collide_where_case_is_ignored(repo: Repo) -> None:
    repo.commit("licence", {"LICENSE": "mine\n"})
    for name, path in (("upper", "README.md"), ("lower", "readme.md"), ("base", "License")):
        repo.branch(name)
        repo.commit(name, {path: "text\n"})
    repo.branch("renamed")
    repo.git("mv", "LICENSE", "Licence.md")
    repo.git("mv", "Licence.md", "license")
    repo.commit("renamed")
    repo.switch("main")
    asked = [contender(name) for name in ("upper", "lower", "base", "renamed")]

    here = await conflict_matrix(registered(repo), asked)
    repo.git("config", "core.ignoreCase", "true")
    there = await conflict_matrix(registered(repo), asked)

    assert found(here, "upper", "lower") == {}
    assert not any(verdict.conflict for verdict in here.against_base)
    assert found(there, "upper", "lower") == dict.fromkeys(("README.md", "readme.md"), TWINS)
    assert found(there, "upper", "base") == {}
    told = {verdict.task: verdict.files for verdict in there.against_base if verdict.conflict}
    assert told == {"base": ("LICENSE", "License")}
    again = await conflict_matrix(registered(repo), asked)
    assert again.cached
    assert again.against_base == there.against_base
