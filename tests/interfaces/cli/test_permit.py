"""`weft permit`: an open profile works only where a person typed the repository's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.paths import user_settings_file

if TYPE_CHECKING:
    from tests.interfaces.cli.conftest import Cli

OPEN = """
[agents.wild]
command = ["sh", "-c", "echo worked > wild.txt"]
permissions = "open"
[agents.tame]
command = ["true"]
"""


@pytest.fixture
def wild(weft: Cli) -> Cli:
    """An agent whose profile is open, and a task."""
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(OPEN, encoding="utf-8")
    weft("worker", "add", "agent-1", "--type", "agent", "--agent", "wild")
    weft("task", "add", "Say hello")
    return weft


def test_an_open_profile_is_refused_until_the_name_was_typed(wild: Cli) -> None:
    refused = wild("run", "task-1", "--wait", status=1)
    assert "weft permit wild --repo-name" in refused.err
    assert "without asking" in wild.json("worker", "list")[0]["note"]
    assert wild.json("worker", "list")[0]["permissions"] == "open"
    wrong = wild("permit", "wild", "--repo-name", "reop", status=1)
    assert "'reop' is not the name" in wrong.err

    allowed = wild.json("permit", "wild", "--repo-name", "repo")
    assert allowed == {"repo": "repo", "profile": "wild", "permissions": "open", "allowed": True}
    ended = wild.json("run", "task-1", "--wait")
    assert [(run["status"], run["permissions"]) for run in ended] == [("done", "open")]
    kinds = [event["kind"] for event in wild.json("events")]
    assert kinds.count("permissions.opened") == 1


def test_the_leave_can_be_taken_back(wild: Cli) -> None:
    wild("permit", "wild", "--repo-name", "repo")
    assert "open in repo: nothing asks" in wild("permit", "wild").out

    taken = wild("permit", "wild", "--revoke")

    assert "may not be open" in taken.out
    assert "weft permit wild --repo-name" in wild("run", "task-1", "--wait", status=1).err
    assert wild.json("events")[-1]["kind"] == "permissions.closed"


def test_a_profile_that_asks_needs_no_leave(wild: Cli) -> None:
    assert "watched: it needs no leave" in wild("permit", "tame").out
    refused = wild("permit", "tame", "--repo-name", "repo", status=1)
    assert "nothing to allow" in refused.err
