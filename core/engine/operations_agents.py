"""The operations of agents: what a worker does for itself, and what a supervisor does with one."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param, ParamKind, Role

_ACTS: Final = "core.engine.agent_acts"
_SUPERVISING: Final = "core.engine.supervising"
_GROUP: Final = "Agents"

PINNED: Final = ("worker", "task", "run")
"""Parameters that say who acts: an agent's door fills them in, and no agent gives them."""

_WORKER: Final = Param("worker", "Who acts.", flag="--worker", metavar="NAME")
_TASK: Final = Param("task", "The task that it must own.", flag="--task", metavar="KEY")
_PATHS: Final = Param(
    "paths", "Files or globs, relative to the repository.", many=True, required=True, metavar="PATH"
)


def _act(
    name: str, tool: str, help_: str, *params: Param, example: str, changes: bool = True
) -> Operation:
    return Operation(
        f"agent {name}",
        f"{_ACTS}:{tool}",
        _GROUP,
        help_,
        (*params, _WORKER, _TASK),
        (f"weft agent {name}{example} --worker agent-quick-1",),
        changes=changes,
        role=Role.WORKER,
        tool=tool,
    )


AGENTS: Final = (
    _act(
        "claim",
        "claim_task",
        "Claim a task, or the best one that fits; tells branch and worktree.",
        Param("key", "Key of the task; the best one if left out.", metavar="KEY"),
        example=" task-4",
    ),
    _act(
        "task",
        "my_task",
        "Tell which task a worker owns, where its worktree is and what it has locked.",
        example="",
        changes=False,
    ),
    _act(
        "heartbeat",
        "heartbeat",
        "Say that a worker is alive and how far it is; tells whether to go on.",
        Param("message", "What it is doing, in a sentence.", metavar="TEXT"),
        example=" 'Half of the tests pass'",
    ),
    _act(
        "state",
        "worker_status",
        "Tell whether a worker should go on: working, paused or aborted.",
        example="",
        changes=False,
    ),
    _act(
        "reserve",
        "reserve_files",
        "Lock files for a worker's task before changing them, all or none.",
        _PATHS,
        Param("shared", "Others may share them.", ParamKind.FLAG, "--shared"),
        example=" src/app.py 'docs/*.md'",
    ),
    _act(
        "release",
        "release_files",
        "Give files free that a worker's task has locked.",
        _PATHS,
        example=" src/app.py",
    ),
    _act(
        "check",
        "check_conflicts",
        "Show what a worker's branch collides with, by real merges that touch nothing.",
        example="",
        changes=False,
    ),
    _act(
        "ask",
        "ask_person",
        "Ask a person and wait for the answer; within a run only.",
        Param("question", "The question, in a sentence or two.", required=True, metavar="TEXT"),
        Param("option", "An answer to choose from.", flag="--option", many=True, metavar="TEXT"),
        Param("wait", "At most so many seconds.", ParamKind.INT, "--wait", metavar="N"),
        example=" 'May I add a dependency?' --option yes --option no",
    ),
    _act(
        "complete",
        "complete_work",
        "Say that a worker's task is done: it goes to review.",
        Param("message", "What was done, in a few sentences.", metavar="TEXT"),
        example=" 'Webhooks are retried'",
    ),
    Operation(
        "worker spawn",
        f"{_SUPERVISING}:spawn_worker",
        "Workers",
        "Have an idle agent work on a task, one that exists or a new one.",
        (
            Param("task", "Key of the task.", metavar="KEY"),
            Param("title", "Title of the task, if it is new.", flag="--title", metavar="TITLE"),
            Param("agent", "Profile of the agent.", flag="--agent", metavar="PROFILE"),
        ),
        ("weft worker spawn task-4", "weft worker spawn --title 'Retry failed webhooks'"),
        changes=True,
        role=Role.SUPERVISOR,
    ),
    Operation(
        "worker merge",
        f"{_SUPERVISING}:merge_worker",
        "Workers",
        "Land what a worker has in review, or show how it would land.",
        (
            Param("name", "Name of the worker.", required=True, metavar="NAME"),
            Param(
                "strategy",
                "Land it, or show the plan.",
                ParamKind.CHOICE,
                "--strategy",
                choices=("auto", "review"),
            ),
        ),
        ("weft worker merge agent-quick-1 --strategy review",),
        changes=True,
        role=Role.SUPERVISOR,
    ),
)
