"""Which external merge drivers a repository would use, and which of them may run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.git.command import GitPlace
from core.git.drivers import allowed_entries, is_driver, wanted_drivers_now

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo

MINE = ("merge.mine.driver", "tool %O %A %B")


@pytest.fixture
def place(repo: Repo) -> GitPlace:
    repo.git("config", *MINE)
    repo.git("config", "merge.other.driver", "other")
    return GitPlace(repo.path / ".git")


def test_only_drivers_that_attributes_name_are_wanted(repo: Repo, place: GitPlace) -> None:
    assert wanted_drivers_now(place, "refs/heads/main") == ()

    repo.commit("attributes", {"deep/.gitattributes": "*.lock text merge=mine\n*.x merge=none\n"})

    assert wanted_drivers_now(place, "refs/heads/main") == (MINE,)
    assert wanted_drivers_now(place, "refs/heads/gone") == ()


@pytest.mark.parametrize("where", ["info", "personal", "named"])
def test_attributes_outside_of_commits_count_too(
    repo: Repo, place: GitPlace, home: Path, where: str
) -> None:
    file = {
        "info": repo.path / ".git" / "info" / "attributes",
        "personal": home / ".config" / "git" / "attributes",
        "named": home / "attributes",
    }[where]
    if where == "named":
        repo.git("config", "core.attributesFile", "~/attributes")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[attr]generated merge=mine\n")

    assert wanted_drivers_now(place, "refs/heads/main") == (MINE,)


def test_a_driver_runs_only_while_its_command_is_the_allowed_one() -> None:
    inner = ("merge.mine.recursive", "text")

    assert allowed_entries([MINE, inner, ("core.editor", "vi")], [MINE]) == (MINE, inner)
    assert allowed_entries([MINE, (MINE[0], "worse")], [MINE]) == ()
    assert allowed_entries([], [MINE]) == ()
    assert is_driver(MINE[0])
    assert not is_driver(inner[0])
