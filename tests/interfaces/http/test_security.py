"""Who is let in: the notes' attacks S01 to S04, S06 to S09, over a genuine connection."""

from __future__ import annotations

import json
import stat
import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from core.engine import overview, workers
from core.events import log
from core.interfaces.http.openapi import description
from core.interfaces.http.token import api_token, proof, token_file
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.event import Event
    from core.engine.context import Engine
    from tests.interfaces.http.client import Client
    from tests.interfaces.http.serving import Served

FOREIGN = ("https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1")
NAMES = ("../../x", "a/b", ".", "\u2024\u2024", "T-1\n", "x" * 10_000, "-D", "$(x)", ";x", "a.lock")
PATHS = ("../x", "/etc/passwd", "a/../../b", ".git/config", ".GIT/config", "C:\\x", "a\nb")


def _every_route() -> list[tuple[str, str]]:
    return [
        (method.upper(), path.replace("{id}", "nobody"))
        for path, methods in description()["paths"].items()
        for method in methods
    ]


def test_s01_no_route_answers_without_the_token(client: Client) -> None:
    wrong = (None, "Bearer x", f"Bearer {client.token}x", f"Basic {client.token}", client.token)

    for method, path in _every_route():
        for shown in wrong:
            answer = client(method, path, headers={"Authorization": shown}, status=401)
            assert answer.headers["www-authenticate"].startswith("Bearer")
    client("GET", f"/api/health?token={client.token}", headers={"Authorization": None}, status=401)


def test_s01_ten_wrong_tokens_are_one_event(served: Served) -> None:
    def refused(engine: Engine) -> list[Event]:
        return [e for e in overview.events(engine, since=0) if e.kind == "api.refused"]

    for _ in range(12):
        served.client("GET", "/api/health", headers={"Authorization": "Bearer no"}, status=401)
    wait_until(lambda: served.engine.submit(refused).result(10))

    told = served.engine.submit(refused).result(10)
    assert [event.data for event in told] == [{"failures": 10}]
    assert served.client.token not in json.dumps([dict(event.data) for event in told])


def test_s01_an_upgrade_to_a_websocket_is_no_way_in(client: Client) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}

    told = client("GET", "/api/events", headers={**upgrade, "Authorization": None})

    assert told.status == 401


def test_s02_only_our_own_name_is_answered(client: Client) -> None:
    port = client.port
    for name in (f"evil.example:{port}", f"0.0.0.0:{port}", "127.0.0.1", f"127.0.0.1:{port + 1}"):
        client("GET", "/api/health", headers={"Host": name}, status=421)
    bearer = ("Authorization", f"Bearer {client.token}")
    twice = [("Host", client.host), ("Host", "evil.example"), bearer]

    assert client("GET", "/api/health", headers={"Host": f"localhost:{port}"}).status == 200
    assert client.exchange("GET", "/api/health", twice).status in (400, 421)


def test_s03_no_page_is_let_in_and_no_page_is_told_so(client: Client) -> None:
    asked = [client("GET", "/api/health", headers={"Origin": one}) for one in FOREIGN]
    asked += [
        client("POST", "/api/tasks", {"title": "x"}, headers={"Origin": FOREIGN[0]}),
        client("GET", "/api/health", headers={"Sec-Fetch-Site": "cross-site"}),
        client("GET", "/api/health", headers={"Sec-Fetch-Site": "same-site"}),
        client(
            "OPTIONS",
            "/api/tasks",
            headers={
                "Origin": FOREIGN[0],
                "Authorization": None,
                "Access-Control-Request-Method": "POST",
            },
        ),
    ]

    assert [answer.status for answer in asked] == [403] * len(asked)
    assert not any(name.startswith("access-control") for a in asked for name in a.headers)
    assert client("GET", "/api/tasks", status=200).json == []


def test_the_name_is_looked_at_before_the_page_and_the_page_before_the_token(
    client: Client,
) -> None:
    evil = {"Host": "evil.example", "Origin": "https://evil.example", "Authorization": None}

    answers = [
        client("GET", "/api/health", headers=evil).status,
        client("GET", "/api/health", headers=evil | {"Host": client.host}).status,
        client("GET", "/api/health", headers={"Authorization": None}).status,
    ]

    assert answers == [421, 403, 401]


