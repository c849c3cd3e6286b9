"""What a runner is told: the settings of the moment of the start, kept in the run's row.

So a runner reads no settings, and a change of them does not reach into a run under way. No
secret is in it: the values of the person's own variables come with the runner's environment.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROMPT_FILE: Final = "prompt.md"
LOG_FILE: Final = "runner.log"
TOKEN_VARIABLE: Final = "WEFT_LAUNCH_TOKEN"  # noqa: S105  the name of the variable


@dataclass(frozen=True, slots=True)
class RunOrder:
    """How one run is to be done.

    Attributes:
        driver: Name of the agent's driver.
        command: The profile's command, fields not yet replaced.
        program: The preset that knows the command's program, or empty.
        env: The profile's own variables.
        passed: The person's variables that the agent may see, all names.
        identity: (name, e-mail) that commits carry.
        base: Short name of the base branch.
        title: Title of the task: the message of a commit of leftovers.
        commit_leftovers: Whether to commit what is left uncommitted at a good end.
        run_filters: Whether the repository's content filters may run in that commit.
        lease_s: Length of the claim's lease.
        beat_s: Time between two signs of life.
        limit_s: Longest time of the run, 0 for none.
        max_attempts: Attempts after which the task is escalated.
        agent: Name of the profile.
        permissions: The profile's policy: watched, sandboxed or open.
        session: The agent's own session to go on with, or empty.
        idle_s: Longest silence of a working agent, 0 for none.
        retry_s: First wait after a rate limit that names no time; doubled each time.
        budget_task_usd: What all runs of the task may cost before a person is asked, 0 for all.
        budget_day_usd: The same for all runs of the repository in one day.
        home: Entries of the person's home that a sandbox lets through.
        network: Hosts that a sandbox lets through; `*` for all.
        launcher: (pid, start time) of the process that starts the runner; once that is dead and
            no runner came, none will.
    """

    driver: str
    command: tuple[str, ...]
    base: str
    title: str
    identity: tuple[str, str]
    env: Mapping[str, str] = field(default_factory=dict)
    passed: tuple[str, ...] = ()
    commit_leftovers: bool = True
    run_filters: bool = False
    lease_s: float = 600.0
    beat_s: float = 10.0
    limit_s: float = 0.0
    max_attempts: int = 2
    program: str = ""
    permissions: str = "watched"
    home: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    agent: str = ""
    session: str = ""
    idle_s: float = 0.0
    retry_s: float = 30.0
    budget_task_usd: float = 0.0
    budget_day_usd: float = 0.0
    launcher: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return what the run's row keeps, as JSON values."""
        return asdict(self)

    @classmethod
    def parse(cls, text: str) -> RunOrder:
        """Return the order that `as_dict` was made of; unknown keys of a newer Weft are left out.

        Raises:
            ValueError: It is none.
        """
        raw = json.loads(text)
        known = {name: raw[name] for name in cls.__slots__ if name in raw}
        for name in ("command", "passed", "identity", "home", "network", "launcher"):
            known[name] = tuple(known.get(name, ()))
        try:
            return cls(**known)
        except TypeError as error:
            raise ValueError(f"not an order for a run: {error}") from error
