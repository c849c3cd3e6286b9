"""Agent profiles: what the settings and the built-in presets say of each kind of agent."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.agents.detection import age_problem, how_to_get, installed, learn
from core.agents.driver_table import DRIVERS
from core.agents.open_permit import open_problem
from core.agents.permissions import Policy
from core.agents.programs import named_program, program_for, programs
from core.agents.sandbox import sandbox_problem
from core.domain.overview import AgentChoice
from core.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.agents.detection import Installed
    from core.agents.driver import AgentDriver
    from core.agents.programs import Program
    from core.domain.repo import Repo
    from core.settings.layers import ProfileSettings, Settings


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """How one kind of agent is started.

    Attributes:
        name: The word after `--agent`.
        title: For people.
        driver: Which driver speaks with it.
        command: Program and arguments, with {task}, {worktree} and {prompt}.
        env: Variables that it gets on top of the allowed ones.
        permissions: `watched`, `sandboxed` or `open`.
        passed: Names of the person's own variables that it gets too.
        most: Its own cap on runs at once; 0 for none.
        home: Entries of the person's home that a sandboxed agent may use, such as `.claude`.
        network: Hosts that a sandboxed agent reaches; empty for none, `*` for all.
        program: The preset whose words for its driver apply, or empty.
    """

    name: str
    title: str
    driver: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    permissions: str = Policy.WATCHED
    passed: tuple[str, ...] = ()
    most: int = 0
    home: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    program: str = ""


@cache
def presets() -> Mapping[str, AgentProfile]:
    """Return the agents that are known without settings."""
    return MappingProxyType({name: _preset(program) for name, program in programs().items()})


def _preset(program: Program) -> AgentProfile:
    return AgentProfile(
        name=program.name,
        title=program.title,
        driver=program.driver,
        command=program.command,
        env={},
        passed=program.passed,
        home=program.home,
        network=program.network,
        program=program.name,
    )


def all_profiles(settings: Settings) -> Mapping[str, AgentProfile]:
    """Return every profile by name: the settings' first, then presets that they do not replace."""
    known = presets()
    own = {name: _own(found, known.get(name)) for name, found in settings.profiles.items()}
    return own | {name: preset for name, preset in known.items() if name not in own}


def _own(found: ProfileSettings, preset: AgentProfile | None) -> AgentProfile:
    """Return a profile of the settings; what it leaves open comes from the preset of its name."""
    home, network = found.home, found.network
    if home is None:
        home = preset.home if preset else ()
    if network is None:
        network = preset.network if preset else ()
    return AgentProfile(
        name=found.name,
        title=preset.title if preset else found.name,
        driver=found.driver,
        command=found.command,
        env=found.env,
        permissions=found.permissions,
        passed=preset.passed if preset else (),
        most=found.most,
        home=home,
        network=network,
        program=program.name if (program := program_for(found.name, found.driver)) else "",
    )


def find_profile(name: str, settings: Settings) -> AgentProfile:
    """Return the profile called *name*.

    Raises:
        NotFound: There is none; the hint names the nearest, or why it is withheld.
    """
    profiles = all_profiles(settings)
    if name in profiles:
        return profiles[name]
    if f"agents.{name}" in settings.withheld:
        raise NotFound(
            f"The agent profile {name!r} comes from the repository and is not trusted yet.",
            hint="Look at it and allow it: weft trust",
        )
    near = difflib.get_close_matches(name, profiles, n=1)
    known = ", ".join(sorted(profiles))
    raise NotFound(
        f"There is no agent profile {name!r}.",
        hint=f"Did you mean {near[0]!r}?" if near else f"There are: {known}.",
    )


def problem_of(profile: AgentProfile, *, path: str | None = None, repo: Repo | None = None) -> str:
    """Return one sentence that says why an agent of *profile* cannot run here, or nothing.

    Args:
        profile: The profile.
        path: The `PATH` to look on; the process's own when None.
        repo: Where it would run; without it, whether it may be open there is not looked at.
    """
    driver = DRIVERS.get(profile.driver)
    if driver is None:
        drivers = " or ".join(sorted(DRIVERS))
        return (
            f"The profile {profile.name!r} wants the driver {profile.driver!r}, which this Weft"
            f" does not have: use {drivers}."
        )
    if profile.permissions == Policy.SANDBOXED and (problem := sandbox_problem()):
        return f"The profile {profile.name!r} wants a sandbox. {problem}"
    if problem := _unheld_problem(profile):
        return problem
    if profile.permissions == Policy.OPEN and repo is not None:
        problem = open_problem(repo, profile.name)
        if problem:
            return problem
    return _program_problem(profile, driver, _search(profile, path))


def _unheld_problem(profile: AgentProfile) -> str:
    """Return why *profile* cannot be watched: its program does everything unasked, or nothing."""
    program = named_program(profile.program)
    if program is None or program.holds or profile.permissions != Policy.WATCHED:
        return ""
    other = program.name.rpartition("-")[0]
    return (
        f"The profile {profile.name!r} cannot be watched: {program.title} runs everything unasked."
        f" Use the profile {other!r}, or make this one sandboxed."
    )


async def learnt_problem(
    profile: AgentProfile, *, path: str | None = None, repo: Repo | None = None
) -> str:
    """Like `problem_of`, once its program was asked for its version if that was not known."""
    await learn_version(profile, path=path)
    return problem_of(profile, path=path, repo=repo)


async def learn_version(profile: AgentProfile, *, path: str | None = None) -> Installed | None:
    """Return the program that *profile* would start, asked for its version; None without one."""
    program = named_program(profile.program)
    if program is None:
        return None
    return await learn(program, profile.command, _search(profile, path))


def _program_problem(profile: AgentProfile, driver: AgentDriver, path: str | None) -> str:
    problem = driver.problem(profile.command, path)
    program = named_program(profile.program)
    if program is None:
        return problem
    if problem:
        same = profile.command[:1] == program.command[:1]
        return f"{problem.removesuffix('.')}{how_to_get(program)}." if same else problem
    return age_problem(program, installed(program, profile.command, path))


def _search(profile: AgentProfile, path: str | None) -> str | None:
    """Return the `PATH` that the program is looked for on."""
    return profile.env.get("PATH") or path or os.environ.get("PATH")


def profile_problem(name: str, settings: Settings, repo: Repo | None = None) -> str:
    """Like `problem_of`, by name; an unknown profile is a problem too."""
    try:
        return problem_of(find_profile(name, settings), repo=repo)
    except NotFound as error:
        return error.message


def available_profiles(settings: Settings, repo: Repo | None = None) -> tuple[AgentChoice, ...]:
    """Return every profile as a choice for people, with what keeps it from running."""
    return tuple(_choice(profile, repo) for profile in all_profiles(settings).values())


def _choice(profile: AgentProfile, repo: Repo | None) -> AgentChoice:
    problem = problem_of(profile, repo=repo)
    program = named_program(profile.program)
    cures = program is not None and bool(program.install) and how_to_get(program) in problem
    return AgentChoice(
        profile.name,
        profile.title,
        profile.driver,
        problem,
        profile.permissions,
        install=program.install if program is not None and cures else "",
    )
