"""What past commits changed: subjects and paths, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.git.command import run_git
from core.git.parsing import off_loop
from core.git.refs import object_id

if TYPE_CHECKING:
    from core.git.command import GitPlace


@dataclass(frozen=True, slots=True)
class PastCommit:
    """A commit's subject and the paths that it changed; a rename is two paths."""

    subject: str
    paths: tuple[str, ...]


async def past_commits(place: GitPlace, tip: str, *, limit: int) -> tuple[PastCommit, ...]:
    """Return the newest *limit* commits of *tip*, without merges; one process."""
    done = await run_git(
        place, "log", "-z", "--name-only", "--no-renames", "--no-merges", "--no-show-signature",
        "--format=%x00%s", f"--max-count={limit}", "--end-of-options", object_id(tip),
    )  # fmt: skip
    return await off_loop(parse_history, done.stdout)


def parse_history(stdout: bytes) -> tuple[PastCommit, ...]:
    r"""Parse `log -z --name-only --format=%x00%s`: `NUL subject NUL (LF path NUL path NUL*)?`."""
    found: list[PastCommit] = []
    subject: str | None = None
    paths: list[str] = []
    records = iter(stdout.decode("utf-8", "surrogateescape").split("\0")[:-1])
    for record in records:
        if record:  # no path is empty, so an empty record begins a commit
            paths.append(record if paths else record.removeprefix("\n"))
            continue
        if subject is not None:
            found.append(PastCommit(subject, tuple(paths)))
        subject, paths = next(records, ""), []
    if subject is not None:
        found.append(PastCommit(subject, tuple(paths)))
    return tuple(found)


async def file_names(place: GitPlace, treeish: str) -> frozenset[str]:
    """Return the path of every file of a commit or tree; one process."""
    done = await run_git(
        place, "ls-tree", "-r", "-z", "--name-only", "--full-tree", object_id(treeish)
    )
    return frozenset(done.records)
