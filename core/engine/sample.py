"""The sample repository: a small real shop with tasks and three agents that need no account."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.domain.task import NewTask, Priority
from core.domain.worker import WorkerType
from core.engine import preferences, repos
from core.git.command import GitPlace, run_git
from core.git.commits import identity
from core.paths import remove_folder, scratch_folder
from core.processes.programs import python_command
from core.store.transactions import transaction
from core.tasks import board
from core.workers import registry
from resources.access import read_text

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.repo import Repo
    from core.engine.context import Engine

PROFILE = "sample"
AGENTS = ("agent-ada", "agent-bo", "agent-cy")
PERSON = "human-ana"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample that was made; `folder` holds everything of it."""

    repo: Repo
    folder: Path


async def make_sample(engine: Engine) -> Sample:
    """Make, register and choose the sample; what it would run is trusted, it is Weft's own.

    It lies below Weft's home, and never takes the place of an earlier one.
    """
    content = tomllib.loads(read_text("demo/storefront.toml"))
    folder = _new_folder()
    repo_folder, scripts = folder / "storefront", folder / "scripts"
    _write_scripts(content["tasks"], scripts)
    await _make_repository(repo_folder, content["files"], scripts)
    repo = repos.init(engine, str(repo_folder))
    preferences.trust(engine, digest=preferences.trust_view(engine).digest)
    _add_tasks_and_workers(engine, content["tasks"])
    return Sample(repo, folder)


def remove_sample(engine: Engine, sample: Sample) -> None:
    """Take the sample off the list and remove its folder.

    Raises:
        Refused: Runs are under way in it.
    """
    repos.forget_repo(engine, str(sample.repo.path))
    remove_folder(sample.folder)


def _new_folder() -> Path:
    parent = scratch_folder("demo")
    number = 1
    while True:
        folder = parent / f"{number}"
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def _write_scripts(tasks: list[dict[str, Any]], folder: Path) -> None:
    folder.mkdir()
    for task in tasks:
        text = json.dumps({"steps": task["script"]}, indent=1)
        (folder / f"{task['key']}.json").write_text(text, encoding="utf-8", newline="\n")


async def _make_repository(folder: Path, files: dict[str, str], scripts: Path) -> None:
    for name, text in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_filled(text, scripts), encoding="utf-8", newline="\n")
    await run_git(None, "init", "--quiet", "--initial-branch=main", str(folder))
    place = GitPlace(folder / ".git", folder)
    if await identity(place) is None:
        # A fresh machine: the sample gets an identity of its own, the person's stays unset.
        await run_git(place, "config", "user.name", "Weft Sample")
        await run_git(place, "config", "user.email", "sample@weft.invalid")
    await run_git(place, "config", "core.autocrlf", "false")
    await run_git(place, "add", "--all")
    await run_git(place, "commit", "--quiet", "--message=A small shop")


def _filled(text: str, scripts: Path) -> str:
    script = (scripts / "{task}.json").as_posix()
    python = json.dumps(python_for_checks())[1:-1]
    return text.replace("@python@", python).replace("@script@", script)


def python_for_checks() -> str:
    """Return the Python that runs the sample's checks, as the shell takes it: Weft's own."""
    program, *words = python_command()
    return " ".join([f'"{program}"', *words])


def _add_tasks_and_workers(engine: Engine, tasks: list[dict[str, Any]]) -> None:
    now, actor, repo = engine.now(), engine.actor, engine.repo
    with transaction():
        for entry in tasks:
            new = NewTask(
                title=entry["title"],
                description=entry.get("description", ""),
                priority=Priority(entry.get("priority", "medium")),
                files=tuple(entry.get("files", ())),
                depends_on=tuple(entry.get("depends_on", ())),
                estimate_minutes=entry.get("estimate_minutes"),
                key=entry["key"],
            )
            board.add_task(repo, new, now=now, actor=actor)
        for name in AGENTS:
            registry.add_worker(repo, name, WorkerType.AGENT, agent=PROFILE, now=now, actor=actor)
        registry.add_worker(repo, PERSON, WorkerType.HUMAN, now=now, actor=actor)
