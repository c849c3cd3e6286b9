"""The words of the conflict view: names of cells, short labels, kinds of conflicts."""

import re
from collections import Counter
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from core.domain.conflict import ConflictedFile, FileSides, HunkText

CROSS: Final = "×"  # noqa: RUF001  the sign itself, between two names
KINDS: Final = MappingProxyType(
    {
        "contents": "both changed",
        "add/add": "added twice",
        "modify/delete": f"changed {CROSS} deleted",
        "rename/rename": "renamed twice",
        "rename/delete": f"renamed {CROSS} deleted",
        "directory rename suggested": "folder renamed",
        "file/directory": f"file {CROSS} folder",
        "distinct types": "different types",
        "distinct modes": "different modes",
        "binary": "binary",
        "submodule": "submodule",
        "case-only twins": "names alike but for case",
    }
)
_NUMBER: Final = re.compile(r"^(.*?)(\d+)$")
_DEFINITION: Final = re.compile(
    r"^\s*(?:export\s+|pub\s+|public\s+|private\s+|static\s+|async\s+|abstract\s+)*"
    r"(def|class|function|func|fn|interface|struct|enum|trait|type)\s+([A-Za-z_]\w*)"
)
_CALLABLE: Final = frozenset({"def", "function", "func", "fn"})


def pair_name(a: str, b: str) -> str:
    """Return two names as a pair."""
    return f"{a} {CROSS} {b}"


def cell_name(a: str, b: str, count: int) -> str:
    """Return what assistive tools read for a cell; the words are part of the contract."""
    return f"{pair_name(a, b)}: {f'{count} files' if count else 'clean'}"


def short_labels(keys: Sequence[str]) -> tuple[str, ...]:
    """Return labels that fit above a column: the numbers of `issue-4`, `issue-5` if they differ."""
    parts = [_NUMBER.match(key) for key in keys]
    numbers = [match[2] if match else key for match, key in zip(parts, keys, strict=True)]
    counts = Counter(numbers)
    return tuple(
        number if counts[number] == 1 else key for number, key in zip(numbers, keys, strict=True)
    )


def kind_words(file: ConflictedFile) -> str:
    """Return what a tab says after the path: the number of hunks, else the kind in words."""
    if file.hunks:
        return str(len(file.hunks))
    return f"· {KINDS.get(file.kind, file.kind)}"


def hunk_words(sides: FileSides, hunk: HunkText, a: str, b: str) -> str:
    """Return what happened in a hunk: `both rewrote total()`, `task-4 removed what …`."""
    place = place_of(sides.a or sides.b or "", hunk.place.a[0] if sides.a else hunk.place.b[0])
    if not hunk.a_lines and not hunk.b_lines:
        return f"both removed lines{_in(place)}"
    if not hunk.a_lines:
        return f"{a} removed what {b} rewrote{_in(place)}"
    if not hunk.b_lines:
        return f"{b} removed what {a} rewrote{_in(place)}"
    if not hunk.base_lines:
        return f"both added lines{_in(place)}"
    return f"both rewrote {place}" if place else "both rewrote the same lines"


def place_of(text: str, line: int) -> str:
    """Return the function or class that *line* (from 1) of *text* stands in, or empty."""
    lines = text.split("\n")
    for candidate in reversed(lines[: max(0, line)]):
        if match := _DEFINITION.match(candidate):
            return f"{match[2]}()" if match[1] in _CALLABLE else match[2]
    return ""


def _in(place: str) -> str:
    return f" in {place}" if place else ""
