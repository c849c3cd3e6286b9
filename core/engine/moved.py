"""A registered repository whose folder was moved: known again by an id in its git directory.

The id lies in `weft-id` in the common git directory, which git ignores and a clone does not
copy. A copy of the folder carries it too, so it counts only when the old one is gone.
"""

from __future__ import annotations

import logging
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.domain.worktree import STANDING
from core.events import log
from core.git.command import run_git_now
from core.store.schema import EventRow, RepoRow, RunRow, SettingRow, TaskRow, WorktreeRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.git.locate import Location

logger = logging.getLogger(__name__)
_FILE: Final = "weft-id"
_SETTING: Final = "repo-id/"


def mark(location: Location, row: RepoRow) -> None:
    """Give the repository an id of its own, unless it has one; inside a transaction."""
    known = SettingRow.get_or_none(SettingRow.name == _SETTING + _read(location))
    if known is not None and known.value == str(row.id):
        return
    fresh = uuid.uuid4().hex
    try:
        (location.common_dir / _FILE).write_text(f"{fresh}\n", encoding="ascii", newline="\n")
    except OSError as error:
        logger.warning("%s gets no id, and is not known again if moved: %s", row.path, error)
        return
    forget(row)
    SettingRow.create(name=_SETTING + fresh, value=str(row.id))


def forget(row: RepoRow) -> None:
    """Forget the id of a repository that is taken off the list; inside a transaction."""
    SettingRow.delete().where(
        SettingRow.name.startswith(_SETTING), SettingRow.value == str(row.id)
    ).execute()


def row_moved_here(location: Location) -> RepoRow | None:
    """Return the registered repository that was moved to *location*, or None."""
    known = SettingRow.get_or_none(SettingRow.name == _SETTING + _read(location))
    if known is None:
        return None
    row: RepoRow | None = RepoRow.get_or_none(RepoRow.id == int(known.value))
    return None if row is None or Path(row.git_dir).exists() else row


def follow(row: RepoRow, location: Location, *, now: datetime, actor: str) -> Path:
    """Tie a repository's board to its new folder; return the old one.

    Worktrees that were moved with it are followed; git's links between them and the repository
    are mended. The name stays, because templates made paths and branches of it.
    """
    old, new = Path(row.path), location.main
    with transaction():
        row.path, row.git_dir = str(new), str(location.common_dir)
        row.save()
        folders = _follow_worktrees(row, old, new)
        # The trail is looked up by the folder: without this it would be out of reach.
        EventRow.update(repo_path=str(new)).where(EventRow.repo_path == str(old)).execute()
        log.record("repo.moved", now, actor=actor, repo=str(new), before=str(old), after=str(new))
    there = sorted(str(folder) for folder in folders if folder.is_dir())
    # Status 1 tells of a worktree that cannot be mended; `weft doctor` names it.
    run_git_now(location.place, "worktree", "repair", "--", *there, ok=(0, 1))
    return old


def _follow_worktrees(row: RepoRow, old: Path, new: Path) -> set[Path]:
    standing = [state.value for state in STANDING]
    folders = set()
    for one in WorktreeRow.select().where(
        WorktreeRow.repo == row.id, WorktreeRow.state.in_(standing)
    ):
        found = _followed(Path(one.path), ((old, new), (old.parent, new.parent)))
        folders.add(found)
        if str(found) == one.path:
            continue
        for table in (TaskRow, RunRow):
            table.update(worktree=str(found)).where(
                table.repo == row.id, table.worktree == one.path
            ).execute()
        one.path = str(found)
        one.save()
    return folders


def _followed(path: Path, moves: Iterable[tuple[Path, Path]]) -> Path:
    """Return where a worktree is now: where it was, or at the same place beside the new folder."""
    if path.is_dir():
        return path
    for old, new in moves:
        if path.is_relative_to(old) and (new / path.relative_to(old)).is_dir():
            return new / path.relative_to(old)
    return path


def _read(location: Location) -> str:
    try:
        return (location.common_dir / _FILE).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
