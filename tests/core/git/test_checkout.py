"""A checked-out branch that was moved: brought along, or refused with what is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.git.checkout import bring_along, in_the_way
from core.git.command import GitPlace
from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from tests.scenarios import Repo


@pytest.fixture
def place(repo: Repo) -> GitPlace:
    return GitPlace(repo.path / ".git", repo.path)


def landed(repo: Repo) -> tuple[str, str]:
    """Make a commit on another branch, and return where main is and where it will be."""
    old = repo.head("main")
    repo.branch("topic")
    new = repo.commit(
        "change", {"a.txt": numbered_lines(line_2="new"), "new/file": "new\n", "b.txt": None}
    )
    repo.switch("main")
    return old, new


async def test_a_clean_checkout_follows_its_branch(repo: Repo, place: GitPlace) -> None:
    old, new = landed(repo)
    repo.git("update-ref", "refs/heads/main", new, old)

    assert await bring_along(place, old, new) == ()

    assert repo.git("status", "--porcelain") == ""
    assert (repo.path / "new" / "file").exists()
    assert not (repo.path / "b.txt").exists()


async def test_changes_elsewhere_stay(repo: Repo, place: GitPlace) -> None:
    repo.commit("more", c="c\n")
    old, new = landed(repo)
    repo.write("c.txt", "mine\n")
    repo.write("untracked", "mine\n")
    repo.git("update-ref", "refs/heads/main", new, old)

    assert await bring_along(place, old, new) == ()

    assert repo.git("status", "--porcelain").splitlines() == [" M c.txt", "?? untracked"]


@pytest.mark.parametrize(
    ("path", "content"),
    [("a.txt", "mine\n"), ("b.txt", "mine\n"), ("new/file", "mine\n"), ("new", "a file\n")],
)
async def test_what_is_in_the_way_is_told_and_kept(
    repo: Repo, place: GitPlace, path: str, content: str
) -> None:
    old, new = landed(repo)
    repo.write(path, content)
    before = repo.fingerprint()

    assert await in_the_way(place, old, new) == (path,)
    assert await bring_along(place, old, new) == (path,)
    assert repo.fingerprint() == before

    repo.git("update-ref", "refs/heads/main", new, old)
    assert await bring_along(place, old, new) == (path,)
    assert (repo.path / path).read_text() == content


@pytest.mark.parametrize(
    ("path", "told"), [("new/file", "new/file"), ("new", "new"), ("new/file/deep", "new/file/deep")]
)
async def test_an_ignored_file_is_as_precious_as_any(
    repo: Repo, place: GitPlace, path: str, told: str
) -> None:
    old, new = landed(repo)
    (repo.path / ".git" / "info" / "exclude").write_text("new\n")
    repo.write(path, "mine\n")

    assert await in_the_way(place, old, new) == (told,)
    assert await bring_along(place, old, new) == (told,)
    assert (repo.path / path).read_text() == "mine\n"


async def test_tracked_files_make_way_for_a_folder_and_a_folder_for_a_file(
    repo: Repo, place: GitPlace
) -> None:
    old = repo.commit("before", {"was/file": "1\n", "was-file": "2\n"})
    repo.branch("topic")
    (repo.path / "was" / "file").unlink()
    (repo.path / "was").rmdir()
    (repo.path / "was-file").unlink()
    new = repo.commit("after", {"was": "1\n", "was-file/now": "2\n"})
    repo.switch("main")
    repo.git("update-ref", "refs/heads/main", new, old)

    assert await bring_along(place, old, new) == ()

    assert repo.git("status", "--porcelain") == ""


async def test_a_staged_change_is_in_the_way_too(repo: Repo, place: GitPlace) -> None:
    old, new = landed(repo)
    content = (repo.path / "a.txt").read_text()
    repo.write("a.txt", "staged\n")
    repo.git("add", "a.txt")
    repo.write("a.txt", content)

    assert await bring_along(place, old, new) == ("a.txt",)


async def test_a_file_that_was_only_touched_is_not_in_the_way(repo: Repo, place: GitPlace) -> None:
    old, new = landed(repo)
    repo.write("a.txt", (repo.path / "a.txt").read_text())

    assert await bring_along(place, old, new) == ()


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
async def test_a_change_that_git_was_told_not_to_look_at_is_in_the_way(
    repo: Repo, place: GitPlace, flag: str
) -> None:
    old, new = landed(repo)
    repo.git("update-index", flag, "a.txt", "b.txt")
    repo.write("a.txt", "mine\n")

    assert await in_the_way(place, old, new) == ("a.txt",)
    assert repo.git("ls-files", "-v", "a.txt")[0] in "hS"


async def test_a_flag_without_a_change_is_not_in_the_way(repo: Repo, place: GitPlace) -> None:
    old, new = landed(repo)
    repo.git("update-index", "--assume-unchanged", "a.txt", "b.txt")
    repo.write("a.txt", numbered_lines())  # younger, but the same

    assert await bring_along(place, old, new) == ()

    repo.git("update-ref", "refs/heads/main", new, old)
    assert repo.git("status", "--porcelain") == ""
