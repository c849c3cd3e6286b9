"""One script of operations, played through every door, is answered the same."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from core.engine.table import OPERATIONS
from tests.interfaces.doors import DOORS
from tests.run_fixtures import bytecode
from tests.scenarios import Repo

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["bytecode"]

PROFILE = """
[agents.quick]
driver = "command"
command = ["sh", "-c", "echo hello > {task}.txt"]
"""
ANA = {"worker": "human-ana"}
SCRIPT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("init", {"path": "{root}/repo"}),
    ("task add", {"title": "Say hello", "priority": "high", "key": "SD.1"}),
    ("task add", {"title": "Answer", "depends": ["SD.1"], "estimate": "1.5h", "key": "SD.2"}),
    ("task add", {"title": "Count", "skill": ["rust"], "file": ["src/*.py"], "key": "SD.3"}),
    ("task add", {"title": "Again", "key": "SD.1"}),
    ("task edit", {"key": "SD.2", "title": "Answer politely", "clear": ["depends"]}),
    ("task edit", {"key": "SD.2", "depends": ["SD.1"]}),
    ("task add", {"title": "Not wanted", "key": "SD.9"}),
    ("task order", {"key": "SD.9", "first": True}),
    ("task order", {"key": "SD.9", "before": "SD.2", "last": True}),
    ("task order", {"key": "SD.9", "after": "SD.9"}),
    ("task remove", {"key": "SD.9"}),
    ("task import", {"file": "{root}/list.md"}),
    ("task approve", {"key": "SD.1", "by": "human-ana"}),
    ("task show", {"key": "SD.2"}),
    ("task show", {"key": "SD.77"}),
    ("task list", {"status": ["backlog"], "available": True}),
    ("worker add", {"name": "human-ana", "type": "human", "skill": ["python"]}),
    ("worker add", {"name": "agent-1", "type": "agent", "agent": "quick"}),
    ("worker add", {"name": "human-bo", "type": "human"}),
    ("worker remove", {"name": "human-bo"}),
    ("worker list", {}),
    ("worker heartbeat", {"name": "human-ana"}),
    ("status", {}),
    ("suggest", {"key": "SD.1"}),
    ("claim", {"key": "SD.2", "worker": "human-ana"}),
    ("claim", {"key": "SD.3", "worker": "human-ana"}),
    ("agent claim", {"key": "SD.2", **ANA}),
    ("agent task", ANA),
    ("agent claim", {"key": "task-1", **ANA}),
    ("agent task", ANA),
    ("agent heartbeat", {"message": "Half of it", **ANA}),
    ("agent state", {**ANA, "task": "SD.2"}),
    ("agent reserve", {"paths": ["docs/a.md", "docs/b.md"], **ANA}),
    ("agent release", {"paths": ["docs/b.md"], **ANA}),
    ("agent release", {"paths": ["docs/c.md"], **ANA}),
    ("agent check", ANA),
    ("agent ask", {"question": "May I?", **ANA}),
    ("lock", {"paths": ["x.py"], "worker": "human-ana", "task": "task-1", "minutes": "2h"}),
    ("locks", {}),
    ("unlock", {"paths": ["x.py"], "worker": "human-ana"}),
    ("start", {"key": "task-1"}),
    ("release", {"key": "task-1"}),
    ("agent claim", {"key": "task-1", **ANA}),
    ("agent complete", {"message": "All of it", **ANA}),
    ("agent complete", ANA),
    ("task retry", {"key": "task-1"}),
    ("claim", {"key": "task-1", "worker": "human-ana"}),
    ("done", {"key": "task-1"}),
    ("run", {"keys": ["SD.1"], "wait": True}),
    ("worker spawn", {"task": "task-1"}),
    ("worker spawn", {"task": "SD.77"}),
    ("pause", {"worker": "agent-1"}),
    ("resume", {"worker": "agent-1"}),
    ("abort", {"worker": "agent-1"}),
    ("say", {"target": "SD.1", "text": "Go on."}),
    ("questions", {}),
    ("answer", {"run": "SD.1", "answer": "yes"}),
    ("continue", {"key": "SD.2", "text": "Go on."}),
    ("conflicts", {"task": ["SD.1"]}),
    ("merge plan", {}),
    ("worker merge", {"name": "agent-1", "strategy": "review"}),
    ("merge update", {"key": "SD.1"}),
    ("resolve", {"key": "SD.1"}),
    ("merge run", {"keys": ["SD.1"]}),
    ("merge log", {}),
    ("merge undo", {}),
    ("merge undo", {}),
    ("merge tidy", {}),
    ("worker merge", {"name": "agent-1"}),
    ("worker merge", {"name": "agent-1"}),
    ("proposals", {}),
    ("accept", {"key": "SD.1"}),
    ("dispatch show", {}),
    ("dispatch mode", {"mode": "queue"}),
    ("dispatch pause", {}),
    ("dispatch resume", {}),
    ("stage approve", {"key": "SD.2"}),
    ("stage reject", {"key": "SD.2", "text": "No."}),
    ("stage escalate", {"key": "SD.2", "text": "Too hard."}),
    ("agents", {}),
    ("prompt", {"key": "SD.2"}),
    ("reset", {"yes": True}),
    ("doctor", {}),
    ("log", {"key": "SD.1"}),
    ("events", {"since": 0}),
    ("health", {}),
    ("stats", {"days": 2}),
    ("report", {}),
    ("timeline", {}),
    ("usage", {}),
)
_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "<time>"),
    (re.compile(r"\b(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)?\b"), "<hour>"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "<commit>"),
    (re.compile(r"(?<!\.)\b[0-9a-f]{10,12}\b"), "<commit>"),  # no fraction of a number
    (re.compile(r"\b\d{8}T\d{6}Z-\d+"), "<merge>"),
    (re.compile(r"\brun-[0-9a-z]{8}\b"), "<run>"),
)
_MEASURED = {"took_ms", "snapshot_ms", "cached", "pid", "runner_pid", "latency_ms"}
_IN_FIGURES = {"health", "stats", "timeline", "report", "usage"}


@pytest.fixture
def answers(
    tmp_path: Path, bytecode: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, list[Any]]:
    """What each door answers to the script, in a home and a repository of its own."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
    found = {}
    for name, door in DOORS.items():
        root = tmp_path / name.replace(" ", "-")
        home = root / "weft-home"
        home.mkdir(parents=True)
        (home / "config.toml").write_text(PROFILE, encoding="utf-8")
        (root / "list.md").write_text("- [ ] Imported\n- [x] Done\n", encoding="utf-8")
        monkeypatch.setenv("WEFT_HOME", str(home))
        repo = Repo.create(root / "repo")
        monkeypatch.chdir(repo.path)  # an operation that is told no path looks here, nowhere else
        with door(repo) as ask:
            found[name] = [
                _plain(operation, ask(operation, _placed(arguments, root)), root)
                for operation, arguments in SCRIPT
            ]
    return found


