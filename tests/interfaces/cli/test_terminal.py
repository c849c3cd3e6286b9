"""How blocks look on a terminal and on a pipe."""

from __future__ import annotations

import io

import pytest

from core.interfaces.cli.blocks import Span, Tone, fields, line, table
from core.interfaces.cli.terminal import Terminal, cut, harmless, is_unicode, width_of

SCREEN = Terminal(tabular=True, width=40)
PIPE = Terminal()
TASKS = table(
    "KEY STATUS TITLE",
    ("task-1", Span("backlog", Tone.FAINT), "漢字 in a title"),
    ("task-12", "done", "short"),
    flexible="TITLE",
)


def test_a_pipe_gets_tab_separated_rows_without_a_head() -> None:
    assert PIPE.text_of(TASKS) == "task-1\tbacklog\t漢字 in a title\ntask-12\tdone\tshort\n"


def test_a_terminal_gets_aligned_columns_below_a_head() -> None:
    assert SCREEN.text_of(TASKS).splitlines() == [
        "KEY      STATUS   TITLE",
        "task-1   backlog  漢字 in a title",
        "task-12  done     short",
    ]


def test_wide_characters_take_two_cells_and_marks_none() -> None:
    assert width_of("漢字") == 4
    assert width_of("e\u0301a\u200b") == 2


def test_columns_after_wide_characters_stay_aligned() -> None:
    wide = table("A B", ("漢字", "x"), ("abcd", "x"))

    assert SCREEN.text_of(wide).splitlines()[1:] == ["漢字  x", "abcd  x"]


def test_the_flexible_column_is_cut_where_the_terminal_ends() -> None:
    long = table("KEY TITLE", ("task-1", "a title that goes on and on and on"), flexible="TITLE")

    row = Terminal(tabular=True, width=24).text_of(long).splitlines()[1]

    assert row == "task-1  a title that go…"
    assert width_of(row) == 24


@pytest.mark.parametrize(("width", "shown"), [(4, "漢…"), (5, "漢字…"), (6, "漢字表")])
def test_a_cut_never_halves_a_wide_character(width: int, shown: str) -> None:
    assert cut("漢字表", width) == shown


def test_only_a_terminal_with_colour_gets_escape_sequences() -> None:
    shown = line("a ", Span("word", Tone.BAD))

    assert Terminal(colour=True).text_of(shown) == "a \x1b[31mword\x1b[0m\n"
    assert SCREEN.text_of(shown) == "a word\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\ufffd[2Jgone"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("bell\x07 c1\x9b right-to-left\u202e", "bell\ufffd c1\ufffd right-to-left\ufffd"),
        ("byte \udcff", "byte \ufffd"),
        ("plain ä 漢", "plain ä 漢"),
    ],
)
def test_what_an_agent_wrote_does_nothing_to_a_terminal(text: str, shown: str) -> None:
    assert harmless(text) == shown
    assert PIPE.text_of(line(text)) == f"{shown}\n"


def test_signs_are_spelt_out_where_the_terminal_has_none() -> None:
    assert Terminal(unicode=False).text_of(line("a … b → c")) == "a ... b -> c\n"


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", True), ("latin-1", False), ("ascii", False)]
)
def test_the_encoding_decides_which_signs_there_are(encoding: str, expected: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)

    assert is_unicode(stream) is expected


def test_fields_without_a_value_are_left_out_and_names_are_aligned() -> None:
    shown = [PIPE.text_of(block) for block in fields(("a", "1"), ("long", "2"), ("no", None))]  # type: ignore[arg-type]

    assert shown == ["a     1\n", "long  2\n"]