def test_s04_bodies_that_are_no_json_are_refused_and_cost_nothing(client: Client) -> None:
    before = psutil.Process().memory_info().rss
    task = b'{"title": "x"}'
    deep = b'{"title": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    refused = [
        client("POST", "/api/tasks", raw=task, headers={"Content-Type": "text/plain"}),
        client("POST", "/api/tasks", raw=b"title=x", headers={"Content-Type": FORM}),
        client("POST", "/api/tasks", raw=task, headers={"Content-Type": None}),
        client("POST", "/api/tasks", raw=b'{"title": "' + b"x" * 2_000_000 + b'"}'),
        client("POST", "/api/tasks", raw=deep),
        client("POST", "/api/tasks", raw=b'{"title": "x", "issue_number": NaN}'),
        client("POST", "/api/tasks", raw=b'{"title": "x", "title": "y"}'),
        client("POST", "/api/tasks", raw=b'"title"'),
        client("POST", "/api/tasks", raw=b'{"title": "\xff"}'),
        client("POST", "/api/tasks", raw=b'{"title": "\\ud800"}'),
        client("POST", "/api/tasks", raw=b'{"title": "a\\u0000b"}'),
    ]

    statuses = [answer.status for answer in refused]
    assert statuses == [415, 415, 415, 413, 400, 400, 400, 400, 400, 400, 400]
    assert client("GET", "/api/tasks", status=200).json == []
    assert psutil.Process().memory_info().rss - before < 20_000_000


FORM = "application/x-www-form-urlencoded"


def test_s06_a_client_can_tell_us_from_another_program_on_our_port(client: Client) -> None:
    challenge = "a" * 43
    headers = {"Authorization": None, "Weft-Challenge": challenge}

    told = client("GET", "/api/health", headers=headers, status=401)
    silly = client("GET", "/api/health", headers=headers | {"Weft-Challenge": "x y"}, status=401)

    assert told.headers["weft-proof"] == proof(client.token, challenge)
    assert "weft-proof" not in silly.headers


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no such modes of a file")
def test_s06_the_token_is_private_and_made_anew_when_it_was_not(weft_home: Path) -> None:
    first = api_token()
    again = api_token()
    token_file().chmod(0o644)
    fresh = api_token()

    assert first == again != fresh
    assert token_file() == weft_home / "api-token"
    assert stat.S_IMODE(token_file().stat().st_mode) == 0o600


@pytest.mark.parametrize("name", NAMES)
def test_s07_no_name_leaves_its_place(served: Served, name: str, tmp_path: Path) -> None:
    before = sorted(str(path) for path in tmp_path.rglob("*") if ".git/" not in str(path))

    answers = [
        served.client("POST", "/api/tasks", {"title": "x", "key": name}),
        served.client("POST", "/api/tasks/claim", {"workerId": name}),
        served.client("POST", "/api/workers/spawn", {"taskId": name, "taskTitle": "x"}),
        served.client("POST", "/api/operations/worker-add", {"name": name, "type": "human"}),
        served.client("POST", "/api/operations/task-show", {"key": name}),
    ]

    assert all(400 <= answer.status < 500 for answer in answers), [a.status for a in answers]
    after = sorted(str(path) for path in tmp_path.rglob("*") if ".git/" not in str(path))
    assert after == before


@pytest.mark.parametrize("path", PATHS)
def test_s08_nothing_outside_the_repository_can_be_locked(served: Served, path: str) -> None:
    served.engine.submit(workers.worker_add, "human-ana", type="human").result(10)
    served.client("POST", "/api/tasks", {"title": "x"}, status=201)
    served.client("POST", "/api/tasks/claim", {"workerId": "human-ana"}, status=200)

    declared = served.client("POST", "/api/tasks", {"title": "y", "files": [path]})
    reserved = served.client(
        "POST", "/api/operations/agent-reserve", {"paths": [path], "worker": "human-ana"}
    )

    assert (declared.status, reserved.status) == (400, 400)
    assert served.client("POST", "/api/operations/locks", {}, status=200).json == []


def test_s09_words_that_look_like_options_are_only_words(served: Served, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    evil = f"--upload-pack=touch {marker}"

    added = served.client(
        "POST", "/api/tasks", {"title": evil, "description": f"$(touch {marker})"}, status=201
    )
    refused = [
        served.client("POST", "/api/operations/init", {"base": evil}),
        served.client("POST", "/api/operations/worker-add", {"name": evil, "type": "agent"}),
        served.client("POST", "/api/operations/merge-plan", {"keys": [evil]}),
        served.client("POST", "/api/operations/merge-undo", {"run": evil}),
        served.client("GET", "/api/tasks?repoPath=--exec"),
    ]

    assert added.json["title"] == evil
    assert all(400 <= answer.status < 500 for answer in refused), [a.status for a in refused]
    assert not marker.exists()


def test_nothing_of_a_secret_is_in_the_event_log(served: Served) -> None:
    served.client("POST", "/api/tasks", {"title": "x"}, status=201)

    events = served.engine.submit(lambda _engine: log.read()).result(10)

    assert served.client.token not in json.dumps([dict(event.data) for event in events])
