"""Branches whose move was begun and not ended: noted before, finished or dropped after a kill.

Moving a branch with its worktree takes two steps: its files, then its ref. A note of both ids lies
below Weft's home meanwhile, and the repository's lock is held, so that a note without a holder of
the lock is one of the dead. A merge that was being begun in a worktree for an agent is put back in
the same way; its note lies in the worktree's git directory.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import EngineError
from core.git.checkout import in_the_way
from core.git.command import GitPlace
from core.git.config import filters_off
from core.git.refs import HEADS, RefMoved, resolve, update_ref
from core.git.worktrees import worktree_place
from core.paths import scratch_folder
from core.worktrees import journal
from core.worktrees.half_merge import drop_unready, unready
from core.worktrees.repo_lock import worktrees_locked

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.domain.repo import Repo

_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True)
class Begun:
    """A branch that goes from *old* to *new*, with the worktree that follows; all as text."""

    git_dir: str
    branch: str
    worktree: str
    old: str
    new: str
    message: str

    @property
    def file(self) -> Path:
        """Return where the note lies."""
        name = hashlib.sha256(os.fsencode(f"{self.git_dir}\0{self.branch}")).hexdigest()[:24]
        return scratch_folder("advances") / f"{name}{_SUFFIX}"

    def note(self) -> None:
        """Write the note; it is whole or not there."""
        building = self.file.with_suffix(".new")
        building.write_text(json.dumps(asdict(self)), encoding="ascii", newline="\n")
        building.replace(self.file)

    def forget(self) -> None:
        """Remove the note: the branch and its worktree agree."""
        self.file.unlink(missing_ok=True)


async def recover_branches(repo: Repo) -> tuple[str, ...]:
    """Finish or drop what dead processes left half done on task branches of this repository.

    The living hold the lock, and are waited for. Nothing to do costs no process.

    Returns:
        A sentence for each branch that was put right.
    """
    if not _notes(repo) and not unready(repo.git_dir):
        return ()
    said = []
    async with worktrees_locked(repo.git_dir):
        for note in _notes(repo):
            said.append(await _settle(note))
            note.forget()
        said += [
            f"A merge that was never fully begun in {place.work_tree} was taken back."
            for place in _places(repo, unready(repo.git_dir))
            if await drop_unready(await filters_off(place))
        ]
    return tuple(said)


def _places(repo: Repo, git_dirs: Collection[Path]) -> list[GitPlace]:
    """Return the places of Weft's own worktrees among those that own *git_dirs*."""
    found = []
    for one in journal.standing(repo):
        try:
            place = worktree_place(repo.git_dir, one.path)
        except EngineError:
            continue  # the worktree is gone, and its half merge with it
        if place.git_dir in git_dirs:
            found.append(place)
    return found


def _notes(repo: Repo) -> list[Begun]:
    found = []
    for file in sorted(scratch_folder("advances").glob(f"*{_SUFFIX}")):
        try:
            note = Begun(**json.loads(file.read_text(encoding="ascii")))
        except FileNotFoundError:
            continue  # its owner has just ended
        except (ValueError, TypeError):  # the power went while it was written: nothing had begun
            file.unlink(missing_ok=True)
            continue
        if note.git_dir == str(repo.git_dir):
            found.append(note)
    return found


async def _settle(note: Begun) -> str:
    """Move the ref if the files are at the new commit already; say what became of it."""
    whole = GitPlace(Path(note.git_dir))
    if await resolve(whole, HEADS + note.branch) != note.old or not await _has_followed(note):
        return f"{note.branch} is as it was left."
    try:
        await update_ref(
            whole, HEADS + note.branch, note.new, old=note.old, message=note.message
        )  # fmt: skip
    except RefMoved:
        return f"{note.branch} got another commit."
    return f"{note.branch} was brought to {note.new[:12]}, where its files were already."


async def _has_followed(note: Begun) -> bool:
    """Whether the worktree holds the new commit's files, wherever the two differ."""
    if not note.worktree:
        return False
    try:
        there = worktree_place(Path(note.git_dir), Path(note.worktree))
        return not await in_the_way(await filters_off(there), note.new, note.old)
    except EngineError:
        return False
