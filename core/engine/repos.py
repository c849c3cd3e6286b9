"""Register, list and choose repositories."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.clock import to_ms
from core.domain.repo import Repo, WorktreeLayout
from core.domain.run import LIVE
from core.engine import guarding, moved
from core.engine.context import REPO_SETTINGS, repo_record
from core.errors import NotFound, Refused, UsageError
from core.events import log
from core.git.command import GitPlace, run_git_now
from core.git.exclude import ensure_excluded
from core.git.locate import NotARepo, locate_now
from core.paths import expanded
from core.settings.layers import read_layer
from core.store.schema import RepoRow, RunRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from core.engine.context import Engine
    from core.git.locate import Location

INSIDE_FOLDER = ".worktrees"
_LIKELY = ("main", "master", "trunk", "develop")


def init(
    engine: Engine,
    path: str | None = None,
    *,
    worktrees: str | None = None,
    base: str | None = None,
) -> Repo:
    """Register the repository of *path* (or of the current folder) and choose it.

    Repeating it changes only what is named. Worktrees go beside the repository, or inside one that
    lies in another's checkout, unless *worktrees* says where; inside they are hidden from
    `git status` through `.git/info/exclude`, and no file of the user's is written. One that is
    registered under a folder that is gone keeps its board: it is known by an id in its git
    directory.

    Raises:
        NotARepo: No repository, bare, or without a commit.
        UsageError: The base is no branch.
    """
    location = locate_now(expanded(path) if path else _here())
    row, moved_from = _row(location), None
    if row is None and (row := moved.row_moved_here(location)) is not None:
        moved_from = moved.follow(row, location, now=engine.now(), actor=engine.actor)
    chosen_base = _base(location, base, row)
    layout = WorktreeLayout(worktrees or (row.layout if row else _layout(location)))
    now = engine.now()
    with transaction():
        row = row or _row(location)  # another process may have been as quick
        if row is None:
            row = RepoRow.create(
                name=location.main.name,
                path=str(location.main),
                git_dir=str(location.common_dir),
                base=chosen_base,
                layout=layout.value,
                registered_ms=to_ms(now),
                opened_ms=to_ms(now),
            )
            log.record(
                "repo.registered",
                now,
                actor=engine.actor,
                repo=row.path,
                base=chosen_base,
                layout=layout.value,
            )
        elif (row.base, row.layout) != (chosen_base, layout.value):
            row.base, row.layout = chosen_base, layout.value
            row.save()
            log.record("repo.changed", now, actor=engine.actor, repo=row.path, base=chosen_base)
        moved.mark(location, row)
    if layout is WorktreeLayout.INSIDE:
        ensure_excluded(location.common_dir, [f"/{INSIDE_FOLDER}/"])
    engine.choose(repo_record(row))
    return replace(engine.repo, moved_from=moved_from, notice=guarding.enable(engine))


def _layout(location: Location) -> WorktreeLayout:
    """Return where worktrees go unless told: beside the repository, if that is in no other one.

    Within another's checkout, as of a submodule, they would be in its status and its commits.
    """
    try:
        locate_now(location.main.parent)
    except NotARepo:
        return WorktreeLayout.SIBLING
    return WorktreeLayout.INSIDE


def _row(location: Location) -> RepoRow | None:
    found: RepoRow | None = RepoRow.get_or_none(RepoRow.path == str(location.main))
    return found


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise NotARepo("The current folder is gone.", hint="Go to another one.") from error


def list_repos(engine: Engine) -> tuple[Repo, ...]:
    """Return the registered repositories, the last opened first."""
    del engine
    rows = RepoRow.select().order_by(RepoRow.opened_ms.desc(), RepoRow.id)
    return tuple(repo_record(row) for row in rows)


def use_repo(engine: Engine, path: str) -> Repo:
    """Choose a registered repository by its folder, and remember it as the last one.

    Raises:
        NotFound: It is not registered, or its folder is gone.
    """
    row = RepoRow.get_or_none(RepoRow.path == path)
    if row is None:
        raise NotFound(f"{path} is not registered.", hint=f"weft init {path}")
    if not Path(row.path).is_dir():
        raise NotFound(
            f"The folder {row.path} is gone.", hint="Move it back, or remove it from the list."
        )
    with transaction():
        RepoRow.update(opened_ms=to_ms(engine.now())).where(RepoRow.id == row.id).execute()
    engine.choose(repo_record(row))
    return engine.repo


def forget_repo(engine: Engine, path: str) -> None:
    """Take a repository off the list, with its tasks and workers; its files stay as they are.

    Raises:
        NotFound: It is not registered.
        Refused: Runs are under way in it.
    """
    row = RepoRow.get_or_none(RepoRow.path == path)
    if row is None:
        raise NotFound(f"{path} is not registered.")
    live = [state.value for state in LIVE]
    with transaction():
        runs = RunRow.select().where(RunRow.repo == row.id, RunRow.status.in_(live))
        reasons = tuple(f"{run.worker_name} is at work on {run.task.key}." for run in runs)
        if reasons:
            raise Refused(f"{row.name} cannot be taken off the list.", reasons=reasons)
        log.record("repo.forgotten", engine.now(), actor=engine.actor, repo=row.path)
        moved.forget(row)
        row.delete_instance()
    if engine.has_repo and engine.repo.path == Path(path):
        engine.choose(None)


def _base(location: Location, named: str | None, row: RepoRow | None) -> str:
    place = location.place
    if named is None and row is not None:
        return str(row.base)
    wanted = named or os.environ.get("WEFT_BASE") or _base_in_settings(place) or _found(location)
    if not _is_branch(place, wanted):
        raise UsageError(
            f"There is no branch {wanted!r} in {location.main}.",
            hint="Name an existing one: weft init --base BRANCH",
        )
    return wanted


def _base_in_settings(place: GitPlace) -> str:
    shown = run_git_now(place, "cat-file", "blob", f"HEAD:{REPO_SETTINGS}", ok=(0, 128))
    if shown.status:
        return ""
    layer = read_layer(shown.stdout.decode("utf-8", "replace"), source=REPO_SETTINGS, of_repo=True)
    return str(layer.values.get("base", ""))


def _found(location: Location) -> str:
    """Return the branch of the main checkout, else the first of the usual names."""
    head = run_git_now(location.place, "symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1)).text
    if head and not head.startswith("worker/"):
        return head
    for name in _LIKELY:
        if _is_branch(location.place, name):
            return name
    raise UsageError(
        "The checkout is on no branch, and there is no main or master.",
        hint="Name the base: weft init --base BRANCH",
    )


def _is_branch(place: GitPlace, name: str) -> bool:
    if name.startswith("-"):
        return False
    found = run_git_now(
        place, "show-ref", "--verify", "--quiet", f"refs/heads/{name}", ok=(0, 1, 128)
    )
    return found.status == 0
