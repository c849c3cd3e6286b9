"""What a collision costs: who would redo how much, and whose work is the cheaper to redo."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.conflict import ConflictedFile
from gui.conflicts.facts import BoardFacts, MatrixFacts, Meeting
from gui.widgets.prose import Strong, Word
from gui.wording import counted


@dataclass(frozen=True, slots=True)
class Redo:
    """What one of the two has to do again if the other lands first."""

    task: str
    hunks: int
    lines: int
    human: bool
    running: bool

    @property
    def dearness(self) -> tuple[int, int]:
        """Return what sorts by cost: a person's work is dearest, a running agent's cheapest."""
        return (2 if self.human else 0 if self.running else 1), self.lines

    @property
    def who(self) -> str:
        """Return whose work it is, in words."""
        if self.human:
            return "a person's work"
        return "its agent is still at work" if self.running else "an agent's work"


@dataclass(frozen=True, slots=True)
class Cost:
    """The sentence, and who should wait: None when both ways cost the same or it is settled."""

    words: tuple[Word, ...]
    cheaper: str | None


def cost_of(meeting: Meeting, facts: MatrixFacts, board: BoardFacts) -> Cost:
    """Return what the meeting costs, for a meeting that is a conflict."""
    a = _redo(meeting.a, [_size(file, 0) for file in meeting.files], facts, board)
    if meeting.with_base:
        words = (
            f" {meeting.b} has moved: {meeting.a} has {_amount(a)} to redo before it can land",
        )
        return Cost((*words, f" ({a.who}, {counted(a.lines, 'changed line')})."), None)
    b = _redo(meeting.b, [_size(file, 1) for file in meeting.files], facts, board)
    if settled := _settled(meeting, facts, board):
        return Cost((f" {settled}",), None)
    if a.dearness == b.dearness:
        return Cost((f" Whichever lands second has {_amount(a)} to redo ({a.who}).",), None)
    dear, cheap = (a, b) if a.dearness > b.dearness else (b, a)
    return Cost(
        (
            f" If {cheap.task} lands first, {dear.task} has {_amount(dear)} to redo"
            f" ({dear.who}, {counted(dear.lines, 'changed line')}). The other way round,"
            f" {cheap.task} has {_amount(cheap)} ({cheap.who},"
            f" {counted(cheap.lines, 'changed line')}): ",
            Strong("cheaper"),
            ".",
        ),
        cheap.task,
    )


def _settled(meeting: Meeting, facts: MatrixFacts, board: BoardFacts) -> str:
    for one, other in ((meeting.a, meeting.b), (meeting.b, meeting.a)):
        if other in facts.branch(one).depends_on:
            return f"{one} is built on {other}, so it lands after it in any case."
        if other in board.depends_on(one):
            return f"{one} waits for {other} already; it takes up {other}'s work when that landed."
    return ""


def _redo(
    task: str, sizes: Sequence[tuple[int, int]], facts: MatrixFacts, board: BoardFacts
) -> Redo:
    worker = facts.branch(task).worker
    return Redo(
        task,
        sum(hunks for hunks, _ in sizes),
        sum(lines for _, lines in sizes),
        human=worker in board.humans,
        running=task in board.running,
    )


def _size(file: ConflictedFile, side: int) -> tuple[int, int]:
    """Return hunks and changed lines of one side; a file without hunks counts as one."""
    if not file.hunks:
        return 1, 1
    return len(file.hunks), sum((hunk.a, hunk.b)[side][1] for hunk in file.hunks)


def _amount(redo: Redo) -> str:
    return counted(redo.hunks, "hunk")
