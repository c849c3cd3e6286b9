"""Three-way merges that touch neither index nor worktree: `git merge-tree --write-tree`.

Three traps of git 2.39 are handled here. Exit status 1 means both "conflict" and "no such commit",
so an answer is what was printed, not the status. One unusable line of `--stdin` ends the whole
batch, so answers are counted and the batch goes on behind it. Advice about submodules is printed
into the machine-readable output.

Give a place from `core.git.quarantine`: results are written as objects, attributes are taken from
the place's work tree, and configured merge drivers run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.git.command import GitFailed, run_git
from core.git.parsing import off_loop
from core.git.refs import object_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.git.command import GitPlace

_CLEAN: Final = "1"
_CONFLICTED: Final = "0"
_ENDED: Final = (0, 1, 128)
_BRACKETS: Final = re.compile(r"CONFLICT ?\(([^)]*)\)")  # two types are spelled without the blank
_FINER: Final = frozenset({"add/add", "distinct types", "submodule"})
_STYLE: Final = ("merge.conflictStyle", "diff3")
"""One style for all: hunks are counted and located in it (zdiff3 trims, merge splits finer)."""


class Stage(IntEnum):
    """Which side an entry of a conflicted path comes from."""

    BASE = 1
    OURS = 2
    THEIRS = 3


@dataclass(frozen=True, slots=True)
class ConflictedEntry:
    """One side of a conflicted path; `mode` is git's octal word such as `100644`."""

    mode: str
    oid: str
    stage: Stage
    path: str


@dataclass(frozen=True, slots=True)
class MergeMessage:
    """What git says of some paths; `type` such as `Auto-merging` or `CONFLICT (contents)`."""

    paths: tuple[str, ...]
    type: str
    text: str

    @property
    def kind(self) -> str:
        """Return git's word for a conflict, such as `modify/delete`; else empty.

        It is the word in the brackets of the type; where git files a finer word under a coarse
        type (an add/add under `contents`), it is that of the text. All that can be wrong with
        a submodule is `submodule`.
        """
        word = _BRACKETS.match(self.type)
        if word is None:
            return ""
        finer = _BRACKETS.match(self.text)
        found = finer[1] if finer is not None and finer[1] in _FINER else word[1]
        return "submodule" if found.startswith("submodule") else found


@dataclass(frozen=True, slots=True)
class MergeOutcome:
    """A merge that git could do, cleanly or with conflicts.

    Attributes:
        tree: The result; with conflicts its files hold markers.
        is_clean: Whether `tree` can be committed as it is.
        entries: The sides of each conflicted path.
        messages: What git said; for a clean merge of a batch nothing.
    """

    tree: str
    is_clean: bool
    entries: tuple[ConflictedEntry, ...] = ()
    messages: tuple[MergeMessage, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the conflicted paths, sorted.

        A few conflicts (a directory rename that git only suggests) leave no entry; then the
        paths of the messages stand in.
        """
        named = {entry.path for entry in self.entries}
        for message in self.messages:
            if message.kind and not named.intersection(message.paths):
                named.update(message.paths[:1])
        return tuple(sorted(named))

    def by_path(self) -> dict[str, dict[Stage, ConflictedEntry]]:
        """Return the entries of every conflicted path by side."""
        found: dict[str, dict[Stage, ConflictedEntry]] = {}
        for entry in self.entries:
            found.setdefault(entry.path, {})[entry.stage] = entry
        return found

    def sides(self, path: str) -> dict[Stage, ConflictedEntry]:
        """Return the entries of one conflicted path by side."""
        return self.by_path().get(path, {})


@dataclass(frozen=True, slots=True)
class CannotMerge:
    """Two commits that git cannot merge at all; anything but unrelated ones is a fault."""

    reason: str

    @property
    def is_unrelated(self) -> bool:
        """Whether they have no common ancestor; else one is missing or an object is broken."""
        return "unrelated histories" in self.reason


async def merge_tree(place: GitPlace, ours: str, theirs: str) -> MergeOutcome:
    """Merge commit *theirs* into commit *ours*, in memory.

    Raises:
        EnvironmentFault: git cannot merge them at all.
    """
    (outcome,) = await merge_trees(place, [(ours, theirs)])
    if isinstance(outcome, CannotMerge):
        raise EnvironmentFault(f"{ours[:10]} and {theirs[:10]} cannot be merged: {outcome.reason}")
    return outcome


async def merge_trees(
    place: GitPlace, pairs: Sequence[tuple[str, str]]
) -> list[MergeOutcome | CannotMerge]:
    """Merge each (ours, theirs) pair of commit ids; one process unless a pair is unusable."""
    answers: list[MergeOutcome | CannotMerge] = []
    styled = place.with_config(_STYLE)
    while len(answers) < len(pairs):
        batch = pairs[len(answers) :]
        lines = "".join(f"{object_id(ours)} {object_id(theirs)}\n" for ours, theirs in batch)
        argv = ("merge-tree", "--write-tree", "--stdin")
        done = await run_git(styled, *argv, stdin=lines.encode(), ok=_ENDED)
        found = await off_loop(parse_merges, done.stdout)
        answers += found[: len(batch)]
        if len(found) >= len(batch):
            break
        if done.status == 0:
            raise GitFailed(argv, done.status, b"fewer answers than questions")
        answers.append(CannotMerge(_last_line(done.stderr)))
    return answers


def _last_line(stderr: bytes) -> str:
    said = stderr.decode("utf-8", "replace").strip().splitlines()
    return said[-1].removeprefix("fatal: ").removeprefix("merge-tree: ") if said else "no reason"


def parse_merges(stdout: bytes) -> list[MergeOutcome]:
    r"""Parse `merge-tree --stdin`, the same in 2.39, 2.47 and 2.55.

    Clean: `1 NUL tree NUL NUL`. Conflicted: `0 NUL tree NUL (mode oid stage TAB path NUL)* NUL
    (count NUL path* type NUL text LF NUL)* NUL`.

    Raises:
        ValueError: Something else stands where an answer should begin, or the last is cut off.
    """
    tokens = stdout.decode("utf-8", "surrogateescape").split("\0")
    left = iter(tokens[:-1])  # what follows the last NUL is no token
    outcomes = []
    for status in left:
        if status not in (_CLEAN, _CONFLICTED):
            raise ValueError(f"merge-tree out of step: {status[:80]!r}")
        tree = _take(left)
        entries = tuple(_entries(left))
        messages = tuple(_messages(left)) if status == _CONFLICTED else ()
        outcomes.append(MergeOutcome(tree, status == _CLEAN, entries, messages))
    return outcomes


def _entries(left: Iterator[str]) -> Iterator[ConflictedEntry]:
    """Yield entries up to and including the empty token that ends them."""
    for token in left:
        if not token:
            return
        about, path = token.split("\t", 1)
        mode, oid, stage = about.split(" ")
        yield ConflictedEntry(mode, oid, Stage(int(stage)), path)


def _messages(left: Iterator[str]) -> Iterator[MergeMessage]:
    for count in left:
        if not count.isdigit():
            return  # the end, or git 2.39's advice about submodules, whose NUL is the end
        paths = tuple(_take(left) for _ in range(int(count)))
        kind = _take(left)
        yield MergeMessage(paths, kind, _take(left).rstrip("\n"))


def _take(left: Iterator[str]) -> str:
    token = next(left, None)
    if token is None:
        raise ValueError("merge-tree's answer was cut off")
    return token
