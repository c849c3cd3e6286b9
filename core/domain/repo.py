"""A git repository that Weft works in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class WorktreeLayout(StrEnum):
    """Where new worktrees go by default."""

    SIBLING = "sibling"
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Repo:
    """A registered repository.

    Attributes:
        id: Row id in the database.
        name: Folder name, shown on the board and used in path templates.
        path: Absolute folder of the main checkout; the git directory itself when bare.
        git_dir: Absolute common git directory.
        base: Short name of the branch that everything lands on, such as `main`.
        layout: Where new worktrees go when `worktree_path` is not set.
        drivers: External merge drivers that a person has allowed to run here, as configuration
            key and command; see `Engine.merge_repo`.
        moved_from: Where it was, in the answer that tells that its board followed it.
        notice: What registering it changed in its configuration, for people; else empty.
    """

    id: int
    name: str
    path: Path
    git_dir: Path
    base: str
    layout: WorktreeLayout
    drivers: tuple[tuple[str, str], ...] = ()
    moved_from: Path | None = field(default=None, compare=False)
    notice: str = field(default="", compare=False)

    @property
    def base_ref(self) -> str:
        """Return the full ref of the base branch."""
        return f"refs/heads/{self.base}"
