"""The sandbox of one run: what its order lets through, around its worktree and branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.agents.permissions import Policy

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.runner.records import Assignment


def sandbox_words(
    mine: Assignment,
    environment: Mapping[str, str],
    *,
    scratch: Path,
    writable: tuple[Path, ...] = (),
) -> tuple[str, ...]:
    """Return the words that put the agent into its sandbox; none unless its profile wants one.

    Args:
        mine: The run.
        environment: The agent's whole environment.
        scratch: The run's own folder for what the agent and its driver write; made if need be.
        writable: What else it must reach, such as the runner's socket; it has to be there.

    Raises:
        DriverUnavailable: There is no sandbox here, or none can be made around the branch.
    """
    order = mine.order
    if order.permissions != Policy.SANDBOXED:
        return ()
    from core.agents.sandbox import Surroundings, wrapping  # memory: few runs need it

    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    around = Surroundings(
        worktree=mine.worktree,
        common_dir=mine.repo.git_dir,
        branch=mine.branch,
        base=mine.repo.base,
        command=order.command,
        environment=environment,
        home=order.home,
        network=order.network,
        writable=(scratch, *writable),
        scratch=scratch,
    )
    return wrapping(order.permissions, around)
