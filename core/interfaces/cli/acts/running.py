"""`weft run`: launch, and with `--wait` or `--all` tell what happens until it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.run import RunStatus
from core.interfaces.cli import terminal
from core.interfaces.cli.progress import ProgressLine
from core.interfaces.cli.render.runs import ended_line
from core.interfaces.cli.render.words import count

if TYPE_CHECKING:
    from core.domain.run import Run
    from core.interfaces.cli.call import Call


def run_agents(call: Call) -> int:
    """Launch; the status is 1 if a run that was waited for did not end well."""
    waits = bool(call.values.get("wait"))
    lasts = waits or bool(call.values.get("all"))  # until nothing fits: that may take hours
    progress = ProgressLine(quiet=call.as_json or not lasts)
    with progress:
        runs: tuple[Run, ...] = call.perform(call.engine(), progress=progress.tell)
    if not waits or call.as_json or not runs:
        call.show(runs)
    else:
        terminal.show(ended_line(run) for run in runs)
        terminal.say(_summary(runs))
    return int(waits and any(run.status is not RunStatus.DONE for run in runs))


def _summary(runs: tuple[Run, ...]) -> str:
    well = sum(run.status is RunStatus.DONE for run in runs)
    return f"{count(len(runs), 'run')}: {well} done, {len(runs) - well} not."
