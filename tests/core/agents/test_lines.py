"""Whatever a program prints becomes harmless lines, with flat memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.agents.lines import LONGEST_LINE, LineReader, harmless, harmless_text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        ("Grüße".encode(), "Grüße"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]52;c;ZXZpbA==\x07clip", "clip"),
        (b"\x1b]0;title\x1b\\x", "x"),
        (b"\x1b]8;;http://evil\x07click\x1b]8;;\x07", "click"),
        (b"\x1b[2J\x1b[Hwiped", "wiped"),
        (b"\x1bPq#0;1\x1b\\after", "after"),
        (b"\x1b]0;never closed", ""),
        (b"a\x00b\x08c\x7f", "abc"),
        (b"tab\there", "tab\there"),
        (b"\xff\xc3(", "\ufffd\ufffd("),
        ("a\u202egnp.exe".encode(), "a\ufffdgnp.exe"),
        ("\x9b31mred".encode(), "31mred"),
    ],
)
def test_a_line_comes_out_harmless(raw: bytes, text: str) -> None:
    assert harmless(raw) == text


@given(st.binary(max_size=300))
def test_no_control_character_survives(raw: bytes) -> None:
    assert all(char == "\t" or (char >= " " and not 0x7F <= ord(char) < 0xA0)
               for char in harmless(raw))  # fmt: skip


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_where_chunks_are_cut_makes_no_difference(chunks: list[bytes]) -> None:
    whole, parts = LineReader(), LineReader()

    expected = whole.feed(b"".join(chunks)) + whole.flush()
    found = [line for chunk in chunks for line in parts.feed(chunk)] + parts.flush()

    assert found == expected


def test_a_line_without_end_keeps_its_beginning_and_says_what_was_cut() -> None:
    reader = LineReader()
    for _ in range(1024):
        assert reader.feed(b"x" * 65536) == []

    (line,) = reader.feed(b"\n")

    assert line.startswith("x" * 100)
    assert line.endswith(f" … [{1024 * 65536 - LONGEST_LINE} bytes cut]")
    assert reader.flush() == []


def test_lines_of_a_protocol_come_as_they_are() -> None:
    raw = '{"a": "\u2028\u202e\x9b"}'

    assert LineReader(exact=True).feed(raw.encode() + b"\n") == [raw]


def test_what_json_hid_is_made_harmless_line_by_line() -> None:
    assert harmless_text("one\x1b[31m\n\ttwo\u202e\n") == "one\n\ttwo\ufffd\n"
