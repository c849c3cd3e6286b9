"""What was seen, cell by cell: kept in the folder, and told as one table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OK: Final = "ok"
FAILED: Final = "FAILED"
SKIPPED: Final = "skipped"
"""It could not be shown on this machine."""
NONE: Final = "none"
"""The program has no such thing."""
_KEPT: Final = "seen"
_NOT_SEEN: Final = "."


@dataclass(frozen=True, slots=True)
class Seen:
    """One cell: *seconds* is its whole time, *at* when it ended, as UTC in ISO 8601."""

    agent: str
    case: str
    result: str
    seconds: float
    saw: str
    at: str

    def __str__(self) -> str:
        return f"{self.agent:<18} {self.case:<8} {self.result:<8} {self.seconds:6.1f} s  {self.saw}"


def keep(folder: Path, seen: Seen) -> None:
    """Keep a cell; it takes the place of what was seen there before."""
    place = folder / _KEPT
    place.mkdir(exist_ok=True)
    (place / f"{seen.agent}-{seen.case}.json").write_text(json.dumps(asdict(seen), indent=1))


def kept(folder: Path, agents: Sequence[str], cases: Sequence[str]) -> list[Seen]:
    """Return what was seen last of each of *agents* and *cases*, in their order."""
    files = [folder / _KEPT / f"{agent}-{case}.json" for agent in agents for case in cases]
    return [Seen(**json.loads(file.read_text())) for file in files if file.exists()]


def table(seen: Sequence[Seen], packages: Mapping[str, str]) -> str:
    """Return a line for each agent with a column for each case, and below what is not `ok`.

    *packages* tells where each agent comes from, at which version.
    """
    agents = list(dict.fromkeys(one.agent for one in seen))
    cases = list(dict.fromkeys(one.case for one in seen))
    cells = {(one.agent, one.case): one.result for one in seen}
    name = max((len(agent) for agent in agents), default=0)
    head = _row("", name, cases)
    lines = [
        f"{_row(agent, name, [cells.get((agent, case), _NOT_SEEN) for case in cases])}"
        f"  {packages.get(agent, '')}".rstrip()
        for agent in agents
    ]
    return "\n".join([head, *lines, "", *_notes(seen), _sum(seen)]) + "\n"


def _row(agent: str, name: int, cells: Sequence[str]) -> str:
    return f"{agent:<{name}}  " + " ".join(f"{cell:<7}" for cell in cells)


def _notes(seen: Sequence[Seen]) -> list[str]:
    """Return why each cell is as it is that is not `ok`; the same of one agent is said once."""
    lines: list[str] = []
    for result, title in ((FAILED, "Failed"), (SKIPPED, "Skipped"), (NONE, "Not there to show")):
        whys: dict[tuple[str, str], list[str]] = {}
        for one in seen:
            if one.result == result:
                whys.setdefault((one.agent, one.saw), []).append(one.case)
        if whys:
            lines.append(f"{title}:")
            for (agent, saw), cases in whys.items():
                why = saw.strip().replace("\n", "\n      ")
                lines.append(f"  {agent} ({', '.join(cases)}): {why}")
            lines.append("")
    return lines


def _sum(seen: Sequence[Seen]) -> str:
    counts = dict.fromkeys((OK, FAILED, SKIPPED, NONE), 0)
    for one in seen:
        counts[one.result] += 1
    told = ", ".join(f"{count} {result}" for result, count in counts.items())
    times = sorted(one.at for one in seen)
    return f"{len(seen)} cells: {told}; seen from {times[0]} to {times[-1]}" if seen else "no cells"