def test_the_script_asks_for_every_operation() -> None:
    assert {name for name, _ in SCRIPT} == {one.name for one in OPERATIONS if not one.local}


@pytest.mark.timeout(300)
def test_every_door_answers_the_same(answers: dict[str, list[Any]]) -> None:
    expected = answers.pop("window")

    different = [
        f"{door}: {name} {arguments}\n  {other}\n  in the window:\n  {one}"
        for door, told in answers.items()
        for (name, arguments), one, other in zip(SCRIPT, expected, told, strict=True)
        if other != one
    ]
    assert not different, "\n".join(different)


def _placed(arguments: dict[str, Any], root: Path) -> dict[str, Any]:
    text = json.dumps(arguments).replace("{root}", str(root))
    found: dict[str, Any] = json.loads(text)
    return found


def _plain(operation: str, answer: Any, root: Path) -> Any:
    """Return *answer* without what differs from one time to the next."""
    text = json.dumps(answer, sort_keys=True).replace(str(root), "<root>")
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return _without_measures(json.loads(text), figures=operation in _IN_FIGURES)


def _without_measures(value: Any, *, figures: bool) -> Any:
    if isinstance(value, dict):
        return {
            key: "<measured>" if key in _MEASURED else _without_measures(item, figures=figures)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without_measures(item, figures=figures) for item in value]
    if figures and (value is None or isinstance(value, int | float)):
        return "<figure>"
    if figures and isinstance(value, str):
        return re.sub(r"\d+(\.\d+)?( (ms|s|min)\b)?", "<figure>", value)  # whatever its unit
    return value
