"""Operations on locks."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param, ParamKind

_PATHS: Final = Param("paths", "Files or globs.", many=True, required=True, metavar="PATH")

LOCKS: Final = (
    Operation(
        "locks",
        "core.engine.locking:locks",
        "Work",
        "List what is locked: by whom, for which task, until when.",
        (),
        ("weft locks", "weft locks --json"),
    ),
    Operation(
        "lock",
        "core.engine.locking:lock",
        "Work",
        "Lock files or globs for a task, all or none.",
        (
            _PATHS,
            Param("worker", "Who holds them.", flag="--worker", required=True, metavar="NAME"),
            Param("task", "For which task.", flag="--task", required=True, metavar="KEY"),
            Param(
                "minutes",
                "For how long; without it as long as the claim.",
                ParamKind.DURATION,
                "--for",
                metavar="2h",
            ),
            Param("shared", "Together with others who share them.", ParamKind.FLAG, "--shared"),
        ),
        (
            "weft lock 'src/hooks/*.py' --worker human-ana --task task-4",
            "weft lock docs/guide.md --worker human-ana --task task-4 --for 2h --shared",
        ),
        changes=True,
        details=(
            "A claim locks what its task declares. This locks more: for a task that the worker"
            " owns, or to reserve files for one that nobody owns yet (two hours without --for)."
        ),
    ),
    Operation(
        "unlock",
        "core.engine.locking:unlock",
        "Work",
        "Give locks back, all or none.",
        (
            _PATHS,
            Param("worker", "Whose they are.", flag="--worker", metavar="NAME"),
            Param("force", "Take them from whoever holds them.", ParamKind.FLAG, "--force"),
        ),
        (
            "weft unlock 'src/hooks/*.py' --worker human-ana",
            "weft unlock docs/guide.md --force",
        ),
        changes=True,
    ),
)
