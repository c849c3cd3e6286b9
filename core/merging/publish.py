"""Take the base to its remote after a landing, where the settings ask for it; told in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import EnvironmentFault
from core.git.command import GitPlace
from core.git.push import CannotPush, push, upstream_of
from core.git.refs import is_ancestor, resolve

if TYPE_CHECKING:
    from core.domain.repo import Repo


async def push_base(repo: Repo, commit: str) -> str:
    """Push the base's *commit*, and return a sentence that says what became of it.

    What has landed here stays landed, whatever the remote says.
    """
    place = GitPlace(repo.git_dir)
    upstream = await upstream_of(place, repo.base)
    if upstream is None:
        return f"{repo.base} is on no remote: nothing was pushed."
    try:
        await push(place, upstream, commit)
    except (CannotPush, EnvironmentFault) as error:
        said = str(error).rstrip(".")
        return (
            f"{repo.base} was not pushed to {upstream.remote}: {said}."
            f" By hand: git push {upstream.remote} {repo.base}"
        )
    return f"Pushed {repo.base} to {upstream.remote}."


async def left_on_remote(repo: Repo, commit: str) -> str:
    """Return the sentence that a remote still holds *commit*; empty when none is known to."""
    place = GitPlace(repo.git_dir)
    upstream = await upstream_of(place, repo.base)
    seen = None if upstream is None else await resolve(place, upstream.tracking)
    if upstream is None or seen is None or not await is_ancestor(place, commit, seen):
        return ""
    return (
        f"{upstream.remote} still holds what was taken back: revert it there, if others have it"
        " already."
    )
