"""Conflicting stretches are found where they stand in each side's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.conflicts.hunks import hunk_texts, locate, parse_marked
from core.domain.conflict import Hunk
from core.git.command import GitPlace
from core.git.merge_tree import merge_tree
from core.git.objects import read_file
from core.git.quarantine import quarantine
from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo

OURS, THEIRS = "a" * 40, "b" * 40


def marked(*parts: str, end: str = "\n") -> bytes:
    """Join lines; `<`, `|`, `=`, `>` alone stand for git's markers."""
    marks = {"<": f"<<<<<<< {OURS}", "|": "||||||| cafe", "=": "=======", ">": f">>>>>>> {THEIRS}"}
    return end.join([*(marks.get(part, part) for part in parts), ""]).encode()


def test_text_that_looks_like_markers_is_not_taken_for_them() -> None:
    content = b"<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\n"

    assert parse_marked(content, OURS, THEIRS).hunks == ()


def test_headings_of_seven_signs_inside_a_stretch_do_not_cut_it() -> None:
    content = marked("<", "Ours", "=======", "|", "Base", "=======", "=", "Theirs", "=======", ">")

    (hunk,) = parse_marked(content, OURS, THEIRS).hunks

    assert hunk.ours == (b"Ours", b"=======")
    assert hunk.base == (b"Base", b"=======")
    assert hunk.theirs == (b"Theirs", b"=======")


def test_a_marker_without_its_end_is_text() -> None:
    assert parse_marked(marked("<", "x", "|", "y"), OURS, THEIRS).hunks == ()


def test_equal_lines_are_told_apart_by_what_surrounds_them() -> None:
    block = ["{", "x", "}"]
    file = marked(*block, "between", "{", "<", "x", "|", "x", "=", "y", ">", "}", "last")
    ours = marked(*block, "between", *block, "last")
    theirs = marked(*block, "between", "{", "y", "}", "last")

    assert locate(parse_marked(file, OURS, THEIRS), ours, theirs, ours) == (
        Hunk((6, 1), (6, 1), (6, 1)),
    )


def test_an_empty_stretch_stands_between_its_neighbours() -> None:
    file = marked("a", "b", "<", "mine", "|", "was", "=", ">", "c")

    (hunk,) = locate(
        parse_marked(file, OURS, THEIRS),
        marked("a", "b", "mine", "c"),
        marked("a", "b", "c"),
        marked("a", "b", "was", "c"),
    )

    assert hunk == Hunk((3, 1), (3, 0), (3, 1))


def test_an_empty_stretch_at_the_end_stands_behind_the_last_line() -> None:
    file = marked("a", "a", "<", "mine", "|", "was", "=", ">")

    (hunk,) = locate(
        parse_marked(file, OURS, THEIRS), marked("a", "a", "mine"), marked("a", "a"), None
    )

    assert hunk == Hunk((3, 1), (3, 0), None)


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
async def test_a_real_conflict_is_located_on_all_three_sides(
    repo: Repo, weft_home: Path, end: str
) -> None:
    def text(*new: str, **changed: str) -> str:
        return end.join([*new, *numbered_lines(30, **changed).splitlines(), ""])

    base = repo.commit("base", a=text())
    repo.branch("left", at=base)
    left = repo.commit("left", a=text("new", line_5="left 5", line_20="left 20"))
    repo.branch("right", at=base)
    right = repo.commit("right", a=text(line_5="right 5", line_20="right 20", line_28="x"))
    async with quarantine(GitPlace(repo.path / ".git"), weft_home) as held:
        outcome = await merge_tree(held.place, left, right)
        content = await read_file(held.place, outcome.tree, "a.txt")

    assert content is not None
    file = parse_marked(content, left, right)
    sides = [text("new", line_5="left 5", line_20="left 20"),
             text(line_5="right 5", line_20="right 20", line_28="x"), text()]  # fmt: skip
    places = locate(file, *(side.encode() for side in sides))

    assert places == (Hunk((6, 1), (5, 1), (5, 1)), Hunk((21, 1), (20, 1), (20, 1)))
    assert hunk_texts(file, places)[1].b_lines == ("right 20",)
