"""Agents put to work over HTTP: a genuine run begins, and ends with its worker."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.interfaces.http.serving import serving

if TYPE_CHECKING:
    from tests.scenarios import Repo

PROFILE = """
[agents.slow]
driver = "command"
command = ["sleep", "300"]
"""


@pytest.fixture(autouse=True)
def quick_starts(bytecode: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the runner keep what it compiles."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))


def test_a_spawned_worker_works_and_is_removed_with_its_run(
    repo: Repo, weft_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo.path)
    weft_home.mkdir(parents=True, exist_ok=True)
    (weft_home / "config.toml").write_text(PROFILE, encoding="utf-8")
    with serving(repo) as served:
        client = served.client
        wish = {"taskId": "SD.1", "taskTitle": "Sleep", "agent": "slow"}

        spawned = client("POST", "/api/workers/spawn", wish, status=201).json
        busy = client("GET", "/api/workers", status=200).json[0]
        worker = f"/api/workers/{spawned['workerId']}"
        early = client("PATCH", worker, {"status": "done", "message": "Done."}, status=409)
        refused = client("DELETE", f"/api/workers/{spawned['workerId']}", status=409)
        client("DELETE", f"/api/workers/{spawned['workerId']}?force=true", status=200)
        task = client("GET", "/api/tasks", status=200).json[0]
        again = client("POST", "/api/workers/spawn", {"taskId": "SD.9"})

    assert spawned["taskId"] == "SD.1"
    assert spawned["branchName"] == f"worker/{spawned['workerId']}/SD.1"
    assert Path(spawned["worktreePath"]).is_dir()
    assert spawned["runId"].startswith("run-")
    assert (busy["name"], busy["task"]) == (spawned["workerId"], "SD.1")
    assert refused.error["code"] == "refused"
    assert early.error["message"].startswith(
        f"SD.1 cannot be finished by hand while its run {spawned['runId']} is "
    )
    assert early.error["hint"] == "Let it end, or stop it first: weft abort SD.1"
    assert task["status"] == "backlog"
    assert again.status == 404
