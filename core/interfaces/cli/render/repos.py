"""Repositories, and the demo's last words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Block, Remark, line

if TYPE_CHECKING:
    from core.domain.repo import Repo


def registered(repo: Repo) -> list[Block]:
    """Say what was registered and what comes next."""
    if repo.moved_from is not None:
        return [
            line(f"{repo.name} was moved here from {repo.moved_from}; its board came along."),
            Remark("Whether every worktree was found: weft doctor"),
        ]
    return [
        line(
            f"{repo.name} registered: {repo.path}, base {repo.base}, worktrees {repo.layout.value}"
        ),
        *([Remark(repo.notice)] if repo.notice else []),
        Remark("Next: weft task add 'What is to be done'"),
    ]


def demo_ended(succeeded: bool) -> list[Block]:
    """Say how the demo ended, if it did not end well."""
    return [] if succeeded else [Remark("The demo did not come to its end.")]
