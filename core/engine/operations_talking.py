"""Operations on conversations with agents: say, answer, go on, take over."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param, ParamKind, Role

_GROUP: Final = "Work"
_KEY: Final = Param("key", "Key of the task.", required=True, metavar="KEY")
_TALKING: Final = "core.engine.talking"
_CONTINUING: Final = "core.engine.continuing"

TALKING: Final = (
    Operation(
        "say",
        f"{_TALKING}:say",
        _GROUP,
        "Say something to a running agent: at once if it can hear it, else with its next turn.",
        (
            Param("target", "Task key or worker name.", metavar="KEY_OR_WORKER"),
            Param("text", "The words.", metavar="TEXT"),
            Param("worker", "Name a worker, should a key be alike.", flag="--worker"),
            Param("all", "Tell every running agent.", ParamKind.FLAG, "--all"),
        ),
        ("weft say task-4 'Mind the tests, please'", "weft say --all 'The API has moved'"),
        changes=True,
        role=Role.SUPERVISOR,
    ),
    Operation(
        "questions",
        f"{_TALKING}:asked_questions",
        _GROUP,
        "List what running agents ask and nobody has answered.",
        (),
        ("weft questions", "weft questions --json"),
        role=Role.SUPERVISOR,
    ),
    Operation(
        "answer",
        f"{_TALKING}:answer",
        _GROUP,
        "Answer what a run asks: yes, always, no, one of the options, or words.",
        (
            Param("run", "Id of the run, its task or its worker.", required=True, metavar="RUN"),
            Param("answer", "The answer.", required=True, metavar="yes|no|TEXT"),
            Param(
                "question",
                "Which question; the oldest if left out.",
                ParamKind.INT,
                "--question",
                metavar="ID",
            ),
        ),
        ("weft answer task-4 yes", "weft answer run-7k3f9qx2 'Port 8080'"),
        changes=True,
        details="`always` allows the same for the rest of the run.",
    ),
    Operation(
        "continue",
        f"{_CONTINUING}:continue_task",
        _GROUP,
        "Have the agent of an ended run go on in its session, with new words.",
        (_KEY, Param("text", "The words, such as a review's.", required=True, metavar="TEXT")),
        ("weft continue task-4 'Good, but the retry needs a test'",),
        changes=True,
        role=Role.SUPERVISOR,
        details="The task goes back to the same worker; its branch and worktree stay.",
    ),
    Operation(
        "attach",
        f"{_CONTINUING}:attach",
        _GROUP,
        "Open the session of a task's last run in the agent's own interface.",
        (_KEY,),
        ("weft attach task-4",),
        local=True,
        details="On a terminal the agent's program takes it over; else the command is printed.",
    ),
    Operation(
        "open",
        "core.engine.desktop:open_task",
        _GROUP,
        "Open the worktree of a task in your editor, or in a terminal.",
        (_KEY, Param("terminal", "In a terminal.", ParamKind.FLAG, "--terminal")),
        ("weft open task-4", "weft open task-4 --terminal"),
        local=True,
        details="The settings `editor` and `terminal` name the programs.",
    ),
)
