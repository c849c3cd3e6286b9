"""From `weft init` to `weft merge undo` on a repository of real size, by command line alone.

The repository is made from Python's own standard library; `WEFT_TEST_REPOSITORY=/path/of/a/clone`
takes another. Run with `-s` to see how long each command took.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.black_box import Said, Weft
from tests.scenarios import Repo

AGENT = Path(__file__).with_name("real_agent.py")
TASKS = ("annotate", "measure", "rename")
PACKAGES = ("asyncio", "collections", "concurrent", "email", "http", "json", "logging", "unittest")
OTHER = os.environ.get("WEFT_TEST_REPOSITORY")
"""Read before the tests' own environment takes the place of the person's."""

CHECK = """\
import ast, pathlib, sys
files = [f for f in pathlib.Path(".").rglob("*.py") if f.stat().st_size > 400]
for file in files:
    ast.parse(file.read_bytes(), str(file))
print(len(files), "files parse")
"""


SETTINGS = """\
base = "main"
max_workers = 3

[agents.real]
driver = "command"
command = {command}
env = {{ TEAM = {team} }}
"""


def tell(line: str) -> None:
    """Print a line for whoever runs this with `-s`."""
    sys.stdout.write(f"{line}\n")


class TimedWeft(Weft):
    """Says how long each command took."""

    def tried(self, *words: str, **more: Any) -> Said:
        began = time.monotonic()
        said = Weft.tried(self, *words, **more)
        tell(f"{time.monotonic() - began:6.2f} s  weft {' '.join(words)[:70]}")
        return said


@pytest.fixture
def project(tmp_path: Path) -> Repo:
    """A repository of some hundred files; its own settings name the agent."""
    folder = tmp_path / "project"
    if OTHER:
        repo = Repo(folder)
        Repo(tmp_path).git("clone", "--quiet", OTHER, str(folder))
        repo.git("switch", "--quiet", "--force-create", "main")
    else:
        repo = Repo.empty(folder)
        copy_standard_library(folder)
    check = tmp_path / "check.py"
    check.write_text(CHECK, encoding="utf-8")
    (tmp_path / "team").mkdir()
    command = json.dumps([sys.executable, str(AGENT), "{task}"])
    settings = SETTINGS.format(command=command, team=json.dumps(str(tmp_path / "team")))
    repo.commit("Use Weft", {".weft.toml": settings})
    tell(f"\n{len(repo.git('ls-files').splitlines())} files")
    return repo


def copy_standard_library(folder: Path) -> None:
    """Copy the modules of the standard library, and some packages, without their tests."""
    library = Path(sysconfig.get_path("stdlib"))
    for file in library.glob("*.py"):
        shutil.copyfile(file, folder / file.name)
    skipped = shutil.ignore_patterns("__pycache__", "test*")
    for name in PACKAGES:
        shutil.copytree(library / name, folder / name, ignore=skipped)


def everything(repo: Repo) -> tuple[object, ...]:
    """Return refs, index, checkout and every file of the object database."""
    objects = sorted(
        path.relative_to(repo.path).as_posix() for path in (repo.path / ".git/objects").rglob("*")
    )
    return (*repo.fingerprint(), objects)


@pytest.mark.timeout(300)
def test_three_agents_from_init_to_undo(project: Repo, tmp_path: Path) -> None:
    weft = TimedWeft(project.path)
    set_up(weft)

    assert "3 runs: 3 done" in weft("run", "--all", "--wait").err
    assert len({task["worker"] for task in weft.json("task", "list")}) == 3

    base = project.head("main")
    project.write("notes of mine.txt", "untracked, and mine\n")
    worktree = Path(weft.task("measure")["worktree"])
    leave_work_uncommitted(worktree)
    before, listed = everything(project), project.git("ls-files", "--stage")
    look(weft, dirty={"measure"})
    Repo(worktree).git("checkout", "--quiet", "--", ".")
    look(weft, dirty=set())
    plan = weft.json("merge", "plan")
    assert everything(project) == before
    assert [step["outcome"] for step in plan["steps"]].count("clean") == 2
    assert plan["conflict_steps"] == 1

    land(weft, project, plan, check=f'"{sys.executable}" "{tmp_path / "check.py"}"')
    weft("merge", "undo")

    assert project.head("main") == base
    assert project.fingerprint()[2] == before[2]
    assert project.git("ls-files", "--stage") == listed
    assert {task["status"] for task in weft.json("task", "list")} == {"review"}
    assert project.git("status", "--porcelain") == '?? "notes of mine.txt"'


def set_up(weft: Weft) -> None:
    """Register, trust, and add the tasks and three agents."""
    weft("init")
    refused = weft.tried("worker", "add", "agent-1", "--type", "agent", "--agent", "real")
    assert "weft trust" in refused.err
    shown = weft("trust", "--yes").out
    assert str(AGENT) in shown
    for task in TASKS:
        weft("task", "add", f"Do {task}", "--key", task)
    for number in (1, 2, 3):
        weft("worker", "add", f"agent-{number}", "--type", "agent", "--agent", "real")


def leave_work_uncommitted(worktree: Path) -> None:
    """Change a tracked file as an agent does that has not committed yet."""
    file = next(path for path in sorted(worktree.rglob("*.py")) if path.stat().st_size > 400)
    file.write_bytes(b"# not committed yet\n" + file.read_bytes())


def look(weft: Weft, *, dirty: set[str]) -> None:
    """Assert what the matrix says: the first agent's work and the third's collide in one file."""
    matrix = weft.json("conflicts", "--fresh")
    collide = {(pair["a"], pair["b"]) for pair in matrix["pairs"] if pair["conflict"]}
    files = {file["path"] for pair in matrix["pairs"] for file in pair["files"]}
    assert {branch["task"] for branch in matrix["branches"] if branch["dirty"]} == dirty
    assert not any(verdict["conflict"] for verdict in matrix["against_base"])
    assert frozenset(("annotate", "rename")) in {frozenset(pair) for pair in collide}
    if not dirty:
        assert len(collide) == len(files) == 1
    tell(f"          merges {matrix['took_ms']} ms, snapshots {matrix['snapshot_ms']} ms")


def land(weft: Weft, project: Repo, plan: dict[str, Any], *, check: str) -> None:
    """Merge as planned; the checkout comes along, the person's own file stays."""
    clean = [step for step in plan["steps"] if step["outcome"] == "clean"]

    result = weft.json("merge", "run", "--yes", "--check", check)

    assert [merged["task"] for merged in result["merged"]] == [step["task"] for step in clean]
    assert [aside["reason"] for aside in result["put_aside"]]
    assert project.git("rev-parse", "main^{tree}") == clean[-1]["tree"]
    assert project.head(result["backup_ref"]) == result["before"]
    assert project.git("status", "--porcelain") == '?? "notes of mine.txt"'
    assert weft.task("measure")["status"] == "done"
    printed = (project.path / "notes of mine.txt").read_text(encoding="utf-8")
    assert printed == "untracked, and mine\n"
