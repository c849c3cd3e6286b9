"""Each reason to wait, produced for real, is told in the same words wherever it is read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from core.engine import overview
from core.engine.claim_terms import terms
from core.engine.tasks import finish
from core.engine.thread import EngineThread
from core.engine.workers import worker_add
from core.events import log
from core.queue.claims import claim_task
from core.queue.reported import report_failure
from core.queue.waiting import note_waits
from core.workers.registry import set_paused
from tests.interfaces.doors import DOORS, window
from tests.run_fixtures import bytecode
from tests.scenarios import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from core.engine.context import Engine
    from tests.interfaces.doors import Door

__all__ = ["bytecode"]

RULES = """
guardians = ["human-ana"]
critical_files = ["package.json"]
max_attempts = 1
wip_review = 1
overlap = "wait"
"""
PROFILE = """
min_free_memory_mb = 1000000
[agents.quick]
driver = "command"
command = ["sh", "-c", "true"]
"""
TASKS: tuple[dict[str, Any], ...] = (
    {"key": "HELD", "title": "Under way", "file": ["src/app.py", "package.json"]},
    {"key": "DEP", "title": "Depends", "depends": ["HELD"]},
    {"key": "BAD", "title": "Fails"},
    {"key": "DEPBAD", "title": "Depends on a failure", "depends": ["BAD"]},
    {"key": "FILE", "title": "Meets a file", "file": ["src/*.py"]},
    {"key": "CRIT", "title": "Meets a critical file", "file": ["package.json"]},
    {"key": "APPROVE", "title": "Critical", "priority": "critical"},
    {"key": "NO", "title": "Rejected", "priority": "critical"},
    {"key": "SKILL", "title": "Rust", "skill": ["rust"]},
    {"key": "REVIEW", "title": "To be reviewed"},
    {"key": "START", "title": "Claimed by an agent"},
    {"key": "FREE", "title": "Nothing in its way"},
)
EXPECTED = {
    "DEP": "Waits for HELD (human-bo, claimed).",
    "BAD": "Failed once and waits for a person: retry it.",
    "DEPBAD": "Waits for BAD, which failed once and waits for a person.",
    "FILE": "src/app.py is held by human-bo for HELD.",
    "CRIT": "package.json is critical and held by human-bo for HELD.",
    "APPROVE": "Needs a guardian's approval.",
    "NO": "human-ana said no: Not now.",
    "SKILL": "human-ana lacks the skill rust.",
    "FREE": "The limit of work in review is reached (1).",
    "HELD": "HELD is claimed: it belongs to human-bo.",
    "START": "START is claimed: it belongs to agent-1.",
    "REVIEW": "REVIEW is in review, not in the backlog.",
}
WAITS = "task.waits"
OF_WORKERS = {
    "human-bo": "human-bo is busy with HELD.",
    "agent-paused": "agent-paused is paused.",
}


@pytest.fixture
def repo(tmp_path: Path, weft_home: Path) -> Repo:
    """A board on which every task waits for something."""
    weft_home.mkdir(parents=True, exist_ok=True)
    (weft_home / "config.toml").write_text(PROFILE, encoding="utf-8")
    found = Repo.create(tmp_path / "repo")
    (found.path / ".weft.toml").write_text(RULES, encoding="utf-8")
    found.git("add", "-A")
    found.git("commit", "-q", "-m", "rules")
    with window(found) as ask:
        _set_up(ask)
    _by_engine(found, _fail_and_note)
    return found


def _set_up(ask: Door) -> None:
    for name in ("human-ana", "human-bo"):
        ask("worker add", {"name": name, "type": "human"})
    for task in TASKS:
        ask("task add", task)
    ask("task approve", {"key": "HELD", "by": "human-ana"})
    ask("task approve", {"key": "CRIT", "by": "human-ana"})
    ask("task approve", {"key": "NO", "by": "human-ana", "reason": "Not now.", "reject": True})
    ask("claim", {"key": "HELD", "worker": "human-bo"})
    ask("claim", {"key": "BAD", "worker": "human-ana"})


def _fail_and_note(engine: Engine) -> list[Any]:
    now = engine.now()
    report_failure(engine.repo, "BAD", why="No.", max_attempts=1, now=now, actor="human-ana")
    for name, profile in (("agent-paused", "quick"), ("agent-1", "quick")):
        worker_add(engine, name, type="agent", agent=profile)
    set_paused(engine.repo, "agent-paused", paused=True, now=now, actor="person")

    claim_task(engine.repo, "START", "agent-1", terms(engine), now=now, actor="person")
    claim_task(engine.repo, "REVIEW", "human-ana", terms(engine), now=now, actor="person")
    finish(engine, "REVIEW")
    note_waits(engine.repo, overview.board(engine).waiting, now=now)
    return log.read(repo=str(engine.repo.path))


def _by_engine(repo: Repo, function: Any) -> Any:
    thread = EngineThread(repo.path, leads=False)
    thread.start()
    try:
        return thread.submit(function).result(60)
    finally:
        thread.stop()


def test_every_reason_reads_the_same_in_every_door_and_in_the_event(repo: Repo) -> None:
    refused: dict[str, dict[str, list[str]]] = {}
    waiting: dict[str, dict[str, list[str]]] = {}
    for name, door in DOORS.items():
        with door(repo) as ask:
            refused[name] = {key: _refusal(ask, key, "human-ana") for key in EXPECTED}
            refused[name] |= {who: _refusal(ask, "FREE", who) for who in OF_WORKERS}
            told = ask("status", {})["waiting"]
            waiting[name] = {one["task"]: _plain(one["reasons"]) for one in told}

    expected = {**EXPECTED, **OF_WORKERS}
    for key, sentence in expected.items():
        told_here = refused["window"][key]
        assert any(reason.startswith(sentence) for reason in told_here), (key, told_here)
    assert all(answers == refused["window"] for answers in refused.values())
    assert all(answers == waiting["window"] for answers in waiting.values())
    events = _by_engine(repo, lambda engine: log.read(repo=str(engine.repo.path)))
    noted = {event.task: _plain(event.data["reasons"]) for event in events if event.kind == WAITS}
    assert noted == waiting["window"]
    assert noted["START"] == ["Starts when memory is free (<n> of <n> MB)."]


def _plain(reasons: Any) -> list[str]:
    """Return the reasons without how much memory there is at the moment."""
    return [re.sub(r"\d+ of \d+ MB", "<n> of <n> MB", reason) for reason in reasons]


def _refusal(ask: Door, key: str, worker: str) -> list[str]:
    answer = ask("agent claim", {"key": key, "worker": worker})
    reasons: list[str] = answer["error"]["reasons"]
    return reasons
