"""What the matrix says of each task in two words, for its card on the board."""

from collections.abc import Mapping
from dataclasses import dataclass

from gui.conflicts.facts import BoardFacts, MatrixFacts, Meeting
from gui.theme.tokens import Glyph, Tone
from gui.wording import counted


@dataclass(frozen=True, slots=True)
class CardVerdict:
    """A badge: two words with their tone and glyph, and the whole story for a tool tip."""

    text: str
    tone: Tone
    glyph: Glyph
    tip: str


def card_verdicts(facts: MatrixFacts, board: BoardFacts) -> Mapping[str, CardVerdict]:
    """Return a badge for each task that collides, and for each that waits to land and does not."""
    found = {task: _collides(task, facts) for task in facts.tasks}
    verdicts = {task: verdict for task, verdict in found.items() if verdict is not None}
    for branch in facts.branches:
        if branch.task not in verdicts and board.in_review(branch.task) and not branch.problem:
            tip = f"Merges cleanly with {facts.base} and with every other branch."
            verdicts[branch.task] = CardVerdict("lands clean", Tone.ACCENT, Glyph.CHECK, tip)
    return verdicts


def _collides(task: str, facts: MatrixFacts) -> CardVerdict | None:
    meetings = facts.met_by(task)
    if not meetings:
        return None
    others = [_other(task, meeting) for meeting in meetings]
    more = f" +{len(others) - 1}" if len(others) > 1 else ""
    tip = "\n".join(
        f"meets {other}: {counted(meeting.count, 'file')}"
        for other, meeting in zip(others, meetings, strict=True)
    )
    return CardVerdict(f"meets {others[0]}{more}", Tone.BAD, Glyph.CROSS, tip)


def _other(task: str, meeting: Meeting) -> str:
    return meeting.b if meeting.a == task else meeting.a
