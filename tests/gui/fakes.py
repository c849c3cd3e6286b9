"""Records of the engine with the usual rest filled in, and a board much like the pictures'."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.domain.overview import BoardView, Waiting
from core.domain.repo import Repo, WorktreeLayout
from core.domain.run import Run, RunStatus
from core.domain.task import Priority, Task, TaskStatus
from core.domain.worker import Worker, WorkerStatus, WorkerType

NOW = datetime.now(UTC)


def make_task(key: str, title: str, status: TaskStatus, **changes: Any) -> Task:
    """Make a task with the usual rest."""
    task = Task(
        key=key,
        repo="/repos/storefront",
        title=title,
        description="",
        status=status,
        priority=Priority.MEDIUM,
        skills=(),
        files=(),
        depends_on=(),
        estimate_minutes=None,
        issue_number=None,
        worker=None,
        branch=None,
        worktree=None,
        claimed_at=None,
        started_at=None,
        completed_at=None,
        attempts=0,
        escalated=False,
        last_error=None,
        needs_approval=False,
        approved_by=None,
        position=0,
        base_sha=None,
        landed_commit=None,
    )
    return replace(task, **changes)


def make_worker(name: str, **changes: Any) -> Worker:
    """Make an idle worker; its name says its type."""
    kind = WorkerType.HUMAN if name.startswith("human") else WorkerType.AGENT
    worker = Worker(
        name=name,
        type=kind,
        status=WorkerStatus.AVAILABLE,
        skills=(),
        agent="scripted" if kind is WorkerType.AGENT else None,
        task=None,
        last_heartbeat=NOW,
        registered_at=NOW,
    )
    return replace(worker, **changes)


def make_run(run_id: str, task: str, worker: str, **changes: Any) -> Run:
    """Make a run that is at work."""
    run = Run(
        id=run_id,
        task=task,
        worker=worker,
        agent="scripted",
        stage="work",
        status=RunStatus.WORKING,
        pid=1,
        runner_pid=1,
        started_at=NOW - timedelta(minutes=15),
        ended_at=None,
        exit_code=None,
        session=None,
        input_tokens=None,
        output_tokens=None,
        cost_usd=None,
        last_message="",
        transcript="/nowhere",
        heartbeat_at=NOW,
        reason="",
    )
    return replace(run, **changes)


def sample_repo() -> Repo:
    """Return the repository of the pictures."""
    path = Path("/repos/storefront")
    return Repo(1, "storefront", path, path / ".git", "main", WorktreeLayout.SIBLING)


def minutes(count: int) -> datetime:
    """Return the time that lies *count* minutes back."""
    return NOW - timedelta(minutes=count)


def sample_tasks() -> tuple[Task, ...]:
    """Return the tasks of the board in the pictures."""
    s = TaskStatus
    return (
        make_task("issue-12", "Retry failed webhooks with back-off", s.BACKLOG,
                  priority=Priority.HIGH, estimate_minutes=60, files=("a.py", "b.py", "c.py")),
        make_task("issue-13", "Upgrade the payment SDK", s.BACKLOG, priority=Priority.CRITICAL,
                  estimate_minutes=90, files=("package.json",), needs_approval=True),
        make_task("issue-8", "Order history page", s.BACKLOG, estimate_minutes=120,
                  files=("a", "b", "c", "d", "e"), depends_on=("issue-5",)),
        make_task("issue-14", "Translate e-mails to Japanese", s.BACKLOG, priority=Priority.LOW,
                  estimate_minutes=45, files=tuple("abcdefgh")),
        make_task("issue-15", "Round tax per line, not per order", s.BACKLOG, estimate_minutes=30,
                  files=("src/cart/totals.py",)),
        make_task("issue-10", "Rate-limit the search endpoint", s.CLAIMED, priority=Priority.HIGH,
                  estimate_minutes=40, files=("a", "b"), worker="agent-claude-2"),
        make_task("issue-4", "Cart totals as one service", s.IN_PROGRESS, priority=Priority.HIGH,
                  estimate_minutes=45, worker="agent-claude-1", started_at=minutes(15)),
        make_task("issue-5", "Checkout form in one step", s.IN_PROGRESS,
                  priority=Priority.CRITICAL, estimate_minutes=180, worker="human-ana",
                  started_at=minutes(45)),
        make_task("issue-7", "Validate addresses", s.IN_PROGRESS, estimate_minutes=30,
                  worker="agent-codex-1", started_at=minutes(8)),
        make_task("issue-9", "Product image cache", s.IN_PROGRESS, priority=Priority.LOW,
                  estimate_minutes=60, worker="agent-gemini-1", started_at=minutes(22)),
        make_task("issue-3", "Session expiry on all devices", s.REVIEW, priority=Priority.HIGH,
                  worker="agent-claude-1", started_at=minutes(90), completed_at=minutes(59)),
        make_task("issue-6", "Faster product search", s.REVIEW, worker="agent-codex-1",
                  started_at=minutes(120), completed_at=minutes(68), files=("a", "b")),
        make_task("issue-2", "Logging in JSON", s.DONE, priority=Priority.LOW,
                  worker="agent-claude-1", completed_at=minutes(12), landed_commit="f" * 40),
        make_task("issue-1", "CI on pull requests", s.DONE, worker="human-ana",
                  completed_at=minutes(60), landed_commit="e" * 40),
    )  # fmt: skip


def sample_workers() -> tuple[Worker, ...]:
    """Return the workers of the board in the pictures."""
    busy = WorkerStatus.BUSY
    return (
        make_worker("agent-claude-1", status=busy, task="issue-4"),
        make_worker("agent-codex-1", status=busy, task="issue-7"),
        make_worker("agent-gemini-1", status=WorkerStatus.PAUSED, task="issue-9"),
        make_worker("human-ana", status=busy, task="issue-5"),
        make_worker("agent-claude-3"),
    )


def sample_runs() -> tuple[Run, ...]:
    """Return the runs of the board in the pictures."""
    return (
        make_run("run-1", "issue-4", "agent-claude-1", cost_usd=0.42,
                 last_message="Edit src/cart/totals.py +42 -7"),
        make_run("run-2", "issue-7", "agent-codex-1", status=RunStatus.WAITING, cost_usd=0.11,
                 started_at=minutes(8), last_message="Run “npm install zod”? Allow · Deny"),
        make_run("run-3", "issue-9", "agent-gemini-1", status=RunStatus.PAUSED, cost_usd=0.19,
                 started_at=minutes(22), last_message="Paused by you, 3 min ago. Uses 310 MB"),
        make_run("run-0", "issue-2", "agent-claude-3", status=RunStatus.DONE,
                 started_at=minutes(30), ended_at=minutes(2)),
    )  # fmt: skip


def sample_waiting() -> tuple[Waiting, ...]:
    """Return why tasks of the board in the pictures wait."""
    return (
        Waiting("issue-13", ("Needs a guardian's approval.",)),
        Waiting("issue-8", ("Waits for issue-5 (human-ana, in progress).",)),
        Waiting("issue-10", ("Starts when a place is free (3 of 3 running).",)),
        Waiting(
            "issue-15",
            ("src/cart/totals.py is being changed by agent-claude-1 for issue-4.",),
            blocks=False,
        ),
    )


def sample_board(**changes: Any) -> BoardView:
    """Return a board much like the one in the pictures."""
    view = BoardView(
        repo=sample_repo(),
        tasks=sample_tasks(),
        workers=sample_workers(),
        runs=sample_runs(),
        waiting=sample_waiting(),
        last_event=1,
        max_workers=3,
        free_memory_mb=11_469,
    )
    return replace(view, **changes)
