"""The operations that measure: health, statistics, the day's report, the timeline."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param, ParamKind

_FIGURES: Final = "core.engine.figures"
_GROUP: Final = "Look"
_DAYS: Final = Param("days", "Over so many days.", ParamKind.INT, "--days", metavar="N")

FIGURES: Final = (
    Operation(
        "health",
        f"{_FIGURES}:health",
        _GROUP,
        "Show how the work goes: workers, locks, rates over seven days, what needs a person.",
        (),
        ("weft health", "weft health --json"),
    ),
    Operation(
        "stats",
        f"{_FIGURES}:stats",
        _GROUP,
        "Show the key figures beside their goals, and each worker's part.",
        (_DAYS,),
        ("weft stats --days 30",),
    ),
    Operation(
        "report",
        f"{_FIGURES}:report",
        _GROUP,
        "Summarise a day in Markdown; with --write also the logs of its tasks and workers.",
        (
            Param("day", "The day in UTC; today if left out.", flag="--day", metavar="DAY"),
            Param("write", "Write files into log_dir.", ParamKind.FLAG, "--write"),
        ),
        ("weft report", "weft report --day 2026-05-01 --write"),
        changes=True,
    ),
    Operation(
        "timeline",
        f"{_FIGURES}:timeline",
        _GROUP,
        "List who worked on what from when to when.",
        (_DAYS,),
        ("weft timeline --days 2",),
    ),
)
