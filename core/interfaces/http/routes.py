"""The routes of the contract as data: what each takes, what it does and what it answers.

A route's parameters are an operation's, so that reading, checking and describing them is the one
code of `core.engine.arguments`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.engine.operation import Operation, Param, ParamKind
from core.engine.table import OPERATIONS, PRIORITIES, STATUSES, STRATEGIES

_ACTS: Final = "core.interfaces.http.acts"
REPO_PATH: Final = Param(
    "repoPath", "Folder of a registered repository; the server's own if left out.", ParamKind.PATH
)
REPORTS: Final = ("working", "done", "error")


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One method on one path.

    Attributes:
        method: HTTP method.
        path: Path, with `{id}` where a worker's name stands.
        operation: What it calls: its parameters are the query of a GET, else the body.
        status: Status of success.
    """

    method: str
    path: str
    operation: Operation
    status: int = 200

    @property
    def has_body(self) -> bool:
        """Return whether the parameters come in a body."""
        return self.method in ("POST", "PATCH")


def _text(name: str, help_: str, *, required: bool = False, many: bool = False) -> Param:
    return Param(name, help_, required=required, many=many)


def _choice(name: str, help_: str, choices: tuple[str, ...], *, many: bool = False) -> Param:
    return Param(name, help_, ParamKind.CHOICE, choices=choices, many=many)


def _number(name: str, help_: str) -> Param:
    return Param(name, help_, ParamKind.INT)


def _flag(name: str, help_: str) -> Param:
    return Param(name, help_, ParamKind.FLAG)


def _route(
    method: str, path: str, act: str, help_: str, *params: Param, status: int = 200
) -> ApiRoute:
    operation = Operation(
        f"{method} {path}",
        f"{_ACTS}:{act}",
        "Contract",
        help_,
        (REPO_PATH, *params),
        changes=method != "GET",
    )
    return ApiRoute(method, path, operation, status)


_KEYS: Final = Param("task", "Only these tasks.", many=True)

ROUTES: Final = (
    _route(
        "POST",
        "/api/workers/spawn",
        "spawn",
        "Have an idle agent work on a task, one that exists or a new one.",
        _text("taskId", "Key of the task."),
        _text("taskTitle", "Title of the task, if it is new."),
        _text("agent", "Profile of the agent."),
        status=201,
    ),
    _route("GET", "/api/workers", "list_workers", "List the workers and what each is doing."),
    _route(
        "PATCH",
        "/api/workers/{id}",
        "report",
        "Take a worker's report: it works on, is done, or has failed.",
        _choice("status", "What it reports.", REPORTS),
        _flag("heartbeat", "A sign of life; every report is one."),
        _text("message", "What it says."),
    ),
    _route(
        "DELETE",
        "/api/workers/{id}",
        "remove",
        "Remove a worker that owns no task.",
        _flag("force", "Abort its run and give its task back first."),
    ),
    _route(
        "POST",
        "/api/workers/{id}/merge",
        "merge",
        "Land what a worker has in review, or show how it would land.",
        _choice("strategy", "Land it, or show the plan.", ("auto", "review")),
    ),
    _route(
        "POST",
        "/api/tasks/claim",
        "claim",
        "Claim the best task that fits a worker; null, with the reasons, when none does.",
        _text("workerId", "Who claims.", required=True),
        _text("taskId", "Key of the task; the best one if left out."),
    ),
    _route(
        "GET",
        "/api/tasks",
        "list_tasks",
        "List tasks in the order of the board.",
        _choice("status", "Only these columns.", STATUSES, many=True),
        _text("worker", "Only of this worker."),
        _flag("available", "Only what can be claimed now."),
    ),
    _route(
        "POST",
        "/api/tasks",
        "add_task",
        "Add a task to the backlog.",
        _text("title", "What is to be done, in a few words.", required=True),
        _text("description", "What is to be done."),
        _choice("priority", "How urgent it is.", PRIORITIES),
        _text("skills", "Skills that it asks for.", many=True),
        _text("files", "Files or globs that it will change.", many=True),
        _text("depends_on", "Tasks that must be done before.", many=True),
        _number("estimate_minutes", "How long it should take."),
        _number("issue_number", "Number of its issue."),
        _text("key", "Key to use in place of the next task-N."),
        status=201,
    ),
    _route(
        "GET",
        "/api/conflicts",
        "matrix",
        "Show who collides with whom, by real merges that touch nothing.",
        _KEYS,
        _flag("fresh", "Use no cache."),
    ),
    _route(
        "GET",
        "/api/merge/plan",
        "plan",
        "Show the recommended order of merges, dry-run.",
        _KEYS,
        _choice("strategy", "How branches land.", STRATEGIES),
    ),
    _route("GET", "/api/health", "health", "Show how the work goes."),
)
EVENTS: Final = "/api/events"
OPENAPI: Final = "/openapi.json"
OFFERED: Final = tuple(operation for operation in OPERATIONS if not operation.local)
"""The operations that `POST /api/operations/NAME` takes."""


def operation_path(operation: Operation) -> str:
    """Return the path of an operation of the table: its name with hyphens."""
    return f"/api/operations/{operation.name.replace(' ', '-')}"
