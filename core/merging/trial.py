"""The one merge that a conflict comes from, made again: what a person decides on.

Left is the branch that pays, right the base or the other branch. A pair is merged as the matrix
does it, each branch landed on the base first, so the stretches are those that were shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.conflicts.hunks import MarkedFile, hunk_texts, locate, parse_marked
from core.conflicts.twins import new_twins
from core.conflicts.verdicts import LARGEST_TEXT_BYTES, is_text, kinds_of, plain_path
from core.domain.resolution import Dispute, DisputedFile
from core.errors import Refused
from core.git.merge_tree import CannotMerge, MergeOutcome, Stage, merge_trees
from core.git.objects import read_blobs, trees_of
from core.git.quarantine import with_attributes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.domain.conflict import HunkText
    from core.git.command import GitPlace
    from core.git.merge_tree import ConflictedEntry
    from core.git.quarantine import Quarantine

_WHOLE = "It is not text, or too large: take it whole."
_ABSENT = "Only one side has it: take it whole."


@dataclass(frozen=True, slots=True)
class Sides:
    """A conflicted path with everything a decision needs.

    Attributes:
        path: As people know it.
        kind: git's word.
        raw: What the merged tree calls it: another name if something else is in its place.
        left: The paying branch's entry, or None.
        right: The other side's.
        marked: The merged text, or None when it has no stretches to decide.
        texts: Content of left, right and base; None where there is none or no text.
        newline: Whether the merged text ends with one.
    """

    path: str
    kind: str
    raw: tuple[str, ...]
    left: ConflictedEntry | None
    right: ConflictedEntry | None
    marked: MarkedFile | None
    texts: tuple[bytes | None, bytes | None, bytes | None]
    newline: bool = True


@dataclass(frozen=True, slots=True)
class Trial:
    """A merge in the quarantine, with its conflicted paths; labels are the two commits."""

    left: str
    right: str
    outcome: MergeOutcome
    files: tuple[Sides, ...]

    def disputed(self) -> tuple[DisputedFile, ...]:
        """Return what a person sees of it."""
        return tuple(_shown(sides) for sides in self.files)


async def make_trial(held: Quarantine, dispute: Dispute) -> Trial:
    """Merge the two sides of *dispute* in the quarantine *held*.

    Raises:
        Refused: One of a pair conflicts with the base itself, or git cannot merge them.
    """
    folder = held.place.git_dir.parent / f"at-{dispute.base_sha}"
    held = await with_attributes(held, dispute.base_sha, folder)
    left, right = dispute.head, dispute.other_head
    if dispute.other:
        left = await _landed(held, dispute, dispute.task, dispute.head)
        right = await _landed(held, dispute, dispute.other, dispute.other_head)
    outcome = await _merged(held.place, left, right)
    if outcome.is_clean:
        await _refuse_twins(held, right, outcome.tree)
    return Trial(left, right, outcome, await _sides(held.place, outcome, (left, right)))


async def _refuse_twins(held: Quarantine, right: str, tree: str) -> None:
    """Raise where git merges but the file system cannot hold both: no side can be taken."""
    (before,) = await trees_of(held.place, [right])
    twins = await new_twins(held, before, tree)
    if twins:
        raise Refused(
            "These names differ in case alone: here they would be one file.",
            reasons=twins,
            hint="Rename one of them on the branch, and commit that.",
        )


async def _landed(held: Quarantine, dispute: Dispute, task: str, head: str) -> str:
    outcome = await _merged(held.place, dispute.base_sha, head)
    if not outcome.is_clean:
        raise Refused(
            f"{task} conflicts with {dispute.base} by itself.",
            reasons=outcome.paths,
            hint=f"Resolve that first: weft resolve {task}",
        )
    return held.write_commit(outcome.tree, [dispute.base_sha, head], f"land {head}")


async def _merged(place: GitPlace, ours: str, theirs: str) -> MergeOutcome:
    (outcome,) = await merge_trees(place, [(ours, theirs)])
    if isinstance(outcome, CannotMerge):
        raise Refused(f"git cannot merge the two: {outcome.reason}.")
    return outcome


async def _sides(
    place: GitPlace, outcome: MergeOutcome, labels: tuple[str, str]
) -> tuple[Sides, ...]:
    if outcome.is_clean:
        return ()
    raws: dict[str, list[str]] = {}
    for raw in outcome.paths:
        raws.setdefault(plain_path(raw, labels), []).append(raw)
    entries = {path: _entries(outcome, names) for path, names in raws.items()}
    wanted = [e.oid for found in entries.values() for e in found.values() if _is_file(e)]
    wanted += [f"{outcome.tree}:{name}" for names in raws.values() for name in names]
    blobs = await read_blobs(place, wanted, limit=LARGEST_TEXT_BYTES)
    kinds = kinds_of(outcome, labels)
    found = []
    for path, names in sorted(raws.items()):
        sides = entries[path]
        texts = tuple(
            _text(blobs, sides.get(stage)) for stage in (Stage.OURS, Stage.THEIRS, Stage.BASE)
        )
        merged = blobs.get(f"{outcome.tree}:{names[0]}")
        found.append(
            Sides(
                path,
                kinds.get(path, "contents"),
                tuple(names),
                sides.get(Stage.OURS),
                sides.get(Stage.THEIRS),
                _marked(merged, texts, names, labels),
                (texts[0], texts[1], texts[2]),
                merged is None or merged.endswith(b"\n"),
            )
        )
    return tuple(found)


def _entries(outcome: MergeOutcome, raws: Sequence[str]) -> dict[Stage, ConflictedEntry]:
    found: dict[Stage, ConflictedEntry] = {}
    for raw in raws:
        found.update(outcome.sides(raw))
    return found


def _is_file(entry: ConflictedEntry) -> bool:
    return entry.mode.startswith("100")


def _text(blobs: Mapping[str, bytes | None], entry: ConflictedEntry | None) -> bytes | None:
    if entry is None or not _is_file(entry):
        return None
    content = blobs.get(entry.oid)
    return content if content is not None and is_text(content) else None


def _marked(
    content: bytes | None,
    texts: Sequence[bytes | None],
    raws: Sequence[str],
    labels: tuple[str, str],
) -> MarkedFile | None:
    """Return the merged text, if it has stretches that can be decided one by one."""
    if content is None or texts[0] is None or texts[1] is None or len(raws) > 1:
        return None
    marked = parse_marked(content, *labels)
    return marked if marked.hunks else None


def _shown(sides: Sides) -> DisputedFile:
    note = ""
    stretches: tuple[HunkText, ...] = ()
    if sides.marked is not None and sides.texts[0] is not None and sides.texts[1] is not None:
        places = locate(sides.marked, sides.texts[0], sides.texts[1], sides.texts[2])
        stretches = hunk_texts(sides.marked, places)
    else:
        note = _WHOLE if sides.left and sides.right else _ABSENT
    return DisputedFile(
        sides.path,
        sides.kind,
        stretches,
        left=sides.left is not None,
        right=sides.right is not None,
        note=note,
    )
