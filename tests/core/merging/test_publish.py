from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.merging.publish import left_on_remote, push_base
from tests.scenarios import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.core.merging.board import Board


@pytest.fixture
def remote(board: Board, tmp_path: Path) -> Path:
    """A bare repository that `main` follows."""
    bare = tmp_path / "remote.git"
    board.git.git("clone", "--quiet", "--bare", str(board.git.path), str(bare))
    board.git.git("remote", "add", "origin", str(bare))
    board.git.git("fetch", "--quiet", "origin")
    board.git.git("branch", "--quiet", "--set-upstream-to=origin/main", "main")
    return bare


def head_of(bare: Path) -> str:
    return Repo(bare).head("main")


async def test_the_base_is_pushed_and_known_to_be_there(board: Board, remote: Path) -> None:
    head = board.git.commit("landed", {"new.txt": "new\n"})

    said = await push_base(board.repo, head)

    assert said == "Pushed main to origin."
    assert head_of(remote) == board.git.head("origin/main") == head
    assert (await left_on_remote(board.repo, head)).startswith("origin still holds")


async def test_a_remote_that_moved_is_never_overwritten(
    board: Board, remote: Path, tmp_path: Path
) -> None:
    board.git.git("clone", "--quiet", str(remote), str(tmp_path / "colleague"))
    colleague = Repo(tmp_path / "colleague")
    theirs = colleague.commit("theirs", {"theirs.txt": "1\n"})
    colleague.git("push", "--quiet", "origin", "main")
    head = board.git.commit("landed", {"new.txt": "new\n"})

    said = await push_base(board.repo, head)

    assert said.startswith("main was not pushed to origin: ")
    assert said.endswith(" By hand: git push origin main")
    assert head_of(remote) == theirs
    board.git.git("fetch", "--quiet", "origin")
    assert "commits that are not here" in await push_base(board.repo, head)
    assert head_of(remote) == theirs


async def test_a_base_on_no_remote_is_said(board: Board) -> None:
    said = await push_base(board.repo, board.git.head("main"))

    assert said == "main is on no remote: nothing was pushed."


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("remote.origin.receivepack", "touch {ran}; git-receive-pack"),
        ("core.sshCommand", "touch {ran}; ssh"),
        ("credential.helper", "!touch {ran}"),
    ],
)
async def test_what_the_repository_s_own_settings_would_run_is_refused(
    board: Board, remote: Path, tmp_path: Path, key: str, value: str
) -> None:
    ran = tmp_path / "ran"
    board.git.git("config", key, value.format(ran=ran))
    before = head_of(remote)
    head = board.git.commit("landed", {"new.txt": "new\n"})

    said = await push_base(board.repo, head)

    assert "own configuration sets" in said
    assert head_of(remote) == before
    assert not ran.exists()


@pytest.mark.parametrize("address", ["ext::sh -c true", "--upload-pack=x", "ssh://-oProxy=x/y"])
async def test_an_address_that_could_run_something_is_refused(
    board: Board, remote: Path, address: str
) -> None:
    del remote
    board.git.git("config", "remote.origin.url", address)

    said = await push_base(board.repo, board.git.head("main"))

    assert "The address of origin is none that Weft pushes to" in said
