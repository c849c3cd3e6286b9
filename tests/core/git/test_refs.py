"""Refs: compare-and-swap, all or nothing, and no word that could pass for something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import EnvironmentFault
from core.git import refs
from core.git.command import GitPlace
from core.git.refs import ABSENT, RefChange, RefMoved

if TYPE_CHECKING:
    from tests.scenarios import Repo


@pytest.fixture
def place(repo: Repo) -> GitPlace:
    return GitPlace(repo.path / ".git")


async def test_a_ref_and_an_id_resolve_to_the_commit(repo: Repo, place: GitPlace) -> None:
    assert await refs.resolve(place, "refs/heads/main") == repo.head()
    assert await refs.resolve(place, repo.head()) == repo.head()
    assert await refs.resolve(place, "refs/heads/nowhere") is None
    assert await refs.resolve(place, "1" * 40) is None


@pytest.mark.parametrize("word", ["main", "--all", "HEAD~1", "refs/heads/a b", "refs/x:y", "-x"])
async def test_anything_but_a_full_name_is_a_bug(place: GitPlace, word: str) -> None:
    with pytest.raises(ValueError, match="not a full ref"):
        await refs.resolve(place, word)


async def test_a_ref_moves_only_from_where_it_was_expected(repo: Repo, place: GitPlace) -> None:
    first = repo.head()
    second = repo.commit("second", a="two\n")

    await refs.update_ref(place, "refs/weft/x", first, old=ABSENT, message="make")
    await refs.update_ref(place, "refs/weft/x", second, old=first, message="move")
    with pytest.raises(RefMoved) as caught:
        await refs.update_ref(place, "refs/weft/x", second, old=first, message="again")

    assert caught.value.ref == "refs/weft/x"
    assert await refs.resolve(place, "refs/weft/x") == second


async def test_a_ref_that_must_not_exist_is_not_overwritten(repo: Repo, place: GitPlace) -> None:
    with pytest.raises(RefMoved):
        await refs.update_ref(place, "refs/heads/main", repo.head(), old=ABSENT, message="make")


async def test_a_transaction_changes_all_refs_or_none(repo: Repo, place: GitPlace) -> None:
    first = repo.head()
    second = repo.commit("second", a="two\n")
    repo.git("update-ref", "refs/weft/old", first)
    changes = [
        RefChange("refs/weft/new", second, ABSENT),
        RefChange("refs/weft/old", None, first),
        RefChange("refs/heads/main", first, first),
    ]

    with pytest.raises(RefMoved):
        await refs.update_refs(place, changes, message="all")
    assert await refs.list_refs(place, "refs/weft") == {"refs/weft/old": first}

    await refs.update_refs(place, changes[:2], message="all")
    assert await refs.list_refs(place, "refs/weft") == {"refs/weft/new": second}


async def test_the_reflog_says_why_a_ref_moved(repo: Repo, place: GitPlace) -> None:
    await refs.update_ref(place, "refs/weft/x", repo.head(), message="weft: keep\nit")

    assert repo.git("reflog", "show", "--format=%gs", "refs/weft/x") == "weft: keep it"


async def test_deleting_a_ref_twice_is_no_error(repo: Repo, place: GitPlace) -> None:
    repo.git("update-ref", "refs/weft/x", "HEAD")

    with pytest.raises(RefMoved):
        await refs.delete_ref(place, "refs/weft/x", old="1" * 40)
    await refs.delete_ref(place, "refs/weft/x", old=repo.head())
    await refs.delete_ref(place, "refs/weft/x")

    assert not await refs.ref_exists(place, "refs/weft/x")


@pytest.mark.parametrize(
    "name",
    ["-x", "a..b", "a b", "a~1", "x.lock", "/a", "a//b", "", "HEAD", "@", "a\nb", "a@{1}", "a\\b"],
)
async def test_names_that_git_refuses_are_no_branch_names(name: str) -> None:
    assert not await refs.is_branch_name(name)


async def test_a_plain_name_is_a_branch_name() -> None:
    assert await refs.is_branch_name("worker/agent-1/task-2")


async def test_the_default_branch_is_the_one_checked_out(repo: Repo, place: GitPlace) -> None:
    repo.branch("trunk")

    assert await refs.head_ref(place) == "refs/heads/trunk"
    assert await refs.default_branch(place) == "trunk"


async def test_with_a_detached_head_the_usual_names_decide(repo: Repo, place: GitPlace) -> None:
    repo.git("switch", "--quiet", "--detach")

    assert await refs.head_ref(place) is None
    assert await refs.default_branch(place) == "main"
    repo.git("branch", "other")
    repo.git("branch", "--move", "main", "odd")
    with pytest.raises(EnvironmentFault, match="not clear"):
        await refs.default_branch(place)


async def test_ancestry_is_read_from_history(repo: Repo, place: GitPlace) -> None:
    base = repo.head()
    repo.branch("left")
    left = repo.commit("left", a="left\n")
    repo.branch("right")
    right = repo.commit("right", b="right\n")

    assert await refs.is_ancestor(place, base, left)
    assert not await refs.is_ancestor(place, left, right)
    assert await refs.merge_base(place, left, right) == base
    assert await refs.merge_bases(place, left, right) == (base,)
    repo.git("switch", "--quiet", "--orphan", "alone")
    assert await refs.merge_base(place, left, repo.commit("alone")) is None
