"""What the command line adds to each operation: who renders it, its own options, its own act.

All by name, so that nothing but the invoked operation's modules is imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.engine.operation import Param, ParamKind
from core.interfaces.cli import (
    faces_agents,
    faces_dispatch,
    faces_prompt,
    faces_talking,
    faces_usage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE: Final = "core.interfaces.cli"
PLAIN_ACT: Final = f"{_HERE}.call:call_and_show"


@dataclass(frozen=True, slots=True)
class Face:
    """How the command line shows one operation.

    Attributes:
        render: `module:function`; from the operation's result to blocks.
        act: `module:function`; from a `Call` to the exit status.
        extras: Options of the command line alone; the operation never sees them.
    """

    render: str
    act: str = PLAIN_ACT
    extras: tuple[Param, ...] = ()


def _flag(name: str, help_: str) -> Param:
    return Param(name, help_, ParamKind.FLAG, f"--{name.replace('_', '-')}")


def _face(render: str, act: str = "", *extras: Param) -> Face:
    return Face(
        f"{_HERE}.render.{render}", f"{_HERE}.acts.{act}" if act else PLAIN_ACT, tuple(extras)
    )


_EXIT_CODE: Final = _flag("exit_code", "End with status 3 if there is a conflict.")
_YES: Final = _flag("yes", "Do not ask.")
_FOLLOW: Final = _flag("follow", "Go on with what happens from now on, until Ctrl-C.")

FACES: Final[Mapping[str, Face]] = MappingProxyType(
    {
        "init": _face("repos:registered", "registering:register"),
        "demo": _face("repos:demo_ended", "demo:show_demo"),
        "task add": _face("tasks:added"),
        "task list": _face("tasks:listed"),
        "task show": _face("tasks:shown"),
        "task edit": _face("tasks:edited"),
        "task remove": _face("tasks:removed"),
        "task import": _face("tasks:imported", "importing:import_tasks"),
        "task approve": _face("tasks:approved"),
        "task retry": _face("tasks:retried"),
        "worker add": _face("workers:added"),
        "worker list": _face("workers:listed"),
        "worker remove": _face("workers:removed"),
        "worker heartbeat": _face("workers:heard"),
        "claim": _face("runs:claimed"),
        "start": _face("tasks:started"),
        "done": _face("tasks:finished"),
        "release": _face("tasks:released"),
        "run": _face("runs:launched", "running:run_agents"),
        "pause": _face("runs:steered"),
        "resume": _face("runs:steered"),
        "abort": _face("runs:steered"),
        "locks": _face("locks:listed"),
        "lock": _face("locks:locked"),
        "unlock": _face("locks:unlocked"),
        "status": _face(
            "overview:status", "following:show_status", _flag("watch", "Show it anew on changes.")
        ),
        "log": _face("overview:log", "task_log:show_log", _FOLLOW),
        "events": _face("overview:events", "following:show_events", _FOLLOW),
        "conflicts": _face("conflicts:matrix", "landing:show_conflicts", _EXIT_CODE),
        "merge plan": _face("merging:plan", "landing:show_plan", _EXIT_CODE),
        "merge run": _face("merging:merged", "landing:land", _YES),
        "merge update": _face("resolving:brought"),
        "resolve": _face("resolving:resolved"),
        "merge undo": _face("merging:undone"),
        "merge log": _face("merging:past"),
        "merge tidy": _face("resolving:tidied"),
        "reset": _face("resolving:reset"),
        "trust": _face("trust:view", "trusting:review_trust", _YES),
        "doctor": _face("doctor:findings", "diagnosis:diagnose"),
        "health": _face("figures:health"),
        "stats": _face("figures:stats"),
        "report": _face("figures:report"),
        "timeline": _face("figures:timeline"),
        "permit": _face("permits:shown"),
        **{name: _face(*face) for name, face in faces_talking.RENDERERS.items()},
        **{name: _face(render) for name, render in faces_agents.RENDERERS.items()},
        **{name: _face("agents:served", act) for name, act in faces_agents.SERVERS.items()},
        **{name: _face(render) for name, render in faces_dispatch.RENDERERS.items()},
        **{name: _face(render) for name, render in faces_prompt.RENDERERS.items()},
        **{name: _face(render) for name, render in faces_usage.RENDERERS.items()},
    }
)
