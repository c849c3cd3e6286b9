"""Resolve a conflict in the merge tool that the person's git is set up with.

The tool works in a scratch checkout of Weft's own bare repository. It is started with the
person's own settings; of the repository's `.git/config`, which an agent could have written, only
the tool's name is taken, never a command.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault, Refused
from core.git.command import GitPlace, run_git
from core.git.config import config_value
from core.git.objects import read_blobs
from core.git.private_index import unmerged_paths, write_tree
from core.git.quarantine import quarantine
from core.git.scratch_checkout import lay_out
from core.git.worktrees import worktree_place
from core.merging.resolve import (
    put_resolution,
    refuse_markers,
    refuse_unless_clean,
    write_resolution,
)
from core.merging.trial import make_trial
from core.paths import scratch_folder
from core.processes.programs import own_environment

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from core.domain.repo import Repo
    from core.domain.resolution import Brought, Dispute
    from core.git.quarantine import Quarantine
    from core.merging.branch_commit import Spot
    from core.merging.trial import Trial

_STDERR: Final = 2
_END_S: Final = 3.0


async def configured_tool(repo: Repo) -> str | None:
    """Return the name of the merge tool in the person's git settings, or None."""
    place = GitPlace(repo.git_dir)
    return await config_value(place, "merge.guitool") or await config_value(place, "merge.tool")


async def resolve_with_tool(
    repo: Repo, dispute: Dispute, spot: Spot, *, now: datetime, run_filters: bool = False
) -> Brought:
    """Open the conflict in the merge tool; when it ends, commit what it made on the branch.

    Its terminal, if it wants one, is this process's.

    Raises:
        Refused: No tool is set up, it left files unresolved or with markers, or the worktree
            cannot take the resolution.
        EnvironmentFault: git could not be started.
    """
    tool = await configured_tool(repo)
    if tool is None:
        raise Refused(
            "git knows no merge tool of yours.",
            hint="Name one, such as: git config --global merge.tool meld",
        )
    if not dispute.files:
        raise Refused(f"{dispute.task} and {dispute.right_name} do not collide (any more).")
    await refuse_unless_clean(repo, spot)
    async with quarantine(
        GitPlace(repo.git_dir), scratch_folder("quarantine"), drivers=repo.drivers
    ) as held:
        trial = await make_trial(held, dispute)
        folder = held.place.git_dir.parent / "resolve"
        there = await _conflicted_checkout(held, trial, folder)
        await _run_tool(tool, folder)
        tree = await _resolved_tree(there, trial)
        commit = await write_resolution(repo, held, dispute, tree, now=now)
    return await put_resolution(repo, dispute, spot, commit, run_filters=run_filters)


async def _conflicted_checkout(held: Quarantine, trial: Trial, folder: Path) -> GitPlace:
    """Lay the merged tree out, with its conflicts in the index as a merge leaves them."""
    await lay_out(held, held.write_commit(trial.outcome.tree, [trial.left], "resolve"), folder)
    there = worktree_place(held.place.git_dir, folder)
    there = there.with_env(**held.place.extra_env).with_config(*held.place.config)
    absent = "0" * len(trial.outcome.tree)
    gone = [f"0 {absent}\t{raw}\0" for sides in trial.files for raw in sides.raw]
    staged = [
        f"{entry.mode} {entry.oid} {int(entry.stage)}\t{entry.path}\0"
        for entry in trial.outcome.entries
    ]
    await run_git(
        there, "update-index", "-z", "--index-info", stdin=os.fsencode("".join(gone + staged))
    )  # fmt: skip
    return there


async def _run_tool(tool: str, folder: Path) -> None:
    environment = {
        name: value
        for name, value in own_environment(os.environ).items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG_")
    }
    argv = ("git", "mergetool", "--no-prompt", f"--tool={tool}")
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, cwd=folder, env=environment, stdout=_STDERR
        )
    except OSError as error:
        raise EnvironmentFault(f"git could not be started: {error.strerror}.") from error
    try:
        await process.wait()  # what it made counts, not its status
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait((asyncio.ensure_future(process.wait()),), timeout=_END_S)


async def _resolved_tree(there: GitPlace, trial: Trial) -> str:
    """Return what the tool left, staged by git's own mergetool.

    Raises:
        Refused: Files are unresolved, or hold markers.
    """
    unresolved = await unmerged_paths(there)
    if unresolved:
        raise Refused(
            "The merge tool left files unresolved; nothing was committed.", reasons=unresolved
        )
    tree = await write_tree(there)
    names = {sides.path: f"{tree}:{sides.path}" for sides in trial.files}
    blobs = await read_blobs(there, names.values())
    for sides in trial.files:
        refuse_markers(sides, blobs[names[sides.path]] or b"")
    return tree
