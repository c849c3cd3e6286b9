"""Conflicts, the plan and the merge, as people and programs read them."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from tests.interfaces.cli.conftest import Cli
    from tests.scenarios import Repo


@pytest.fixture
def colliding(weft: Cli) -> Cli:
    """Three tasks in review: the first two change one line in two ways."""
    for number, (worker, name, line) in enumerate(
        [("ana", "a.txt", "left"), ("bob", "a.txt", "right"), ("cy", "b.txt", "apart")], start=1
    ):
        weft("task", "add", f"Change {name} to {line}")
        weft("worker", "add", worker, "--type", "human")
        place = Path(weft.json("claim", f"task-{number}", "--worker", worker)["worktree"])
        (place / name).write_text(numbered_lines(line_3=line), encoding="utf-8")
        subprocess.run(["git", "commit", "--quiet", "-am", line], cwd=place, check=True)
        weft("done", f"task-{number}")
    return weft


def test_conflicts_name_pairs_files_and_lines(colliding: Cli) -> None:
    told = colliding("conflicts").out.splitlines()

    assert told[0].startswith("1 conflict among 3 branches onto main ")
    at = told.index("task-1 × task-2: conflict, 1 file")  # noqa: RUF001  as it is printed
    assert told[at + 1 : at + 3] == [
        "  a.txt  contents",
        "    task-1 line 3 × task-2 line 3",  # noqa: RUF001
    ]
    assert "task-1 × task-3: clean" in told  # noqa: RUF001


def test_conflicts_as_json_have_the_fields_of_the_contract(colliding: Cli) -> None:
    matrix = colliding.json("conflicts", "--fresh")

    assert set(matrix) >= {
        *("base", "base_sha", "mode", "branches", "against_base", "pairs", "hot_files"),
        *("took_ms", "snapshot_ms", "cached"),
    }
    (pair,) = [pair for pair in matrix["pairs"] if pair["conflict"]]
    assert (pair["a"], pair["b"]) == ("task-1", "task-2")
    (file,) = pair["files"]
    assert (file["path"], file["kind"]) == ("a.txt", "contents")
    assert (file["hunks"][0]["a"], file["hunks"][0]["b"]) == ([3, 1], [3, 1])


def test_the_exit_status_tells_of_conflicts_only_when_asked(colliding: Cli) -> None:
    colliding("conflicts", status=0)
    colliding("conflicts", "--exit-code", status=3)
    colliding("conflicts", "--task", "task-1", "--task", "task-3", "--exit-code", status=0)
    colliding("merge", "plan", status=0)
    colliding("merge", "plan", "--exit-code", status=3)
    colliding("merge", "plan", "task-1", "task-3", "--exit-code", status=0)


def test_the_plan_is_an_ordered_table_with_outcome_and_reason(colliding: Cli) -> None:
    told = colliding("merge", "plan")
    plan = colliding.json("merge", "plan")

    assert told.out.startswith("3 steps onto main ")
    steps = [row for row in told.rows if len(row) == 5]
    assert [row[0] for row in steps] == ["1", "2", "3"]
    assert sorted(row[2] for row in steps) == ["clean", "clean", "conflict"]
    assert all(row[4] for row in steps)
    assert set(plan) >= {"base", "base_sha", "strategy", "steps", "conflict_steps", "compared"}
    assert [row[1] for row in steps] == [step["task"] for step in plan["steps"]]
    assert [row[4] for row in steps] == [step["why"] for step in plan["steps"]]


def test_a_merge_run_without_a_person_is_refused_and_touches_nothing(
    colliding: Cli, repo: Repo
) -> None:
    before = repo.fingerprint()

    answer = colliding("merge", "run", status=1)

    assert "hint: Look at weft merge plan, then: weft merge run --yes" in answer.err
    assert repo.fingerprint() == before


def test_a_merge_run_lands_what_is_clean_and_undo_takes_it_back(colliding: Cli, repo: Repo) -> None:
    before = repo.head("main")

    ran = colliding("merge", "run", "--yes")
    after = repo.head("main")
    undone = colliding("merge", "undo")

    merged = [line for line in ran.out.splitlines() if " merged as " in line]
    aside = [line for line in ran.out.splitlines() if " put aside: " in line]
    assert (len(merged), len(aside)) == (2, 1)
    assert "conflict" in aside[0]
    assert f"main moved {before[:12]} → {after[:12]}" in ran.out
    assert "Merging task-3" in ran.err
    assert "weft merge undo" in ran.err
    assert f"main is back at {before[:12]} (was {after[:12]})" in undone.out
    assert repo.head("main") == before


def test_what_a_merge_run_prints_as_json_is_the_contracts_object(colliding: Cli) -> None:
    result = colliding.json("merge", "run", "task-1", "task-3", "--yes")

    assert set(result) >= {"merged", "put_aside", "base", "before", "after", "backup_ref"}
    assert sorted(landed["task"] for landed in result["merged"]) == ["task-1", "task-3"]
    assert set(result["merged"][0]) >= {"task", "branch", "commit"}


def test_a_check_that_fails_puts_aside_and_the_status_is_one(colliding: Cli, repo: Repo) -> None:
    before = repo.head("main")

    answer = colliding("merge", "run", "task-1", "--check", "exit 7", "--yes", status=1)

    assert "task-1 put aside" in answer.out
    assert "its output: " in answer.out
    assert repo.head("main") == before


def test_nothing_to_land_is_no_failure(weft: Cli) -> None:
    assert "Nothing to merge" in weft("merge", "plan").err
    weft("merge", "run", "--yes")

    weft("task", "add", "First")
    weft("worker", "add", "ana", "--type", "human")
    weft("claim", "task-1", "--worker", "ana")
    weft("done", "task-1")
    answer = weft("merge", "run", "--yes")

    assert "put aside: nothing to land" in answer.out


def test_conflicts_with_no_branch_to_compare_say_so(weft: Cli) -> None:
    answer = weft("conflicts", "--exit-code")

    assert answer.out == ""
    assert "No branches to compare" in answer.err
