"""Push one branch to where it is followed: by lease, never a rewrite, and nobody is asked.

The address is given to git itself, after a look at it; what the repository's own configuration
would run on the way (a transport, a proxy, a credential helper) is refused, because an agent
could have written it. The person's own helpers and ssh work, as long as they need not ask.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.git.command import GitFailed, run_git
from core.git.config import config_entries, config_value, executable_entries
from core.git.refs import HEADS, RefMoved, is_ancestor, object_id, resolve, update_ref

if TYPE_CHECKING:
    from core.git.command import GitPlace

_PATIENCE_S: Final = 120.0
_ADDRESS: Final = re.compile(
    r"(?:https|ssh)://[^-\s][^\s]*|file:///\S.*|/\S.*|[A-Za-z0-9_.]+@[A-Za-z0-9][^\s:]*:[^\s]+"
)
_ON_THE_WAY: Final = re.compile(
    r"remote\..*|url\..*|credential\..*|include.*|core\.(?:sshcommand|askpass|gitproxy)",
    re.IGNORECASE | re.DOTALL,
)
_HELPER: Final = re.compile(r"credential\.(?:.*\.)?helper\Z", re.DOTALL)
_SILENT: Final = {
    "GCM_INTERACTIVE": "never",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
}


class CannotPush(Exception):
    """Why a push was not tried, or was refused, as a sentence."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where a branch is followed: the remote's name, its address, the ref there and here."""

    remote: str
    address: str
    ref: str
    tracking: str


async def upstream_of(place: GitPlace, branch: str) -> Upstream | None:
    """Return where *branch* (short name) is pushed to; None when it is on no remote."""
    entries = dict(await config_entries(place))
    remote = entries.get(f"branch.{branch}.remote", "origin")
    address = entries.get(f"remote.{remote}.pushurl") or entries.get(f"remote.{remote}.url")
    if remote == "." or not address:
        return None
    ref = entries.get(f"branch.{branch}.merge", HEADS + branch)
    return Upstream(remote, address, ref, f"refs/remotes/{remote}/{ref.removeprefix(HEADS)}")


async def push(place: GitPlace, upstream: Upstream, commit: str) -> None:
    """Set the remote's branch to *commit*, if it is still where it was last seen.

    Raises:
        CannotPush: It has moved, *commit* does not build on it, the address or the repository's
            configuration cannot be trusted, or the remote refused.
    """
    await _look_first(place, upstream)
    known = await resolve(place, upstream.tracking)
    if known is not None and not await is_ancestor(place, known, commit):
        raise CannotPush(f"{upstream.remote} has commits that are not here: fetch them first.")
    lease = () if known is None else (f"--force-with-lease={upstream.ref}:{known}",)
    quiet = place.with_env(**_SILENT, GIT_SSH_COMMAND=await _ssh(place))
    quiet = quiet.with_config(*await _helpers(place))
    try:
        await run_git(
            quiet, "push", "--porcelain", "--no-verify", "--no-recurse-submodules", *lease,
            "--end-of-options", upstream.address, f"{object_id(commit)}:{upstream.ref}",
            timeout_s=_PATIENCE_S,
        )  # fmt: skip
    except GitFailed as error:
        raise CannotPush(_said(error)) from error
    try:
        await update_ref(place, upstream.tracking, commit, old=known, message="weft: push")
    except RefMoved:
        return  # somebody has fetched meanwhile


async def _look_first(place: GitPlace, upstream: Upstream) -> None:
    if not _ADDRESS.fullmatch(upstream.address):
        raise CannotPush(f"The address of {upstream.remote} is none that Weft pushes to.")
    suspect = [key for key, _ in await executable_entries(place) if _ON_THE_WAY.match(key)]
    if suspect:
        raise CannotPush(f"The repository's own configuration sets {suspect[0]}: push by hand.")


async def _ssh(place: GitPlace) -> str:
    mine = os.environ.get("GIT_SSH_COMMAND") or await config_value(place, "core.sshCommand")
    return f"{mine or 'ssh'} -o BatchMode=yes"


async def _helpers(place: GitPlace) -> list[tuple[str, str]]:
    """Return the person's own credential helpers, which Weft's calls else go without."""
    return [(key, value) for key, value in await config_entries(place) if _HELPER.match(key)]


def _said(error: GitFailed) -> str:
    """Return git's own word for what went wrong, in one line."""
    lines = [line.strip() for line in error.stderr.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("!", "fatal:", "error:", "remote:"))]
    return (telling or lines or ["git refused."])[0]
