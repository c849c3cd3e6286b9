"""Take back what was brought into a task's branch last: a resolution, or the base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.resolution import Brought
from core.errors import Refused
from core.git.command import GitPlace
from core.git.commits import read_commit, trailers_of
from core.git.diff import changed_paths
from core.git.refs import update_ref
from core.merging.branch_commit import Advance, put_on_branch, refuse_unless_ready
from core.merging.early_cure import head_of
from core.merging.messages import TASK_TRAILER

if TYPE_CHECKING:
    from core.domain.repo import Repo
    from core.git.commits import Commit
    from core.merging.branch_commit import Spot

KEPT: Final = "refs/weft/taken-back/"


async def take_back(
    repo: Repo, spot: Spot, *, last: str | None = None, run_filters: bool = False
) -> Brought:
    """Put a branch and its worktree back to before Weft's last merge into it.

    The commit stays reachable below `refs/weft/taken-back/`. Uncommitted files elsewhere stay as
    they are.

    Args:
        repo: The repository.
        spot: The task's branch and worktree.
        last: The commit that is to be taken back; whatever Weft merged last if left out.
        run_filters: Whether content filters may run: only in a trusted repository.

    Raises:
        NotFound: The branch is gone.
        Refused: The branch's last commit is another one, or no merge of Weft's, or uncommitted
            files are in the way; nothing was changed.
    """
    head = await head_of(repo, spot)
    place = GitPlace(repo.git_dir)
    commit = await read_commit(place, head)
    if last not in (None, head) or not _is_ours(commit, spot):
        raise Refused(
            f"The last commit of {spot.branch} is not what Weft brought into it.",
            reasons=(f"It is {head[:12]}: {commit.subject}",),
            hint="Take it back by hand, in its worktree: git revert or git reset --keep.",
        )
    before = commit.parents[0]
    await refuse_unless_ready(repo, spot)
    await update_ref(place, f"{KEPT}{spot.task}/{head[:12]}", head, message="weft: take back")
    way = Advance(head, before, "weft: take back a merge")
    await put_on_branch(repo, spot, way, run_filters=run_filters)
    files = tuple(sorted(await changed_paths(place, head, before)))
    return Brought(
        spot.task,
        spot.branch,
        commit.subject.removeprefix("Merge ").partition(" into ")[0],
        head,
        before,
        files,
        (f"The commit is kept as {KEPT}{spot.task}/{head[:12]}.",),
        taken_back=True,
    )


def _is_ours(commit: Commit, spot: Spot) -> bool:
    return (
        len(commit.parents) > 1
        and commit.subject.startswith("Merge ")
        and f" into {spot.branch}" in commit.subject
        and (TASK_TRAILER, spot.task) in trailers_of(f"{commit.subject}\n\n{commit.body}")
    )
