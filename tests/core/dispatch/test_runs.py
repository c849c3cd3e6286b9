"""Whole runs: a real runner, a real agent process, a real worktree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.run import RunStatus
from core.domain.task import TaskStatus

if TYPE_CHECKING:
    from tests.runs import RunProject


async def test_a_run_commits_and_its_task_waits_for_review(project: RunProject) -> None:
    run = await project.run_through(
        {"say": "Reading the file"},
        {"edit": {"path": "a.txt", "old": "line 1\n", "new": "line one\n"}},
        {"commit": "say one"},
        {"say": "All done"},
    )

    assert (run.status, run.exit_code, run.reason) == (RunStatus.DONE, 0, "")
    assert project.task("task-1").status is TaskStatus.REVIEW
    assert project.disk.git("log", "-1", "--format=%s %an", "worker/agent-1/task-1") == (
        "say one Weft Tests"
    )
    assert run.last_message == "All done"
    assert project.said(run, "message") == ["Reading the file", "All done"]
    assert project.disk.git("status", "--porcelain") == ""
