"""`weft demo`, as a newcomer runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.end_to_end.black_box import Weft
from tests.scenarios import Repo

pytestmark = pytest.mark.timeout(180)


def test_the_demo_goes_the_whole_way_and_tells_of_it(tmp_path: Path, weft_home: Path) -> None:
    told = Weft(tmp_path)("demo", "--headless").out

    for agent in ("agent-ada", "agent-bo", "agent-cy"):
        assert re.search(rf"{agent} claims \S+", told)
    assert re.search(r"conflict: \S+ and \S+ collide in \S+\.\w+ ", told)
    assert re.search(r"The plan onto main.*\n  1\. \S+ +clean +\w+", told)
    assert len(re.findall(r"^  merged \S+ as [0-9a-f]{10}$", told, re.MULTILINE)) >= 2
    assert re.search(r"put aside \S+: .*conflict", told)
    assert re.search(r"What waits for a person:\n  \S+", told)
    assert not any((weft_home / "demo").iterdir())


def test_the_demo_leaves_a_repository_whose_main_holds_the_work_of_two_agents(
    tmp_path: Path,
) -> None:
    told = Weft(tmp_path)("demo", "--headless", "--keep").out

    kept = re.search(r"^Kept: (.+)$", told, re.MULTILINE)
    assert kept
    repo = Repo(Path(kept[1]))
    weft = Weft(repo.path)
    done = weft.json("task", "list", "--status", "done")
    assert len({task["worker"] for task in done}) >= 2
    for task in done:
        repo.git("merge-base", "--is-ancestor", task["branch"], "main")
    assert repo.git("status", "--porcelain") == ""
    assert repo.git("rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert repo.git("fsck", "--no-dangling") == ""
