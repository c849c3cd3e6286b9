"""Verdicts that were worked out before, in this process or another.

A file of answers belongs to one base commit, mode, git version and set of merge settings, and
lies in the generation whose objects it names. Inside it everything is keyed by commit ids, which
stand for content and history, so an answer cannot be out of date.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from core.conflicts.candidates import Touched
from core.conflicts.landing import Ground, Landing
from core.conflicts.stacks import Stacks
from core.domain.conflict import ConflictedFile, Hunk
from core.git.version import installed_git
from core.paths import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.conflicts.verdicts import Files

_FORMAT: Final = 3
_MORE_LANDINGS: Final = 100
"""Landings kept beyond those that were just used: a branch may come back to where it was."""
_MORE_PAIRS: Final = 1_000

PairKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Used:
    """The keys that one matrix asked for."""

    tips: tuple[str, ...]
    pairs: tuple[PairKey, ...]
    heads: tuple[str, ...]


@dataclass(slots=True)
class Answers:
    """What is known on one ground; filled as it is worked out.

    Attributes:
        landings: By tip.
        pairs: By the two commits that were merged: the conflicted files that the pair adds.
        stacks: By the heads, in order.
    """

    landings: dict[str, Landing] = field(default_factory=dict)
    pairs: dict[PairKey, Files] = field(default_factory=dict)
    stacks: dict[tuple[str, ...], Stacks] = field(default_factory=dict)

    def recent(self, used: Used) -> Answers:
        """Return a copy that holds what was used and the latest of the rest."""
        return Answers(
            _recent(self.landings, used.tips, _MORE_LANDINGS),
            _recent(self.pairs, used.pairs, _MORE_PAIRS),
            {used.heads: self.stacks[used.heads]},
        )


K = TypeVar("K")
V = TypeVar("V")


def _recent(table: Mapping[K, V], used: Sequence[K], more: int) -> dict[K, V]:
    wanted = set(used)
    rest = [key for key in table if key not in wanted]
    return {key: table[key] for key in (*rest[-more:], *used)}


_loaded: dict[Path, tuple[int, Answers]] = {}


def answers_file(folder: Path, ground: Ground) -> Path:
    """Return where the answers for *ground* are kept, below the generation's folder."""
    attributes = ground.held.place.git_dir / "info" / "attributes"
    facts = [
        str(_FORMAT),
        str(installed_git()),
        ground.base,
        ground.mode,
        repr(sorted(ground.held.settings)),
        hashlib.sha256(attributes.read_bytes()).hexdigest(),
        *(_stamp(file) for file in _personal_attributes(ground)),
    ]
    key = hashlib.sha256("\0".join(facts).encode("utf-8", "surrogateescape")).hexdigest()
    return folder / f"answers-{key[:24]}.json"


def _personal_attributes(ground: Ground) -> list[Path]:
    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    named = [value for key, value in ground.held.settings if key == "core.attributesfile"]
    return [Path(path).expanduser() for path in (*named, f"{config}/git/attributes")]


def _stamp(file: Path) -> str:
    try:
        stat = file.stat()
    except OSError:
        return f"{file} none"
    return f"{file} {stat.st_mtime_ns} {stat.st_size}"


async def load_answers(file: Path) -> Answers:
    """Return what is remembered in *file*; nothing when it is not there or cannot be read."""
    try:
        stamp = file.stat().st_mtime_ns
    except FileNotFoundError:
        return Answers()
    known = _loaded.get(file)
    if known is not None and known[0] == stamp:
        return known[1]
    answers = await asyncio.to_thread(_read, file)
    _loaded[file] = stamp, answers
    return answers


async def save_answers(file: Path, answers: Answers) -> None:
    """Keep the answers; the last writer wins, which loses time but never truth."""
    stamp = await asyncio.to_thread(_write, file, answers)
    _loaded.clear()  # one ground at a time is looked at; the others are on disk
    _loaded[file] = stamp, answers


def _read(file: Path) -> Answers:
    try:
        raw = json.loads(file.read_text("ascii"))
    except (OSError, ValueError):  # half written by a killed process: work it out anew
        return Answers()
    return Answers(
        landings={tip: _landing(tip, value) for tip, value in raw["landings"].items()},
        pairs={(a, b): _files(files) for a, b, files in raw["pairs"]},
        stacks={
            tuple(heads): Stacks(_tuples(below), _pairs(shared))
            for heads, below, shared in raw["stacks"]
        },
    )


def _write(file: Path, answers: Answers) -> int:
    raw = {
        "landings": {tip: _plain_landing(landing) for tip, landing in answers.landings.items()},
        "pairs": [[a, b, _plain_files(files)] for (a, b), files in answers.pairs.items()],
        "stacks": [[heads, s.below, s.shared] for heads, s in answers.stacks.items()],
    }
    handle, name = tempfile.mkstemp(dir=file.parent, prefix="answers-")
    with os.fdopen(handle, "w", encoding="ascii") as out:
        json.dump(raw, out, separators=(",", ":"))
    replace_file(Path(name), file)
    return file.stat().st_mtime_ns


def _plain_landing(landing: Landing) -> dict[str, Any]:
    return {
        "commit": landing.commit,
        "tree": landing.tree,
        "clean": landing.is_clean,
        "changes": landing.touched.changes,
        "emptied": sorted(landing.touched.emptied),
        "details": _plain_files(landing.details),
        "refused": landing.refused,
        "twins": _plain_files(landing.twins),
    }


def _landing(tip: str, raw: Mapping[str, Any]) -> Landing:
    changes = {path: (c[0], c[1], c[2]) for path, c in raw["changes"].items()}
    return Landing(
        tip=tip,
        commit=raw["commit"],
        tree=raw["tree"],
        is_clean=raw["clean"],
        touched=Touched(changes, frozenset(raw["emptied"])),
        details=_files(raw["details"]),
        refused=raw["refused"],
        twins=_files(raw["twins"]),
    )


def _plain_files(files: Files) -> list[list[Any]]:
    return [[f.path, f.kind, [[h.a, h.b, h.base] for h in f.hunks], f.also] for f in files]


def _files(raw: Sequence[Sequence[Any]]) -> Files:
    return tuple(
        ConflictedFile(
            path, kind, tuple(Hunk(_span(a), _span(b), _base(c)) for a, b, c in hunks), tuple(also)
        )
        for path, kind, hunks, also in raw
    )


def _span(raw: Sequence[int]) -> tuple[int, int]:
    start, lines = raw
    return start, lines


def _base(raw: Sequence[int] | None) -> tuple[int, int] | None:
    return None if raw is None else _span(raw)


def _tuples(raw: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in raw)


def _pairs(raw: Sequence[Sequence[int]]) -> tuple[tuple[int, int], ...]:
    return tuple(_span(row) for row in raw)
