"""Write the readable logs into their folder: `DAY.md`, `tasks/KEY.md`, `workers/NAME.md`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT: Final = ".ai/logs/parallel-work"


def folder_of(repo: Path, setting: str) -> Path:
    """Return where the logs go; *setting* is relative to the repository, or empty for DEFAULT.

    Raises:
        UserError: It would lie outside the repository or below `.git`.
    """
    target = Path(os.path.normpath(repo / (setting or DEFAULT)))
    inside = target.is_relative_to(repo) and target != repo
    if not inside or target.relative_to(repo).parts[0].lower() == ".git":
        raise UserError(
            f"log_dir {setting!r} is not a folder inside the repository.",
            hint=f"Use a relative path such as {DEFAULT}.",
        )
    for part in (target, *target.parents):
        if part == repo:
            break
        if part.is_symlink():
            raise UserError(f"{part} is a link: logs are not written through links.")
    return target


def write_logs(folder: Path, texts: Mapping[str, str]) -> tuple[str, ...]:
    """Write each text under its relative name, each file whole or not at all; return the paths.

    Raises:
        EnvironmentFault: The folder cannot be written to.
    """
    written = []
    for name, text in texts.items():
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            half = target.with_name(f".{target.name}.half")
            half.write_text(text, encoding="utf-8", newline="\n")
            half.replace(target)
        except OSError as error:
            raise EnvironmentFault(
                f"The log {target} cannot be written: {error.strerror}.",
                hint="Free space or give write permission, or empty log_dir.",
            ) from error
        written.append(str(target))
    return tuple(written)
