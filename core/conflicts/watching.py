"""Which branches moved, told by the file system, with a slow full look as the safety net.

Watched are the contenders' worktrees, and of the repository its refs and what it keeps for each
linked worktree (its HEAD, its index, a merge that is half done). Events are hints: they may be
lost (a network drive, no watches left), so from time to time everything counts as moved, and
where nothing can be watched that is all there is.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.git.refs import HEADS
from core.git.worktrees import worktree_git_dir

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
    from pathlib import Path

    from watchfiles._rust_notify import RustNotify

    from core.domain.conflict import Contender
    from core.domain.repo import Repo

logger = logging.getLogger(__name__)

QUIET_S: Final = 0.3
"""Nothing may have happened for so long before a change is told."""
LONGEST_S: Final = 2.0
"""Changes that never stop are told after this."""
FULL_LOOK_S: Final = 60.0

_OF_A_CHECKOUT: Final = frozenset(
    {"HEAD", "index", "MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"}
)


@dataclass(frozen=True, slots=True)
class Moved:
    """What may have changed since the last time.

    Attributes:
        tasks: Whose worktree or branch did; all of them with `everything`.
        everything: Look at every branch: the base moved, or it is time for the full look.
    """

    tasks: frozenset[str]
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Watched:
    """Where each task's work is, for telling whose a changed path is.

    Attributes:
        roots: What to watch, with everything below.
        folders: Folder → tasks: worktrees, and the folders that git keeps for linked ones.
        refs: Ref file → tasks.
        base: The ref file of the base.
        git_dir: The repository's common git directory.
    """

    roots: tuple[Path, ...]
    folders: Mapping[str, frozenset[str]]
    refs: Mapping[str, frozenset[str]]
    base: str
    git_dir: str

    @classmethod
    def of(cls, repo: Repo, contenders: Iterable[Contender]) -> Watched:
        """Find out where to look; reads a few small files."""
        git_dir = repo.git_dir.resolve()
        roots = {git_dir / "refs", git_dir / "worktrees"}
        folders: dict[str, set[str]] = {}
        refs: dict[str, set[str]] = {}
        for one in contenders:
            refs.setdefault(str(git_dir / HEADS / one.branch), set()).add(one.task)
            if one.worktree is None:
                continue
            worktree = one.worktree.resolve()
            roots.add(worktree)
            own = worktree_git_dir(git_dir, worktree)
            linked = [own.resolve()] if own is not None and own.resolve() != git_dir else []
            for folder in (worktree, *linked):
                folders.setdefault(str(folder), set()).add(one.task)
        return cls(
            tuple(sorted(root for root in roots if root.is_dir())),
            {folder: frozenset(tasks) for folder, tasks in folders.items()},
            {ref: frozenset(tasks) for ref, tasks in refs.items()},
            str(git_dir / repo.base_ref),
            str(git_dir),
        )

    @property
    def everything(self) -> Moved:
        """Return that all may have moved."""
        return Moved(frozenset().union(*self.refs.values()), everything=True)

    def moved(self, paths: Iterable[str]) -> Moved:
        """Return whose the changed *paths* are."""
        tasks: set[str] = set()
        for path in paths:
            if path.endswith(".lock"):
                continue
            if path == self.base:
                return self.everything
            tasks |= self.refs.get(path) or self._owners(path)
        return Moved(frozenset(tasks))

    def _owners(self, path: str) -> frozenset[str]:
        """Return the tasks of the innermost folder that holds *path*."""
        folder = path
        while (above := os.path.dirname(folder)) != folder:  # noqa: PTH120
            if folder in self.folders:
                return self._of_folder(folder, path)
            folder = above
        return frozenset()

    def _of_folder(self, folder: str, path: str) -> frozenset[str]:
        """Of the git directory in a main checkout only few files say that the checkout moved."""
        inside = f"{self.git_dir}{os.sep}"
        of_main = path.startswith(inside) and not folder.startswith(inside)
        if of_main and path.removeprefix(inside) not in _OF_A_CHECKOUT:
            return frozenset()
        return self.folders[folder]


async def moves(
    repo: Repo,
    contenders: Sequence[Contender],
    *,
    quiet_s: float = QUIET_S,
    full_look_s: float = FULL_LOOK_S,
) -> AsyncGenerator[Moved, None]:
    """Tell which tasks moved, until the iteration is closed (`contextlib.aclosing`).

    The first answer is that everything did, once watching has begun: whoever looks then and after
    each answer has missed nothing. Begin anew when the contenders change. Paths that git ignores
    count as well, so a task that is told may turn out to be where it was.

    Args:
        repo: The repository.
        contenders: The branches; those without a worktree move by their ref alone.
        quiet_s: How long nothing may have happened before a change is told.
        full_look_s: How often at least everything counts as moved.
    """
    loop = asyncio.get_running_loop()
    watched = await asyncio.to_thread(Watched.of, repo, contenders)
    stop = threading.Event()
    own_thread = ThreadPoolExecutor(1, thread_name_prefix="weft-watch")
    try:
        notify = await loop.run_in_executor(own_thread, _begin, watched.roots, full_look_s)
        yield watched.everything
        due = loop.time() + full_look_s
        while True:
            left_s = max(due - loop.time(), 0)
            news = _News(notify, watched, quiet_s, left_s, stop)
            moved = await loop.run_in_executor(own_thread, news.wait)
            if loop.time() >= due:
                moved, due = watched.everything, loop.time() + full_look_s
            if moved.tasks:
                yield moved
    finally:
        stop.set()  # the thread ends within *quiet_s*
        own_thread.shutdown(wait=False)


def _begin(roots: Sequence[Path], full_look_s: float) -> RustNotify | None:
    """Watch *roots*; None when the system does not let us."""
    from watchfiles._rust_notify import (  # 40 ms that no command pays
        RustNotify,
        WatchfilesRustInternalError,
    )

    try:
        return RustNotify([str(root) for root in roots], False, False, 0, True, True)
    except (OSError, WatchfilesRustInternalError) as error:
        logger.warning("nothing is watched, looked at every %.0f s: %s", full_look_s, error)
        return None


@dataclass(frozen=True, slots=True)
class _News:
    """One waiting for changes, in the watching thread."""

    notify: RustNotify | None
    watched: Watched
    quiet_s: float
    longest_s: float
    stop: threading.Event

    def wait(self) -> Moved:
        """Return what moved; nothing when *longest_s* passed or it was stopped."""
        if self.notify is None:
            self.stop.wait(self.longest_s)
            return Moved(frozenset())
        found = self.notify.watch(
            int(LONGEST_S * 1000),
            int(self.quiet_s * 1000),
            int(self.longest_s * 1000) + 1,  # 0 would be for ever
            self.stop,
        )
        if isinstance(found, str):  # "timeout" or "stop"
            return Moved(frozenset())
        return self.watched.moved(path for _, path in found)
