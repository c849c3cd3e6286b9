"""The atomic act by which one worker, and no other, owns a task."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """What a successful claim gives; the fields are the contract's JSON.

    `fence` grows with every claim of the task: whoever writes with an older one is refused.
    `warnings` are sentences that did not stop the claim (declared files that meet another's).
    """

    task: str
    worker: str
    branch: str
    worktree: str
    base: str
    base_sha: str
    fence: int
    warnings: tuple[str, ...] = ()
