"""The operation that tells what agents have used."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param

USAGE: Final = (
    Operation(
        "usage",
        "core.engine.usage:usage",
        "Look",
        "Show what runs have used and cost: in all, by task, by worker and by day.",
        (
            Param("day", "Only runs begun on this day, in UTC.", flag="--day", metavar="DAY"),
            Param("task", "Only runs of this task.", flag="--task", metavar="KEY"),
            Param("worker", "Only runs of this worker.", flag="--worker", metavar="NAME"),
        ),
        ("weft usage", "weft usage --day 2026-05-01 --json"),
        details="The cost is what the program itself says, else that of a list of prices that comes"
        " with Weft. A run for which neither knows one is counted apart: it did not cost nothing.",
    ),
)
