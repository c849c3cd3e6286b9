"""Where the base is checked out, what of the person's is in the way, and how it follows."""

from __future__ import annotations

import asyncio
import os
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault, Refused
from core.git.checkout import bring_along, in_the_way
from core.git.command import GitPlace
from core.git.config import filter_names, filters_off
from core.git.objects import attribute_files, read_blobs
from core.git.refs import real_ref
from core.git.status import operation_in_progress
from core.git.worktrees import list_worktrees, worktree_git_dir, worktree_place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.domain.repo import Repo
    from core.git.quarantine import Quarantine


_LOCK_WAIT_S: Final = 3.0
_LOOK_EVERY_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class BaseCheckout:
    """A worktree of the person's that has the base checked out."""

    path: Path
    place: GitPlace


async def checkouts_of_base(repo: Repo) -> tuple[BaseCheckout, ...]:
    """Return every worktree whose HEAD is on the base and whose folder is there.

    A base may be a second name of another branch (a symbolic ref): git names that one then.
    """
    names = {repo.base_ref, await real_ref(GitPlace(repo.git_dir), repo.base_ref)}
    return tuple(
        BaseCheckout(entry.path, _place_of(repo, entry.path))
        for entry in await list_worktrees(GitPlace(repo.git_dir), main=repo.path)
        if entry.branch in names and not entry.is_bare and entry.path.is_dir()
    )


def _place_of(repo: Repo, path: Path) -> GitPlace:
    if path == repo.path:  # its git directory may lie elsewhere (`git init --separate-git-dir`)
        return GitPlace(repo.git_dir, path)
    return worktree_place(repo.git_dir, path)


async def refuse_if_in_the_way(
    repo: Repo, old: str, new: str, *, doing: str, held: Quarantine | None = None
) -> None:
    """Raise unless every checkout of the base could follow it from *old* to *new*.

    A checkout that stayed behind would show the landed work as if the person had deleted it, and
    their next commit would take it back: so the base does not move before the way is free.

    Args:
        repo: The repository.
        old: The base's commit.
        new: What it shall become; *held* can read it if the repository cannot yet.
        doing: What is refused, such as "merge".
        held: The quarantine that has *new*.

    Raises:
        Refused: With one reason per file, lock or half-done operation.
    """
    reasons = list(await _rebasing_base(repo))
    for checkout in await checkouts_of_base(repo):
        reasons += await _reasons(checkout, old, new, held)
    if reasons:
        raise Refused(
            f"Something in your checkout of {repo.base} is in the way of the {doing}."
            " Nothing was changed.",
            reasons=tuple(reasons),
            hint="Commit, stash or move it, then try again.",
        )


async def _reasons(
    checkout: BaseCheckout, old: str, new: str, held: Quarantine | None
) -> list[str]:
    operation = operation_in_progress(checkout.place.git_dir)
    if operation is not None:
        return [f"A {operation} is half done in {checkout.path}: finish or abort it."]
    lock = checkout.place.git_dir / "index.lock"
    if lock.exists():
        return [
            f"Another git command works in {checkout.path}; if none does, delete {lock}.",
        ]
    place = await filters_off(checkout.place)
    paths = await in_the_way(held.around(place) if held else place, old, new)
    return [f"{checkout.path / path} has changes of yours." for path in paths]


async def _rebasing_base(repo: Repo) -> list[str]:
    """Return where a rebase of the base itself is half done: its end would set the base back."""
    reasons = []
    for entry in await list_worktrees(GitPlace(repo.git_dir), main=repo.path):
        git_dir = worktree_git_dir(repo.git_dir, entry.path) or repo.git_dir
        for folder in ("rebase-merge", "rebase-apply"):
            name = git_dir / folder / "head-name"
            if name.is_file() and name.read_text("utf-8", "replace").strip() == repo.base_ref:
                reasons.append(f"A rebase of {repo.base} is half done in {entry.path}.")
    return list(dict.fromkeys(reasons))


async def follow(repo: Repo, old: str, new: str, *, run_filters: bool) -> tuple[str, ...]:
    """Bring index and files of every checkout of the base from *old* to *new*, once it moved.

    Safe to repeat. What cannot follow is left as it is and told: the base has moved already.

    Args:
        repo: The repository.
        old: Where the checkouts are.
        new: Where the base is.
        run_filters: Whether content filters (LFS) may run, because the repository is trusted.

    Returns:
        Sentences for the person; empty when all followed.
    """
    notes: list[str] = []
    for checkout in await checkouts_of_base(repo):
        place = checkout.place if run_filters else await filters_off(checkout.place)
        await _until_unlocked(checkout.place.git_dir)
        try:
            blocked: Sequence[str] = await bring_along(place, old, new)
        except EnvironmentFault as error:
            notes.append(_left_behind(repo, checkout, old, new, error.message.rstrip(".")))
            continue
        if blocked and await in_the_way(place, new, old):  # else it is at *new* already
            why = f"{', '.join(blocked[:3])}{' and more' if len(blocked) > 3 else ''} in the way"
            notes.append(_left_behind(repo, checkout, old, new, why))
        elif not blocked and not run_filters and await _uses_filters(checkout.place, new):
            notes.append(
                f"Filters did not run in {checkout.path}, because this repository is not trusted:"
                " files they handle (LFS) are as git stores them. See `weft trust`."
            )
    return tuple(notes)


async def _until_unlocked(git_dir: Path) -> None:
    """Wait a little for another git command in the checkout, such as an editor's `git status`.

    A lock is never removed here: its owner may live.
    """
    for _ in range(round(_LOCK_WAIT_S / _LOOK_EVERY_S)):
        if not (git_dir / "index.lock").exists():
            return
        await asyncio.sleep(_LOOK_EVERY_S)


async def _uses_filters(place: GitPlace, commit: str) -> bool:
    """Whether a filter that is configured here is asked for by the commit's attributes."""
    names = await filter_names(place)
    if not names:
        return False
    blobs = await read_blobs(place, (await attribute_files(place, commit)).values())
    asked = b"\n".join(content for content in blobs.values() if content)
    return any(b"filter=" + os.fsencode(name) in asked for name in names)


def _left_behind(repo: Repo, checkout: BaseCheckout, old: str, new: str, why: str) -> str:
    # `status` first: it notes in the index that files are back as they were.
    there = f"git -C {shlex.quote(str(checkout.path))}"
    command = f"{there} status && {there} read-tree -m -u {old[:12]} {new[:12]}"
    return (
        f"{repo.base} has moved, but the files in {checkout.path} did not follow: {why}."
        f" Commit nothing there; move your changes away, then run: {command}"
    )
