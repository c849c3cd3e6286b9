"""The replay itself, on a small corpus of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.corpus.replay import main
from tests.scenarios import Repo, colliding_trio, numbered_lines

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clone(tmp_path: Path) -> Repo:
    """Two branches that collide in `a.txt`, a third that does not, and a log that is united."""
    repo = Repo.create(tmp_path / "clones" / "we+small" / "repo")
    log = numbered_lines(line_1="log")
    repo.commit("log", {"log": log, ".gitattributes": "log merge=union\n"})
    colliding_trio(repo)
    for name in ("log-a", "log-b"):
        repo.branch(name)
        repo.commit(name, {"log": f"{log}{name}\n"})
    return repo


def merge(repo: Repo, ours: str, theirs: str, **conflict: Any) -> dict[str, Any]:
    known = {"conflict": bool(conflict), "paths": [], "kinds": [], "hunks": {}, **conflict}
    return {
        "repo": "we/small",
        "merge": repo.head(ours),
        "p1": repo.head(ours),
        "p2": repo.head(theirs),
        **known,
    }


def contents(path: str) -> dict[str, Any]:
    return {"paths": [path], "kinds": ["contents"], "hunks": {path: 1}}


def open_set(repo: Repo, *, steps: int) -> dict[str, Any]:
    names = ("left", "right", "apart")
    return {
        "id": "S1",
        "repo": "we/small",
        "main": repo.head("main"),
        "branches": [{"tip": repo.head(name), "conflicts_with_main": []} for name in names],
        "conflicting_pairs": [{"a": 0, "b": 1, **contents("a.txt")}],
        "orders": {
            "arrival": {"order": [0, 1, 2]},
            "exact": {"order": [2, 0, 1], "steps_pairwise": steps, "landed_if_deferred": 2},
        },
    }


def replay(
    repo: Repo,
    tmp_path: Path,
    merges: list[dict[str, Any]],
    sets: list[dict[str, Any]],
    *more: str,
) -> int:
    files = tmp_path / "merges.jsonl", tmp_path / "sets.jsonl"
    for file, records in zip(files, (merges, sets), strict=True):
        file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    clones = str(repo.path.parent.parent)
    return main([clones, "--merges", str(files[0]), "--sets", str(files[1]), *more])


def test_a_corpus_that_is_true_agrees_and_the_clone_is_only_read(
    clone: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = clone.fingerprint()
    merges = [
        merge(clone, "left", "right", **contents("a.txt")),
        merge(clone, "left", "apart"),
    ]

    status = replay(clone, tmp_path, merges, [open_set(clone, steps=1)])

    said = capsys.readouterr().out
    assert status == 0, said
    assert "all equal" in said
    assert clone.fingerprint() == before


def test_what_differs_is_told_and_fails(
    clone: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    merges = [merge(clone, "left", "apart", **contents("b.txt"))]

    status = replay(clone, tmp_path, merges, [open_set(clone, steps=0)])

    said = capsys.readouterr().out
    assert status == 1
    assert f"we/small {clone.head('left')[:10]} verdict\n    known True\n    found False" in said
    assert "we/small S1 steps\n    known 0\n    found 1" in said


def test_attributes_of_the_base_explain_a_difference(
    clone: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = replay(clone, tmp_path, [merge(clone, "log-a", "log-b", **contents("log"))], [])

    assert status == 0
    assert "verdict (explained: the base's attributes)" in capsys.readouterr().out


def test_without_attributes_nothing_is_left_to_explain(
    clone: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = merge(clone, "log-a", "log-b", **contents("log"))

    status = replay(clone, tmp_path, [known], [], "--without-attributes")

    assert status == 0
    assert "explained:" not in capsys.readouterr().out


def test_a_clone_that_is_not_there_is_told(
    clone: Repo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = merge(clone, "left", "apart") | {"repo": "we/far"}

    status = replay(clone, tmp_path, [other], [])

    assert status == 1  # nothing was compared
    assert "left out, no clone: we/far" in capsys.readouterr().out
