"""Leave for a profile to work in a repository without asking and without a sandbox.

Given by a person who typed the repository's name, to one profile in one repository; kept until
it is taken back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from core.clock import iso
from core.errors import UserError
from core.events import log
from core.store.schema import SettingRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from core.domain.repo import Repo

_NAME: Final = "open"


class WrongRepoName(UserError):
    """What was typed is not the repository's name: then nothing is allowed."""

    code = "wrong_repo_name"


def allow_open(repo: Repo, profile: str, *, typed: str, now: datetime, actor: str) -> None:
    """Let *profile* be open in *repo*; *typed* is what the person typed as its name.

    Raises:
        WrongRepoName: It is not exactly the repository's name.
    """
    if typed != repo.name:
        raise WrongRepoName(
            f"{typed!r} is not the name of this repository.",
            hint=f"Type it to let {profile!r} do anything here without asking: {repo.name}",
        )
    if is_open_allowed(repo, profile):
        return
    with transaction():
        value = json.dumps({"actor": actor, "at": iso(now)})
        SettingRow.create(name=_key(repo, profile), value=value)
        log.record("permissions.opened", now, actor=actor, repo=str(repo.path), profile=profile)


def revoke_open(repo: Repo, profile: str, *, now: datetime, actor: str) -> bool:
    """Take the leave back; False when there was none. Runs under way go on."""
    with transaction():
        gone = SettingRow.delete().where(SettingRow.name == _key(repo, profile)).execute()
        if gone:
            log.record("permissions.closed", now, actor=actor, repo=str(repo.path), profile=profile)
    return bool(gone)


def is_open_allowed(repo: Repo, profile: str) -> bool:
    """Return whether a person has let *profile* be open in *repo*."""
    return bool(SettingRow.select().where(SettingRow.name == _key(repo, profile)).exists())


def open_problem(repo: Repo, profile: str) -> str:
    """Return one sentence that says what keeps *profile* from being open in *repo*, or nothing."""
    if is_open_allowed(repo, profile):
        return ""
    return (
        f"The profile {profile!r} would work here without asking and without a sandbox:"
        f" allow it on the settings page, or with `weft permit {profile} --repo-name NAME`."
    )


def _key(repo: Repo, profile: str) -> str:
    return f"{_NAME}:{repo.path}:{profile}"
