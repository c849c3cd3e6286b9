"""Linked worktrees: list, add, remove, lock; always seen from the main repository.

What lies inside a worktree, its `.git` file included, can be rewritten by whoever works there.
So the git directory of a worktree is looked up in the main repository's `worktrees` folder, and
its way back to the repository is checked before it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import EnvironmentFault
from core.git.command import GitPlace, run_git
from core.git.refs import HEADS, full_ref, object_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class WorktreeEntry:
    """One line of `git worktree list`.

    Attributes:
        path: Absolute folder; it may be gone, then `prunable` says so.
        head: Commit, or None when bare or unborn.
        branch: Full ref, or None when detached or bare.
        is_bare: This is the main entry of a bare repository.
        locked: The reason, empty without one; None when not locked.
        prunable: Why git would drop the entry; None when it would not.
    """

    path: Path
    head: str | None = None
    branch: str | None = None
    is_bare: bool = False
    locked: str | None = None
    prunable: str | None = None


def parse_worktree_list(records: Iterable[str]) -> tuple[WorktreeEntry, ...]:
    """Parse `worktree list --porcelain -z`: attribute records, an empty one after each entry."""
    found: list[WorktreeEntry] = []
    fields: dict[str, str] = {}
    for record in records:
        if record:
            key, _, value = record.partition(" ")
            fields[key] = value
        elif fields:
            found.append(_entry(fields))
            fields = {}
    return tuple(found)


def _entry(fields: dict[str, str]) -> WorktreeEntry:
    head = fields.get("HEAD")
    return WorktreeEntry(
        path=Path(fields["worktree"]),
        head=None if head is None or set(head) == {"0"} else head,
        branch=fields.get("branch"),
        is_bare="bare" in fields,
        locked=fields.get("locked"),
        prunable=fields.get("prunable"),
    )


async def list_worktrees(place: GitPlace, *, main: Path | None = None) -> tuple[WorktreeEntry, ...]:
    """Return every worktree, the main checkout first.

    *main* is the folder of that one where the caller acts on it: of a checkout whose git directory
    lies elsewhere, such as a submodule's, git names that directory in its place.
    """
    done = await run_git(place, "worktree", "list", "--porcelain", "-z")
    found = parse_worktree_list(done.records)
    if main is None or not found or found[0].is_bare:
        return found
    return (replace(found[0], path=main), *found[1:])


async def add_worktree(
    place: GitPlace,
    path: Path,
    branch: str,
    *,
    start: str | None = None,
    checkout: bool = True,
) -> None:
    """Make a worktree; hooks do not run, filters of the repository do (see `filters_off`).

    Args:
        place: The main repository. Callers add one at a time per repo: git's own bookkeeping
            of new worktrees is not made for races.
        path: Absolute folder that is not there yet, or empty.
        branch: Short name. It must exist when *start* is None, and must not otherwise.
        start: Commit to make the branch at.
        checkout: False leaves the folder without files.
    """
    full_ref(HEADS + branch)
    options = [] if checkout else ["--no-checkout"]
    if start is not None:
        options += ["--no-track", "-b", branch]
    target = branch if start is None else object_id(start)
    await run_git(place, "worktree", "add", "--quiet", *options, "--", str(path), target)


async def remove_worktree(place: GitPlace, path: Path, *, force: bool = False) -> None:
    """Remove a worktree and its folder; without *force* git refuses if work would be lost.

    With *force* even a locked one goes. Preserve its work first.
    """
    options = ["--force", "--force"] if force else []
    await run_git(place, "worktree", "remove", *options, "--", str(path))


async def lock_worktree(place: GitPlace, path: Path, reason: str) -> None:
    """Keep git from pruning or moving a worktree."""
    await run_git(place, "worktree", "lock", f"--reason={reason}", "--", str(path))


async def repair_worktree(place: GitPlace, path: Path) -> None:
    """Mend the links between the repository and a worktree that was moved by hand."""
    await run_git(place, "worktree", "repair", "--", str(path))


def worktree_git_dir(common_dir: Path, path: Path) -> Path | None:
    """Return `<common>/worktrees/<id>` of the worktree at *path*, or None if git knows none."""
    wanted = path.absolute()
    for git_dir, folder in _linked(common_dir):
        if folder == wanted or (folder.exists() and wanted.exists() and folder.samefile(wanted)):
            return git_dir
    return None


def worktree_place(common_dir: Path, path: Path) -> GitPlace:
    """Return the place of the worktree at *path*, linked or main, without asking its `.git` file.

    Raises:
        EnvironmentFault: The repository has no such worktree, its folder is gone, or somebody
            made it point to another repository: git takes a worktree's refs from where its
            `commondir` file says, whatever the environment.
    """
    if not path.is_dir():
        raise EnvironmentFault(f"The worktree {path} is gone.")
    if common_dir.parent == path:
        return GitPlace(common_dir, path)
    git_dir = worktree_git_dir(common_dir, path)
    if git_dir is None:
        raise EnvironmentFault(f"{path} is not a worktree of the repository {common_dir}.")
    if not _belongs(git_dir, common_dir):
        raise EnvironmentFault(
            f"{git_dir / 'commondir'} was changed by hand and points to another repository.",
            hint=f"It should hold one line: {common_dir}",
        )
    return GitPlace(git_dir, path, {"GIT_COMMON_DIR": str(common_dir)})


def rewritten_links(common_dir: Path, path: Path) -> tuple[str, ...]:
    """Return what was changed by hand in the links between a worktree and its repository.

    Weft's own calls do not follow these links; a person's or an agent's git does. Empty when
    all is as git made it. Each element is a whole sentence.
    """
    git_dir = worktree_git_dir(common_dir, path)
    if git_dir is None:
        return (f"The repository knows no worktree at {path}.",)
    problems = []
    link = _first_line(path / ".git").removeprefix("gitdir: ")
    if not link or (path / link).resolve() != git_dir.resolve():
        problems.append(f"{path / '.git'} does not point to {git_dir}.")
    if not _belongs(git_dir, common_dir):
        problems.append(f"{git_dir / 'commondir'} does not point to {common_dir}.")
    return tuple(problems)


def _belongs(git_dir: Path, common_dir: Path) -> bool:
    common = _first_line(git_dir / "commondir")
    return bool(common) and (git_dir / common).resolve() == common_dir.resolve()


def _linked(common_dir: Path) -> Iterator[tuple[Path, Path]]:
    """Yield (git dir, worktree folder) of every linked worktree."""
    folder = common_dir / "worktrees"
    if not folder.is_dir():
        return
    for git_dir in sorted(folder.iterdir()):
        target = _first_line(git_dir / "gitdir")
        if target:
            yield git_dir, (git_dir / target).parent  # git 2.48 may write a relative one


def _first_line(file: Path) -> str:
    if not file.is_file():
        return ""  # a pipe would never end
    try:
        text = file.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""
    return text.rstrip("\n")
