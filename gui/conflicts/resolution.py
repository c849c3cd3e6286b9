"""What a person has decided of a conflict so far, hunk by hunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.domain.resolution import Decision, FileDecision, Take

if TYPE_CHECKING:
    from core.domain.conflict import HunkText
    from core.domain.resolution import Dispute, DisputedFile


@dataclass(frozen=True, slots=True)
class Place:
    """One thing to decide: a hunk of a file, or the whole file when `hunk` is None."""

    file: int
    hunk: int | None


class Resolution:
    """A dispute with its decisions. What was decided survives a dispute that is opened anew."""

    def __init__(self, dispute: Dispute, before: Resolution | None = None) -> None:
        self.dispute = dispute
        self.places = tuple(
            place for number, file in enumerate(dispute.files) for place in _places(number, file)
        )
        self._chosen: dict[Place, Decision] = {}
        if before is not None:
            kept = {before.content(place): one for place, one in before._chosen.items()}
            found = {place: kept.get(self.content(place)) for place in self.places}
            self._chosen = {place: one for place, one in found.items() if one is not None}

    @property
    def decided(self) -> int:
        """Return how many places are decided."""
        return len(self._chosen)

    @property
    def is_complete(self) -> bool:
        """Return whether nothing is left to decide."""
        return bool(self.places) and self.decided == len(self.places)

    def file(self, place: Place) -> DisputedFile:
        """Return the file of a place."""
        return self.dispute.files[place.file]

    def hunk(self, place: Place) -> HunkText | None:
        """Return both texts of a place, None for a whole file."""
        return None if place.hunk is None else self.file(place).stretches[place.hunk]

    def decision(self, place: Place) -> Decision | None:
        """Return what was decided there, or None."""
        return self._chosen.get(place)

    def decide(self, place: Place, decision: Decision | None) -> None:
        """Decide a place; None takes the decision back."""
        if decision is None:
            self._chosen.pop(place, None)
        else:
            self._chosen[place] = decision

    def takes(self, place: Place) -> tuple[Take, ...]:
        """Return what can be done there."""
        if place.hunk is None:
            return Take.LEFT, Take.RIGHT
        return Take.LEFT, Take.RIGHT, Take.BOTH, Take.OWN

    def text(self, place: Place) -> str | None:
        """Return what will stand there; None for whole files and where nothing is decided."""
        hunk, decision = self.hunk(place), self.decision(place)
        if hunk is None or decision is None:
            return None
        match decision.take:
            case Take.LEFT:
                return "\n".join(hunk.a_lines)
            case Take.RIGHT:
                return "\n".join(hunk.b_lines)
            case Take.BOTH:
                return "\n".join((*hunk.a_lines, *hunk.b_lines))
            case Take.OWN:
                return decision.text

    def is_file_decided(self, number: int) -> bool:
        """Whether nothing is left to decide in a file."""
        return all(place in self._chosen for place in self.places if place.file == number)

    def step(self, place: Place, by: int) -> Place:
        """Return the place before or after, the same one at the ends."""
        wanted = self.places.index(place) + by
        return self.places[min(max(wanted, 0), len(self.places) - 1)]

    def next_open(self, place: Place) -> Place:
        """Return the next place that is not decided, the same one when all are."""
        start = self.places.index(place) + 1
        turned = (*self.places[start:], *self.places[:start])
        return next((one for one in turned if one not in self._chosen), place)

    def decisions(self) -> tuple[FileDecision, ...]:
        """Return the decisions as the engine takes them; for a resolution that is complete."""
        return tuple(
            FileDecision(file.path, tuple(self._chosen[place] for place in hunks))
            if (hunks := [p for p in _places(number, file) if p.hunk is not None])
            else FileDecision(file.path, whole=self._chosen[Place(number, None)])
            for number, file in enumerate(self.dispute.files)
        )

    def content(self, place: Place) -> object:
        """Return what a decision was made about, to know it again."""
        hunk = self.hunk(place)
        number = 0 if place.hunk is None else place.hunk
        lines = None if hunk is None else (hunk.a_lines, hunk.b_lines)
        return self.file(place).path, number, lines


def _places(number: int, file: DisputedFile) -> tuple[Place, ...]:
    if not file.stretches:
        return (Place(number, None),)
    return tuple(Place(number, hunk) for hunk in range(len(file.stretches)))
