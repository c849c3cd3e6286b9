"""Transcripts are appended to, read from any offset, and survive a killed writer."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from core.agents.transcript import Transcript, read_page, tail_offset

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "run-1" / "transcript.jsonl"


def test_lines_carry_a_sequence_that_goes_on_after_a_restart(file: Path) -> None:
    for text in ("one", "two"):
        with Transcript(file) as transcript:
            transcript.append("output", [text], NOW)

    page = read_page(file)

    assert [(line.seq, line.text) for line in page.lines] == [(1, "one"), (2, "two")]
    assert page.lines[0].at == "2026-01-01T00:00:00.000Z"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_reader_goes_on_where_it_stopped(file: Path) -> None:
    with Transcript(file) as transcript:
        transcript.append("output", [f"line {n}" for n in range(10)], NOW)
    seen, offset = [], 0

    while (page := read_page(file, offset=offset, limit=3)).lines:
        seen += [line.text for line in page.lines]
        offset = page.next_offset

    assert seen == [f"line {n}" for n in range(10)]
    assert offset == file.stat().st_size


def test_an_offset_inside_a_line_goes_on_at_the_next(file: Path) -> None:
    with Transcript(file) as transcript:
        transcript.append("output", ["first", "second"], NOW)

    assert [line.text for line in read_page(file, offset=5).lines] == ["second"]


def test_a_half_written_line_waits_and_a_killed_writers_is_skipped(file: Path) -> None:
    with Transcript(file) as transcript:
        transcript.append("output", ["whole"], NOW)
    with file.open("ab") as raw:
        raw.write(b'{"seq": 2, "at": "2026')
    before = read_page(file)

    with Transcript(file) as transcript:
        transcript.append("output", ["after"], NOW)

    assert [line.text for line in before.lines] == ["whole"]
    rest = read_page(file, offset=before.next_offset).lines
    assert [(line.seq, line.text) for line in rest] == [(2, "after")]


def test_a_full_transcript_drops_output_but_not_what_weft_says(file: Path) -> None:
    with Transcript(file, cap=1000) as transcript:
        for _ in range(50):
            transcript.append("output", ["x" * 50], NOW)
        transcript.append("error", ["it failed"], NOW)
        dropped = transcript.dropped

    lines = read_page(file).lines
    assert dropped > 30
    assert [line.kind for line in lines[-2:]] == ["state", "error"]
    assert file.stat().st_size < 1500


def test_the_tail_is_found_without_reading_the_whole_file(file: Path) -> None:
    with Transcript(file) as transcript:
        transcript.append("output", [f"line {n}" for n in range(5000)], NOW)

    page = read_page(file, offset=tail_offset(file, lines=3))

    assert [line.text for line in page.lines] == ["line 4997", "line 4998", "line 4999"]


def test_a_run_without_transcript_is_an_empty_page(file: Path) -> None:
    assert read_page(file).lines == ()
    assert tail_offset(file) == 0
