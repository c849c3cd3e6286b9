"""The contract's routes, called as a program would call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.engine import workers

if TYPE_CHECKING:
    from tests.interfaces.http.client import Client
    from tests.interfaces.http.serving import Served


def _add_human(served: Served, name: str) -> None:
    served.engine.submit(workers.worker_add, name, type="human").result(10)


def test_a_worker_claims_reports_and_completes_over_http(served: Served) -> None:
    client = served.client
    _add_human(served, "human-ana")
    added = client(
        "POST", "/api/tasks", {"title": "Retry webhooks", "files": ["src/hooks.py"]}, status=201
    ).json

    claimed = client("POST", "/api/tasks/claim", {"workerId": "human-ana"}, status=200).json
    working = client("PATCH", "/api/workers/human-ana", {"status": "working"}, status=200).json
    done = client(
        "PATCH", "/api/workers/human-ana", {"status": "done", "message": "Done."}, status=200
    ).json
    nothing = client("POST", "/api/tasks/claim", {"workerId": "human-ana"}, status=200).json

    assert added["files"] == ["src/hooks.py"]
    assert claimed["task"]["key"] == added["key"]
    assert claimed["task"]["worktree"].endswith(added["key"])
    assert (working["status"], working["task"]) == ("busy", added["key"])
    assert done["task"] is None
    assert nothing["task"] is None
    assert client("GET", "/api/tasks?status=review", status=200).json[0]["key"] == added["key"]


def test_why_nothing_can_be_claimed_is_said(served: Served) -> None:
    _add_human(served, "human-ana")
    first = served.client("POST", "/api/tasks", {"title": "First", "key": "SD.1"}, status=201).json
    served.client(
        "POST", "/api/tasks", {"title": "Second", "skills": ["rust"], "key": "SD.2"}, status=201
    )
    served.client("POST", "/api/tasks/claim", {"workerId": "human-ana"}, status=200)

    told = served.client("POST", "/api/tasks/claim", {"workerId": "human-ana", "taskId": "SD.2"})

    assert first["key"] == "SD.1"
    assert told.status == 409
    assert told.error["reasons"] == [
        "human-ana is busy with SD.1.",
        "human-ana lacks the skill rust.",
    ]


def test_a_reported_error_is_a_failed_attempt(served: Served) -> None:
    _add_human(served, "human-ana")
    key = served.client("POST", "/api/tasks", {"title": "First"}, status=201).json["key"]
    served.client("POST", "/api/tasks/claim", {"workerId": "human-ana"}, status=200)

    served.client(
        "PATCH",
        "/api/workers/human-ana",
        {"status": "error", "message": "The tests do not start."},
        status=200,
    )

    task = served.client("GET", "/api/tasks", status=200).json[0]
    assert (task["key"], task["status"]) == (key, "backlog")
    assert (task["attempts"], task["last_error"]) == (1, "The tests do not start.")


def test_a_worker_with_a_task_is_removed_by_force_alone(served: Served) -> None:
    _add_human(served, "human-ana")
    served.client("POST", "/api/tasks", {"title": "First"}, status=201)
    served.client("POST", "/api/tasks/claim", {"workerId": "human-ana"}, status=200)

    refused = served.client("DELETE", "/api/workers/human-ana")
    removed = served.client("DELETE", "/api/workers/human-ana", {"force": True}, status=200).json

    assert refused.status == 409
    assert refused.error["reasons"] == ["It owns task-1: release or abort that first."]
    assert removed["name"] == "human-ana"
    assert served.client("GET", "/api/workers", status=200).json == []
    assert served.client("GET", "/api/tasks?available=true", status=200).json[0]["key"] == "task-1"


def test_looking_answers_in_the_shapes_of_the_contract(client: Client) -> None:
    conflicts = client("GET", "/api/conflicts", status=200).json
    plan = client("GET", "/api/merge/plan?strategy=squash", status=200).json
    health = client("GET", "/api/health", status=200).json

    assert {"base", "pairs", "against_base", "hot_files", "took_ms", "cached"} <= set(conflicts)
    assert (plan["strategy"], plan["steps"]) == ("squash", [])
    assert {"workers", "queue", "locks", "conflict_rate", "assignment_latency_ms"} <= set(health)


def test_a_worker_that_has_nothing_in_review_is_not_merged(served: Served) -> None:
    _add_human(served, "human-ana")

    told = served.client("POST", "/api/workers/human-ana/merge", {"strategy": "auto"})

    assert told.status == 409
    assert told.error["message"] == "human-ana has nothing in review."


def test_another_repository_is_named_by_its_path(served: Served) -> None:
    other = type(served.repo).create(served.repo.path.parent / "other")
    served.client(
        "POST", "/api/operations/init?repoPath=" + str(served.repo.path), {"path": str(other.path)}
    )

    there = served.client("POST", "/api/tasks", {"title": "There", "repoPath": str(other.path)})
    unknown = served.client("GET", f"/api/tasks?repoPath={served.repo.path.parent}")

    here = served.client("POST", "/api/tasks", {"title": "Here"}, status=201)

    assert there.json["repo"] == str(other.path)
    assert here.json["repo"] == str(served.repo.path)
    assert unknown.status == 404


def test_every_wrong_request_is_told_in_the_same_shape(client: Client) -> None:
    wrong = [
        client("GET", "/api/nothing", status=404),
        client("PUT", "/api/tasks", {}, status=405),
        client("POST", "/api/tasks", {"name": "x"}, status=400),
        client("POST", "/api/tasks", {"title": 7}, status=400),
        client("POST", "/api/tasks", {"title": "x", "priority": "soon"}, status=400),
        client("GET", "/api/tasks?status=someday", status=400),
        client("GET", "/api/tasks?fresh=1", status=400),
        client("PATCH", "/api/workers/nobody", {"status": "done"}, status=404),
        client("POST", "/api/operations/no-such", {}, status=404),
        client("POST", "/api/operations/demo", {}, status=404),
    ]

    assert all(set(answer.error) == {"code", "message", "reasons", "hint"} for answer in wrong)
    assert wrong[2].error["message"] == "'POST /api/tasks' has no parameter 'name'."
    assert client("PUT", "/api/tasks", {}).headers["allow"]
