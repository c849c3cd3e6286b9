"""Operations of the dispatcher: suggestions, proposals, its controls, the gates of stages."""

from __future__ import annotations

from typing import Final

from core.domain.dispatch import DispatchMode
from core.engine.operation import Operation, Param, ParamKind, Role

_GROUP: Final = "Dispatch"
_CONTROLS: Final = "core.engine.controls"
_KEY: Final = Param("key", "Key of the task.", metavar="KEY")
_STAGED: Final = Param("key", "Key of the task.", required=True, metavar="KEY")

DISPATCH: Final = (
    Operation(
        "suggest",
        "core.engine.choosing:suggest",
        _GROUP,
        "Show who should take a task, or what a worker should take, and why.",
        (
            _KEY,
            Param("worker", "For this worker.", flag="--worker", metavar="NAME"),
            Param("limit", "At most so many.", ParamKind.INT, "--limit", metavar="N"),
        ),
        ("weft suggest", "weft suggest task-4", "weft suggest --worker human-ana"),
        role=Role.SUPERVISOR,
    ),
    Operation(
        "task order",
        "core.engine.tasks:task_order",
        "Tasks",
        "Put a task elsewhere in its column: at the top, the bottom, or beside another one.",
        (
            _STAGED,
            Param("first", "At the top.", ParamKind.FLAG, "--first"),
            Param("last", "At the bottom.", ParamKind.FLAG, "--last"),
            Param("before", "Above this one.", flag="--before", metavar="KEY"),
            Param("after", "Below this one.", flag="--after", metavar="KEY"),
        ),
        ("weft task order task-4 --first", "weft task order task-4 --after task-2"),
        changes=True,
        role=Role.SUPERVISOR,
        details=(
            "Of tasks that are equally urgent the upper one is claimed first; in hybrid mode the"
            " order is all that counts."
        ),
    ),
    Operation(
        "proposals",
        f"{_CONTROLS}:proposals",
        _GROUP,
        "List what the dispatcher would assign to whom, and why.",
        (),
        ("weft proposals", "weft proposals --json"),
        role=Role.SUPERVISOR,
    ),
    Operation(
        "accept",
        f"{_CONTROLS}:accept",
        _GROUP,
        "Assign what is proposed: an agent claims and starts, a person claims.",
        (
            _KEY,
            Param("worker", "What is proposed for this worker.", flag="--worker", metavar="NAME"),
            Param("all", "Everything that is proposed.", ParamKind.FLAG, "--all"),
        ),
        ("weft accept task-4", "weft accept --all"),
        changes=True,
        role=Role.SUPERVISOR,
    ),
    Operation(
        "dispatch show",
        f"{_CONTROLS}:dispatch_view",
        _GROUP,
        "Show how the dispatcher stands: who decides, what is ready, what holds starts back.",
        (),
        ("weft dispatch show",),
        role=Role.SUPERVISOR,
    ),
    Operation(
        "dispatch pause",
        f"{_CONTROLS}:dispatch_pause",
        _GROUP,
        "Have the dispatcher give out nothing by itself; what runs goes on.",
        (),
        ("weft dispatch pause",),
        changes=True,
        role=Role.SUPERVISOR,
        details="To suspend what runs too: weft pause --all",
    ),
    Operation(
        "dispatch resume",
        f"{_CONTROLS}:dispatch_resume",
        _GROUP,
        "Let the dispatcher go on.",
        (),
        ("weft dispatch resume",),
        changes=True,
        role=Role.SUPERVISOR,
    ),
    Operation(
        "dispatch mode",
        f"{_CONTROLS}:dispatch_mode",
        _GROUP,
        "Set who decides, in your own settings.",
        (
            Param(
                "mode",
                "A person, the queue, or the queue in the board's order.",
                ParamKind.CHOICE,
                required=True,
                choices=tuple(mode.value for mode in DispatchMode),
                metavar="MODE",
            ),
        ),
        ("weft dispatch mode queue",),
        changes=True,
        details=(
            "supervisor: it proposes, and a person or a supervising agent assigns. queue: idle"
            " agents take what suits them best. hybrid: they take the next that fits, in the order"
            " of the board from the top, whatever the priorities (weft task order)."
        ),
    ),
    Operation(
        "stage approve",
        "core.engine.gates:stage_approve",
        _GROUP,
        "Let a task go on past the stage that waits for a word.",
        (_STAGED, Param("text", "What to say with it.", metavar="TEXT")),
        ("weft stage approve task-4",),
        changes=True,
    ),
    Operation(
        "stage reject",
        "core.engine.gates:stage_reject",
        _GROUP,
        "Send a task back to be done anew, with words.",
        (_STAGED, Param("text", "What has to be changed.", required=True, metavar="TEXT")),
        ("weft stage reject task-4 'The retry has no upper limit.'",),
        changes=True,
    ),
    Operation(
        "stage escalate",
        "core.engine.gates:stage_escalate",
        _GROUP,
        "Mark a task whose stage waits as one that somebody must decide.",
        (_STAGED, Param("text", "What it is about.", metavar="TEXT")),
        ("weft stage escalate task-4 'Do we want this at all?'",),
        changes=True,
    ),
)
