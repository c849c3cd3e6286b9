"""The repository's private ignore list, `info/exclude`: what Weft puts into a repo stays unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def ensure_excluded(common_dir: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """Add ignore patterns that are not there yet; return those that were added.

    The list counts for the main checkout and every worktree, and is never committed.
    """
    file = common_dir / "info" / "exclude"
    text = file.read_text("utf-8", "surrogateescape") if file.exists() else ""
    present = set(text.splitlines())
    added = tuple(dict.fromkeys(line for line in patterns if line not in present))
    if added:
        file.parent.mkdir(exist_ok=True)
        start = "\n" if text and not text.endswith("\n") else ""
        with file.open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as out:
            out.write(start + "".join(f"{line}\n" for line in added))
    return added
