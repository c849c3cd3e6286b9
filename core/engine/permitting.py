"""Let a profile be open here, or take that back; and say how far each profile is let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.agents import open_permit
from core.agents.permissions import Policy
from core.agents.profiles import all_profiles, find_profile, problem_of
from core.domain.overview import PermitView
from core.errors import Refused
from core.workers.registry import list_workers

if TYPE_CHECKING:
    from core.engine.context import Engine


def permit(
    engine: Engine, profile: str, *, repo_name: str | None = None, revoke: bool = False
) -> PermitView:
    """Allow an open profile in this repository by its typed name, or take the leave back.

    With neither a name nor *revoke* nothing changes. Runs under way go on as they are.

    Raises:
        NotFound: There is no such profile.
        Refused: The profile is not open, so there is nothing to allow.
        WrongRepoName: What was typed is not this repository's name.
    """
    repo, now = engine.repo, engine.now()
    if revoke:
        open_permit.revoke_open(repo, profile, now=now, actor=engine.actor)
    found = find_profile(profile, engine.settings())
    if repo_name is not None and not revoke:
        if found.permissions != Policy.OPEN:
            raise Refused(
                f"The profile {profile!r} is {found.permissions}: there is nothing to allow.",
                hint=f'It would be open with permissions = "open" in [agents.{profile}].',
            )
        open_permit.allow_open(repo, profile, typed=repo_name, now=now, actor=engine.actor)
    allowed = open_permit.is_open_allowed(repo, profile)
    return PermitView(repo.name, profile, found.permissions, allowed)


def permits(engine: Engine) -> tuple[PermitView, ...]:
    """Return how far each profile is let go that matters here, the open ones first.

    Those are the open ones, those of this repository's workers, and those that could run.
    """
    repo = engine.repo
    workers = list_workers(repo, now=engine.now(), stale_after=engine.stale_after())
    used = {worker.agent for worker in workers}
    found = [
        PermitView(
            repo.name,
            profile.name,
            profile.permissions,
            open_permit.is_open_allowed(repo, profile.name),
        )
        for profile in all_profiles(engine.settings()).values()
        if profile.permissions == Policy.OPEN or profile.name in used or not problem_of(profile)
    ]
    return tuple(sorted(found, key=lambda one: (one.permissions != Policy.OPEN, one.profile)))
