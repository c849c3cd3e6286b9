"""The conflict matrix: who collides with whom, in which lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.plan import StepOutcome
from core.interfaces.cli.blocks import Block, Remark, Span, Tone, line
from core.interfaces.cli.render.words import TIMES, count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.domain.conflict import BranchState, ConflictedFile, ConflictMatrix, Hunk

_CONFLICT = StepOutcome.CONFLICT.value
_CLEAN = StepOutcome.CLEAN.value


def matrix(found: ConflictMatrix) -> list[Block]:
    """Each branch against the base, then each pair, then the paths where most collide."""
    if not found.branches:
        return [Remark("No branches to compare: nothing is claimed, in progress or in review.")]
    blocks: list[Block] = [_head(found)]
    blocks += [line("  ", *_problem(branch)) for branch in found.branches if _is_odd(branch)]
    for alone in found.against_base:
        blocks.append(
            _verdict(f"{alone.task} {TIMES} {found.base}", len(alone.files), alone.conflict)
        )
        blocks += _files(alone.details, alone.task, found.base)
    for pair in found.pairs:
        blocks.append(_verdict(f"{pair.a} {TIMES} {pair.b}", len(pair.files), pair.conflict))
        blocks += _files(pair.files, pair.a, pair.b)
    if found.hot_files:
        blocks.append(line("hot files:"))
        blocks += [line("  ", hot.path, "  ", ", ".join(hot.tasks)) for hot in found.hot_files]
    return blocks


def _head(found: ConflictMatrix) -> Block:
    conflicts = count(found.conflict_count, _CONFLICT)
    took = "cached" if found.cached else f"{found.took_ms:.0f} ms"
    return line(
        Span(conflicts, Tone.BAD if found.conflict_count else Tone.GOOD),
        f" among {count(len(found.branches), 'branch', 'branches')} onto {found.base}",
        Span(f" {found.base_sha[:12]} ({found.mode.value}, {took})", Tone.FAINT),
    )


def _is_odd(branch: BranchState) -> bool:
    return bool(branch.problem) or branch.resolving or branch.dirty


def _problem(branch: BranchState) -> tuple[str | Span, ...]:
    if branch.problem:
        return (branch.task, ": ", Span(branch.problem, Tone.BAD))
    if branch.resolving:
        return (branch.task, ": in the middle of a merge, only its commit was looked at")
    return (branch.task, Span(": uncommitted changes included", Tone.FAINT))


def _verdict(names: str, files: int, conflict: bool) -> Block:
    if not conflict:
        return line(f"{names}: ", Span(_CLEAN, Tone.GOOD))
    return line(f"{names}: ", Span(f"{_CONFLICT}, {count(files, 'file')}", Tone.BAD))


def _files(files: Iterable[ConflictedFile], a: str, b: str) -> list[Block]:
    blocks: list[Block] = []
    for file in files:
        blocks.append(line("  ", Span(file.path, Tone.STRONG), Span(f"  {file.kind}", Tone.FAINT)))
        blocks += [line("    ", _places(hunk, a, b)) for hunk in file.hunks]
    return blocks


def _places(hunk: Hunk, a: str, b: str) -> str:
    return f"{a} {_lines(hunk.a)} {TIMES} {b} {_lines(hunk.b)}"


def _lines(place: tuple[int, int]) -> str:
    start, amount = place
    if amount == 0:
        return f"nothing after line {start}"
    return f"line {start}" if amount == 1 else f"lines {start}-{start + amount - 1}"
