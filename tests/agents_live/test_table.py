"""The table of what was seen of the genuine programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.agents_live.table import FAILED, NONE, OK, SKIPPED, Seen, keep, kept, table

if TYPE_CHECKING:
    from pathlib import Path


def seen(agent: str, case: str, result: str = OK, saw: str = "it worked") -> Seen:
    return Seen(agent, case, result, 1.5, saw, "2026-05-01T12:00:00+00:00")


def test_a_cell_takes_the_place_of_what_was_seen_before(tmp_path: Path) -> None:
    keep(tmp_path, seen("codex", "work", FAILED))
    keep(tmp_path, seen("codex", "deny"))
    keep(tmp_path, seen("codex", "work"))

    assert kept(tmp_path, ["claude", "codex"], ["work", "deny"]) == [
        seen("codex", "work"),
        seen("codex", "deny"),
    ]


def test_the_table_has_a_line_for_each_agent_and_says_why_a_cell_is_not_ok() -> None:
    told = table(
        [
            seen("codex", "work"),
            seen("codex", "deny", FAILED, "it ran\nall the same"),
            seen("aider", "work", NONE, "it has no shell"),
            seen("aider", "deny", NONE, "it has no shell"),
            seen("vibe", "work", SKIPPED, "not installed"),
        ],
        {"codex": "codex@1.0"},
    )

    assert [line.rstrip() for line in told.splitlines()] == [
        "       work    deny",
        "codex  ok      FAILED   codex@1.0",
        "aider  none    none",
        "vibe   skipped .",
        "",
        "Failed:",
        "  codex (deny): it ran",
        "      all the same",
        "",
        "Skipped:",
        "  vibe (work): not installed",
        "",
        "Not there to show:",
        "  aider (work, deny): it has no shell",
        "",
        "5 cells: 1 ok, 1 FAILED, 1 skipped, 2 none;"
        " seen from 2026-05-01T12:00:00+00:00 to 2026-05-01T12:00:00+00:00",
    ]
