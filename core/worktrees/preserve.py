"""Make a task's work reachable from a ref of Weft's before anything could take it away.

The worktree, its index and its branch stay as they are: everything happens on a private copy of
the index. What cannot be kept whole is refused, and then nothing may be removed.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.git.command import GitFailed, GitPlace, run_git
from core.git.commits import Identity, commit_tree, identity, identity_env
from core.git.config import filters_off
from core.git.objects import trees_of
from core.git.private_index import copy_index, untracked_paths, with_index, write_tree
from core.git.refs import (
    ABSENT,
    HEADS,
    RefMoved,
    is_ancestor,
    is_full_ref,
    is_object_id,
    list_refs,
    resolve,
    update_ref,
)
from core.git.worktrees import worktree_git_dir

if TYPE_CHECKING:
    from core.domain.repo import Repo

PRESERVED: Final = "refs/weft/preserved/"
_NOBODY: Final = Identity("Weft", "weft@localhost")
_MERGE_HEAD: Final = "MERGE_HEAD"
_GITLINK: Final = "160000 "


class CannotPreserve(EnvironmentFault):
    """Work that could not be made safe; whoever gets this deletes nothing."""

    code = "cannot_preserve"


@dataclass(frozen=True, slots=True)
class Preserved:
    """What was made safe.

    Attributes:
        ref: Full name; empty when there was nothing that the base has not.
        commit: What it holds; empty likewise.
        uncommitted: How many paths of it no commit held before.
    """

    ref: str = ""
    commit: str = ""
    uncommitted: int = 0


async def preserve(
    repo: Repo, *, task: str, place: GitPlace | None, branch: str, why: str
) -> Preserved:
    """Keep a task's uncommitted work and its unmerged commits under `refs/weft/preserved/<task>/n`.

    Args:
        repo: The repository.
        task: Key of the task; its refs are numbered from 1.
        place: Its worktree (`require_worktree`), or None when the folder is gone: then only the
            branch counts.
        branch: Its branch, short name.
        why: Part of the commit's message, such as "the run was lost".

    Raises:
        CannotPreserve: Something in the folder cannot be kept (an embedded repository, an
            unreadable file), or git could not answer.
    """
    main = GitPlace(repo.git_dir)
    try:
        tip = await resolve(main, HEADS + branch)
        kept, uncommitted = tip, 0
        if place is not None:
            kept, uncommitted = await _whole_work(place, task, why)
            if tip is not None and kept != tip:
                kept = await _newer(main, tip, kept)
        if kept is None or (uncommitted == 0 and await _landed(main, repo, kept)):
            return Preserved()
        ref = await keep_commit(main, task, kept, why)
    except CannotPreserve:
        raise
    except (EnvironmentFault, LookupError, OSError) as error:
        raise CannotPreserve(
            f"The work of {task} could not be preserved: {error}",
            hint="Nothing was removed. Commit or copy by hand what matters, then try again.",
        ) from error
    return Preserved(ref, kept, uncommitted)


async def preserve_entry(repo: Repo, *, task: str, path: Path, branch: str, why: str) -> Preserved:
    """Keep what only git's entry of a worktree holds: commits of its HEAD, and what is staged.

    For a folder that is gone, or that git cannot look at, before its entry goes. What the branch
    or the base holds needs no keeping.

    Raises:
        CannotPreserve: git could not answer; the entry has to stay.
    """
    main, entry = GitPlace(repo.git_dir), worktree_git_dir(repo.git_dir, path)
    if entry is None:
        return Preserved()
    try:
        head = await _head_of_entry(main, entry)
        staged = await _staged_in_entry(main, entry)
        kept = head
        if staged and staged not in await trees_of(main, [head] if head else []):
            signed = main.with_env(**identity_env(await identity(main) or _NOBODY, _NOBODY))
            message = f"weft: staged work of {task}\n\nPreserved because {why}.\n"
            kept = await commit_tree(signed, staged, [head] if head else [], message)
        tip = await resolve(main, HEADS + branch)
        if kept is None or (tip is not None and await is_ancestor(main, kept, tip)):
            return Preserved()
        if await _landed(main, repo, kept):
            return Preserved()
        return Preserved(await keep_commit(main, task, kept, why), kept)
    except (GitFailed, LookupError, OSError) as error:
        raise CannotPreserve(
            f"What git's entry of {path} holds could not be preserved: {error}",
            hint=f"Nothing was removed. Look at {entry}.",
        ) from error


async def _head_of_entry(main: GitPlace, entry: Path) -> str | None:
    """Return the commit of the entry's HEAD without asking the entry where its refs are."""
    try:
        text = (entry / "HEAD").read_text("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    name = text.removeprefix("ref: ")
    if is_object_id(text) or (name != text and is_full_ref(name)):
        return await resolve(main, name)
    return None  # an agent wrote into it: nothing that git would follow


async def _staged_in_entry(main: GitPlace, entry: Path) -> str:
    """Return what the entry's index holds as a tree; empty if it holds nothing that is whole."""
    if not (entry / "index").is_file():
        return ""
    with tempfile.TemporaryDirectory(prefix="weft-index-") as folder:
        index = Path(folder) / "index"
        copy_index(entry, index)
        try:
            return await _staged_tree(with_index(await filters_off(main), index))
        except GitFailed:
            return ""  # damaged: git could read nothing of it either


async def _whole_work(place: GitPlace, task: str, why: str) -> tuple[str | None, int]:
    """Return a commit that holds all of a worktree, and how many paths no commit held."""
    head = await resolve(place, "HEAD")
    with tempfile.TemporaryDirectory(prefix="weft-index-") as folder:
        index = Path(folder) / "index"
        copy_index(place.git_dir, index)
        private = with_index(await filters_off(place), index)
        await _refuse_embedded(private, task)
        staged = await _staged_tree(private)
        # Without --ignore-errors: a file that cannot be read is no reason to lose it.
        await run_git(private, "add", "--all")
        tree = await write_tree(private)
    head_tree = (await trees_of(place, [head]))[0] if head else ""
    count = await _difference(place, head_tree, tree)
    if head is not None and count == 0 and staged in ("", head_tree):
        return head, 0
    author = await identity(place) or _NOBODY
    signed = place.with_env(**identity_env(author, _NOBODY))
    parents = [head] if head else []
    if staged not in ("", head_tree, tree):
        parents.append(await commit_tree(signed, staged, parents, f"weft: staged work of {task}"))
    merging = _merge_head(place)
    if merging:
        parents.append(merging)
    message = f"weft: uncommitted work of {task}\n\nPreserved because {why}.\n"
    return await commit_tree(signed, tree, parents, message), max(count, 1)


async def _refuse_embedded(place: GitPlace, task: str) -> None:
    """Refuse what git would note only by its commit: repositories inside the worktree."""
    embedded = [path for path in await untracked_paths(place) if path.endswith("/")]
    if not embedded:
        entries = (await run_git(place, "ls-files", "--stage", "-z")).records
        links = [entry.split("\t", 1)[1] for entry in entries if entry.startswith(_GITLINK)]
        assert place.work_tree is not None
        embedded = [path for path in links if (place.work_tree / path / ".git").exists()]
    if embedded:
        raise CannotPreserve(
            f"The worktree of {task} holds a git repository of its own: {embedded[0]}",
            hint="Move it elsewhere first: only its commit, not its files, could be kept.",
        )


async def _staged_tree(place: GitPlace) -> str:
    """Return what is staged as a tree, or empty when a half-done merge leaves it undefined."""
    done = await run_git(place, "ls-files", "--unmerged", "-z")
    return "" if done.stdout else await write_tree(place)


def _merge_head(place: GitPlace) -> str | None:
    try:
        return (place.git_dir / _MERGE_HEAD).read_text("ascii").split("\n")[0]
    except FileNotFoundError:
        return None


async def _difference(place: GitPlace, old: str, new: str) -> int:
    if not old:
        return len((await run_git(place, "ls-tree", "-r", "--name-only", "-z", new)).records)
    done = await run_git(place, "diff-tree", "-r", "--name-only", "-z", "--no-renames", old, new)
    return len(done.records)


async def _newer(main: GitPlace, tip: str, head: str | None) -> str | None:
    """Return which of branch and HEAD holds the other, or a commit that holds both."""
    if head is None or await is_ancestor(main, head, tip):
        return tip
    if await is_ancestor(main, tip, head):
        return head
    tree = (await trees_of(main, [head]))[0]
    signed = main.with_env(**identity_env(_NOBODY))
    return await commit_tree(signed, tree, [head, tip], "weft: HEAD and branch lay apart")


async def _landed(main: GitPlace, repo: Repo, commit: str) -> bool:
    base = await resolve(main, repo.base_ref)
    if base is None:
        raise CannotPreserve(f"The base branch {repo.base} is gone.")
    return await is_ancestor(main, commit, base)


async def keep_commit(main: GitPlace, task: str, commit: str, why: str) -> str:
    """Point the next free number of the task's refs at *commit*, unless one is there already.

    Returns:
        The full name of the ref that holds it.
    """
    folder = f"{PRESERVED}{task}"
    while True:
        taken = await list_refs(main, f"{folder}/")
        for ref, oid in taken.items():
            if oid == commit:
                return ref
        number = 1 + max((_number(ref) for ref in taken), default=0)
        ref = f"{folder}/{number}"
        try:
            await update_ref(main, ref, commit, old=ABSENT, message=f"weft: {why}")
        except RefMoved:  # another process took the number
            continue
        return ref


def _number(ref: str) -> int:
    last = os.path.basename(ref)  # noqa: PTH119  a ref, not a path
    return int(last) if last.isdigit() else 0
