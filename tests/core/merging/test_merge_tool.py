from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.errors import Refused
from core.merging.branch_commit import Spot
from core.merging.merge_tool import resolve_with_tool
from core.merging.resolve import lay_open
from tests.core.merging.board import START
from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.resolution import Brought
    from tests.core.merging.board import Board


@pytest.fixture
def colliding(board: Board) -> Board:
    board.git.branch("one")
    board.git.commit("work of one", {"a.txt": numbered_lines(line_1="mine")})
    board.git.switch("main")
    board.git.commit("the base moves on", {"a.txt": numbered_lines(line_1="base", line_9="b")})
    board.review("one")
    return board


def tool(board: Board, command: str) -> None:
    """Make *command* the person's merge tool."""
    board.git.git("config", "--global", "merge.tool", "mine")
    board.git.git("config", "--global", "mergetool.mine.cmd", command)
    board.git.git("config", "--global", "mergetool.mine.trustExitCode", "true")


async def by_tool(board: Board) -> Brought:
    spot = Spot("one", "one", None)
    dispute = await lay_open(board.repo, spot, None)
    return await resolve_with_tool(board.repo, dispute, spot, now=START)


async def test_what_the_tool_makes_is_committed_on_the_branch(colliding: Board) -> None:
    tool(colliding, 'grep -h . "$LOCAL" > "$MERGED"; echo "$BASE" > /dev/null')
    before = colliding.git.head("main")

    brought = await by_tool(colliding)

    assert colliding.tree_files("one")["a.txt"].startswith("mine\n")
    assert colliding.git.head("main") == before
    parents = colliding.git.git("log", "-1", "--format=%P", brought.after).split()
    assert parents == [brought.before, before]


async def test_a_tool_that_gives_up_changes_nothing(colliding: Board) -> None:
    tool(colliding, "false")
    before = colliding.git.fingerprint()

    with pytest.raises(Refused, match="left files unresolved") as refused:
        await by_tool(colliding)

    assert refused.value.reasons == ("a.txt",)
    assert colliding.git.fingerprint() == before


async def test_markers_that_the_tool_leaves_are_refused(colliding: Board) -> None:
    tool(colliding, "true")

    with pytest.raises(Refused, match=r"Conflict markers are left in a\.txt"):
        await by_tool(colliding)


async def test_without_a_tool_it_says_how_to_name_one(colliding: Board) -> None:
    with pytest.raises(Refused, match="no merge tool") as refused:
        await by_tool(colliding)

    assert refused.value.hint.startswith("Name one")


async def test_a_command_in_the_repository_s_own_settings_does_not_run(
    colliding: Board, tmp_path: Path
) -> None:
    colliding.git.git("config", "merge.tool", "evil")
    colliding.git.git("config", "mergetool.evil.cmd", f"touch {tmp_path}/ran")

    with pytest.raises(Refused, match="left files unresolved"):
        await by_tool(colliding)

    assert not (tmp_path / "ran").exists()
