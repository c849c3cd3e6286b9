"""What was brought into a branch, conflicts laid open, worktrees that went, claims released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.resolution import Brought, Dispute
from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line
from core.interfaces.cli.render.words import count, listing

if TYPE_CHECKING:
    from core.domain.claim import Claim
    from core.domain.landed import LandedWorktree, Released
    from core.domain.resolution import DisputedFile
    from core.domain.run import Run


def brought(result: Brought) -> list[Block]:
    """What a branch got, and where it is now."""
    notes: list[Block] = [Remark(note) for note in result.notes]
    if result.before == result.after:
        return [line(f"{result.branch} has not moved"), *notes]
    files = f": {listing(result.files)}" if result.files else ""
    said = "no longer holds" if result.taken_back else "holds"
    return [
        line(
            Span(result.task, Tone.STRONG),
            f" {said} {result.brought}" + ("" if result.taken_back else " now"),
            Span(f" {result.before[:12]} → {result.after[:12]}", Tone.FAINT),
        ),
        line(f"{count(len(result.files), 'file')} changed in {result.branch}{files}"),
        *notes,
    ]


def resolved(result: Brought | Dispute | Run | Claim) -> list[Block]:
    """What was resolved, what there is to resolve, or who resolves it."""
    match result:
        case Brought():
            return brought(result)
        case Dispute():
            return disputed(result)
        case _:
            return [line(f"{result.worker} is asked to resolve {result.task}")]


def disputed(found: Dispute) -> list[Block]:
    """Each conflicting stretch with both sides, and how to decide."""
    if not found.files:
        return [line(f"{found.task} and {found.right_name} do not collide")]
    blocks: list[Block] = [
        line(
            Span(f"{found.task}", Tone.STRONG),
            f" collides with {found.right_name} in {count(len(found.files), 'file')}",
        )
    ]
    for file in found.files:
        blocks += _file(found, file)
    if found.note:
        blocks.append(Remark(found.note))
    side = f" --with {found.other}" if found.other else ""
    blocks.append(Remark(f"Decide: weft resolve {found.task}{side} --left PATH --right PATH"))
    return blocks


def _file(found: Dispute, file: DisputedFile) -> list[Block]:
    blocks: list[Block] = [line(Span(file.path, Tone.STRONG), f"  {file.kind}")]
    if file.note:
        blocks.append(line(f"  {file.note}"))
    for stretch in file.stretches:
        here, there = stretch.place.a[0], stretch.place.b[0]
        blocks.append(line(Span(f"  line {here}, {found.right_name} line {there}", Tone.FAINT)))
        blocks += [line(Span(f"  - {text}", Tone.BAD)) for text in stretch.a_lines]
        blocks += [line(Span(f"  + {text}", Tone.GOOD)) for text in stretch.b_lines]
    return blocks


def tidied(found: tuple[LandedWorktree, ...]) -> list[Block]:
    """Each worktree of a landed task, and whether it went or could go."""
    if not found:
        return [Remark("No landed task has a worktree.")]
    blocks: list[Block] = []
    for one in found:
        fate = "removed" if one.removed else one.kept_because or "could go"
        blocks.append(line(Span(one.task, Tone.STRONG), f"  {one.path}  ", Span(fate, Tone.FAINT)))
    if any(not one.removed and not one.kept_because for one in found):
        blocks.append(Remark("Remove what could go: weft merge tidy --yes"))
    return blocks


def reset(released: tuple[Released, ...]) -> list[Block]:
    """Each task that was taken from its worker, and where its work is."""
    if not released:
        return [Remark("Nobody owns a task here.")]
    blocks: list[Block] = []
    for one in released:
        if one.problem:
            fate = Span(f" was left as it is: {one.problem}", Tone.BAD)
        else:
            fate = Span(f" is back in the backlog; {one.worker} had it", Tone.GOOD)
        blocks.append(line(Span(one.task, Tone.STRONG), fate))
        places = [one.worktree, f"branch {one.branch}" if one.branch else "", one.preserved]
        blocks.append(line(Span(f"  {', '.join(filter(None, places))}", Tone.FAINT)))
    return blocks
