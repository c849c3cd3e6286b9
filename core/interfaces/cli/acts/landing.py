"""`weft conflicts`, `weft merge plan`, `weft merge run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.plan import NOTHING_TO_LAND
from core.errors import Refused
from core.interfaces.cli import terminal
from core.interfaces.cli.call import finished
from core.interfaces.cli.progress import ProgressLine

if TYPE_CHECKING:
    from core.domain.conflict import ConflictMatrix
    from core.domain.plan import MergePlan, MergeResult
    from core.engine.context import Engine
    from core.interfaces.cli.call import Call

CONFLICTS_FOUND: Final = 3


def show_conflicts(call: Call) -> int:
    """Show the matrix; with `--exit-code` a conflict gives status 3."""
    progress = ProgressLine(quiet=True)
    with progress:
        matrix: ConflictMatrix = call.perform(call.engine(), progress=progress.counted)
    call.show(matrix)
    return _status(call, conflicts=matrix.conflict_count)


def show_plan(call: Call) -> int:
    """Show the plan; with `--exit-code` a conflicting step gives status 3."""
    progress = ProgressLine(quiet=True)
    with progress:
        plan: MergePlan = call.perform(call.engine(), progress=progress.merging)
    call.show(plan)
    return _status(call, conflicts=plan.conflict_steps)


def land(call: Call) -> int:
    """Show the plan, ask, merge; the status is 1 if there was something and nothing landed."""
    engine = call.engine()
    if not call.extras["yes"]:
        _consent(call, engine)
    progress = ProgressLine(quiet=call.as_json)
    with progress:
        result: MergeResult = call.perform(engine, progress=progress.merging)
    call.show(result)
    failed = any(aside.reason != NOTHING_TO_LAND for aside in result.put_aside)
    return 1 if failed and not result.merged else 0


def _consent(call: Call, engine: Engine) -> None:
    """Return if a person agrees to the plan.

    Raises:
        Refused: No, or nobody is there to answer.
    """
    if call.as_json or not terminal.can_ask():
        raise Refused(
            f"Merging onto {engine.repo.base} asks first, and nobody is here to answer.",
            hint="Look at weft merge plan, then: weft merge run --yes",
        )
    plan = _plan(call, engine)
    from core.interfaces.cli.render.merging import plan as render

    terminal.show(render(plan))
    landing = len(plan.clean_steps)
    if plan.steps and not terminal.ask(f"Merge {landing} of {len(plan.steps)} onto {plan.base}?"):
        raise Refused("Nothing was merged.")


def _plan(call: Call, engine: Engine) -> MergePlan:
    from core.engine.merging import merge_plan

    shared = {name: value for name, value in call.values.items() if name != "check"}
    plan: MergePlan = finished(merge_plan(engine, **shared))
    return plan


def _status(call: Call, *, conflicts: int) -> int:
    return CONFLICTS_FOUND if conflicts and call.extras["exit_code"] else 0
