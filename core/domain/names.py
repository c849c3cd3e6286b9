"""Keys, worker names and slugs: the grammar of what becomes part of paths and refs."""

from __future__ import annotations

import os
import re
from typing import Final

from core.errors import UsageError

NAME_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WINDOWS: Final = os.name == "nt"
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)


def name_problem(name: str) -> str | None:
    """Return what is wrong with *name* as a key or worker name, or None.

    Source:
        Contract, part 1: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`, no `..`, not ending in `.` or
        `.lock`; so that no name can leave its folder or be refused as a git ref. On Windows no
        device's name either: there can be no folder and no ref of that name.
    """
    if not name:
        return "it is empty"
    if not NAME_PATTERN.fullmatch(name):
        return "it must be 1 to 64 of A-Z a-z 0-9 . _ - and begin with a letter or digit"
    if ".." in name:
        return "it must not contain '..'"
    if name.endswith(".") or name.lower().endswith(".lock"):
        return "it must not end in '.' or '.lock'"
    if _WINDOWS and _DEVICES.match(name):
        return "Windows has a device of that name"
    return None


def check_name(kind: str, name: str) -> str:
    """Return *name*, or raise UsageError that says what is wrong; *kind* is 'task key' etc."""
    problem = name_problem(name)
    if problem is not None:
        example = _EXAMPLES.get(kind)
        raise UsageError(
            f"{name!r} cannot be a {kind}: {problem}.",
            hint=f"Choose another, such as {example!r}." if example else "",
        )
    return name


_EXAMPLES: Final = {"task key": "task-12", "worker name": "human-ana", "skill": "python"}


def fold(name: str) -> str:
    """Return the form in which two names are compared: keys are unique ignoring case.

    What is no text (lone surrogates: bytes that were no UTF-8) becomes what no name can hold.
    """
    return name.casefold().encode("utf-8", "replace").decode("utf-8")


def slug(title: str, *, most: int = 40) -> str:
    """Return a short ASCII form of *title* for branch and path templates (never empty)."""
    import unicodedata  # its tables: only who names a branch needs them

    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:most].strip("-")
    return words or "task"
