"""The operations that show what agents there are and what they are told."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param

PROMPTS: Final = (
    Operation(
        "agents",
        "core.engine.prompting:agents",
        "Workers",
        "List the agent programs that are known: which are installed, and what they lack.",
        (),
        ("weft agents",),
    ),
    Operation(
        "prompt",
        "core.engine.prompting:prompt",
        "Work",
        "Show what an agent of a task would be told; nothing is sent.",
        (
            Param("key", "Key of the task.", required=True, metavar="KEY"),
            Param("worker", "Who would do it.", flag="--worker", metavar="NAME"),
        ),
        ("weft prompt task-4",),
        details=(
            "The text comes from the task, from who else is at work, and from the template that"
            " the setting prompt_file names on the base, if it names one."
        ),
    ),
)
