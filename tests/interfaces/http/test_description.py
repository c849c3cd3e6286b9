"""The description of the API: whole, true, and no request made from it breaks anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.engine import tasks, workers
from core.engine.table import OPERATIONS
from core.interfaces.http.openapi import description
from core.interfaces.http.routes import operation_path
from tests.interfaces.http.fuzzing import fuzz

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interfaces.http.client import Client
    from tests.interfaces.http.serving import Served

CONTRACT = {
    ("post", "/api/workers/spawn"),
    ("get", "/api/workers"),
    ("patch", "/api/workers/{id}"),
    ("delete", "/api/workers/{id}"),
    ("post", "/api/workers/{id}/merge"),
    ("post", "/api/tasks/claim"),
    ("get", "/api/tasks"),
    ("post", "/api/tasks"),
    ("get", "/api/conflicts"),
    ("get", "/api/merge/plan"),
    ("get", "/api/health"),
    ("get", "/api/events"),
}


def test_it_holds_the_contracts_routes_and_every_operation() -> None:
    found = {
        (method, path) for path, methods in description()["paths"].items() for method in methods
    }

    assert found >= CONTRACT
    assert found >= {("post", operation_path(one)) for one in OPERATIONS if not one.local}


def test_it_is_served_as_it_is_made(client: Client) -> None:
    assert client("GET", "/openapi.json", status=200).json == description()


def test_every_answer_has_a_schema_that_says_something() -> None:
    paths = description()["paths"]

    empty = [
        (path, method)
        for path, methods in paths.items()
        for method, told in methods.items()
        for status in told["responses"]
        if status.startswith("2")
        and not all(content["schema"] for content in told["responses"][status]["content"].values())
    ]
    assert empty == []


@pytest.mark.timeout(300)
def test_requests_made_from_it_are_answered_as_it_says(served: Served, tmp_path: Path) -> None:
    served.engine.submit(workers.worker_add, "human-ana", type="human").result(10)
    served.engine.submit(tasks.task_add, "One", file=("a.py",)).result(10)

    found = fuzz(served.client, tmp_path, phases="fuzzing", examples=2)

    if found:
        pytest.fail(found, pytrace=False)
