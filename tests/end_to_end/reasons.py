"""A board on which reasons to wait are brought about, and every place where they are read."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp import ClientSession, StdioServerParameters, stdio_client

from core.engine import choosing, overview, runs
from core.engine.context import open_engine
from core.engine.lock_keeping import LockKeeping
from core.engine.locking import situation
from core.events import log
from core.interfaces.cli.app import run
from core.queue import outcomes
from core.queue.eligibility import reasons_for
from core.tasks import board
from gui.board.cards import Card, make_cards, tool_tip
from gui.drop_rules import drop_on_worker
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest

    from core.domain.reason import ReasonCode
    from core.engine.context import Engine
    from tests.scenarios import Repo

_MEASURED = (
    (re.compile(r"\b(\d{4}-\d\d-\d\d )?\d\d:\d\d UTC"), "<time>"),
    (re.compile(r"\b\d+ of (\d+) MB"), r"<n> of \1 MB"),
    (re.compile(r"\bload \d+\.\d+"), "load <n>"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One reason: what kind, on which task, for whom (None: whoever comes), in which words.

    In `said` `<time>` and `<n>` stand for what is measured; it may leave out the end.
    """

    code: ReasonCode | str
    key: str
    said: str
    worker: str | None = None


@dataclass
class Scene:
    """A registered repository, driven by the command line as a person would."""

    disk: Repo
    home: Path
    captured: pytest.CaptureFixture[str]
    options: dict[str, object] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)

    @property
    def engine(self) -> Engine:
        """Return an engine as a process that is just starting would have it."""
        return open_engine(self.disk.path)

    def configure(self, **options: object) -> None:
        """Change the person's settings."""
        self.options |= options
        lines = [f"{name} = {_toml(value)}" for name, value in self.options.items()]
        for name, more in self.profiles.items():
            lines += [f"[agents.{name}]", more]
        (self.home / "config.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def profile(self, name: str, *command: str, driver: str = "command", **more: object) -> None:
        """Add a profile of agents."""
        known = {"driver": driver, "command": list(command), **more}
        self.profiles[name] = "\n".join(f"{key} = {_toml(value)}" for key, value in known.items())
        self.configure()

    def weft(self, *words: str, status: int | None = 0) -> str:
        """Run one command line in this process; return all that it printed."""
        self.captured.readouterr()
        found = run(words)
        said = self.captured.readouterr()
        assert status in (None, found), f"weft {' '.join(words)}\n{said.out}{said.err}"
        return said.out + said.err

    def add(self, key: str, *words: str) -> None:
        """Add a task."""
        self.weft("task", "add", f"Task {key}", "--key", key, *words)

    def people(self, *names: str) -> None:
        """Register people."""
        for name in names:
            self.weft("worker", "add", name, "--type", "human")

    def agent(self, name: str, profile: str) -> None:
        """Register an agent."""
        self.weft("worker", "add", name, "--type", "agent", "--agent", profile)

    def work(self, key: str, worker: str, file: str, text: str) -> None:
        """Have somebody claim a task, commit a change and hand it in."""
        self.weft("claim", key, "--worker", worker)
        worktree = Path(board.get_task(self.engine.repo, key).worktree or "")
        (worktree / file).write_text(text, encoding="utf-8")
        self.disk.git("add", "--all", cwd=worktree)
        self.disk.git("commit", "--quiet", "-m", key, cwd=worktree)
        self.weft("done", key)

    def lead(self) -> None:
        """Do what the leader does every few seconds about all that waits."""
        asyncio.run(LockKeeping().keep(self.engine))

    def cards(self) -> dict[str, Card]:
        """Return the cards of the window's board."""
        columns = make_cards(overview.board(self.engine), {})
        return {card.key: card for cards in columns.values() for card in cards}

    def told(self, kind: str, key: str) -> list[dict[str, Any]]:
        """Return what events of a kind say of a task, oldest first."""
        events = log.read(repo=str(self.disk.path), task=key, limit=1000)
        return [{**event.data, "worker": event.worker} for event in events if event.kind == kind]


def check(scene: Scene, cases: list[Case]) -> None:
    """Read each case in the card, the command line, MCP and the event; the words are the same."""
    scene.lead()
    tools = asyncio.run(_by_mcp(scene, [case for case in cases if case.worker]))
    shown = scene.weft("status")
    for case in cases:
        if case.worker is None:
            _check_board(scene, case, tools["status"], shown)
        else:
            _check_worker(scene, case, tools[case.key, case.worker])


def _check_board(scene: Scene, case: Case, status: Any, shown: str) -> None:
    """Look at what holds a task back whoever comes."""
    card = scene.cards()[case.key]
    told = next(one["reasons"] for one in status["waiting"] if one["task"] == case.key)
    rows = [line.split("\t") for line in shown.splitlines()]
    listed = [row[1] for row in rows if row[0] == case.key and len(row) == 2]
    event = scene.told("task.waits", case.key)[-1]

    reasons = _plain(card.reasons)
    said = next((reason for reason in reasons if reason.startswith(case.said)), "")
    assert said, (case, reasons)
    assert f"• {said}" in _plain(tool_tip(card).splitlines())
    assert _plain(told) == _plain(listed) == _plain(event["reasons"]) == reasons, case
    assert _plain([card.reason, str(event["sentence"])]) == [reasons[0]] * 2
    details = _plain(scene.weft("task", "show", case.key).splitlines())
    assert {f"  {reason}" for reason in reasons} <= set(details)
    if said == reasons[0]:
        assert event["code"] == case.code


def _check_worker(scene: Scene, case: Case, told: list[str]) -> None:
    """Look at what keeps one worker from a task."""
    assert case.worker is not None
    engine = scene.engine
    view = overview.board(engine)
    task = next(one for one in view.tasks if one.key == case.key)
    worker = next(one for one in view.workers if one.name == case.worker)
    answer = drop_on_worker(task, worker, view)
    advice = choosing.suggest(engine, case.key, worker=case.worker)[0].reasons
    refused = scene.weft("claim", case.key, "--worker", case.worker, status=1)
    event = scene.told("task.refused", case.key)[-1]
    whole = situation(engine, view.tasks)
    codes = {one.code: one.sentence for one in reasons_for(task, worker, whole)}

    said = next((reason for reason in _plain(told) if reason.startswith(case.said)), "")
    assert said, (case, told)
    assert _plain([codes[case.code]]) == [said]  # type: ignore[index]
    assert _plain(advice) == _plain(told) == _plain(event["reasons"]), case
    assert event["worker"] == case.worker
    assert said in "\n".join(_plain(refused.splitlines()))
    dropped = answer.words if not answer.accepts else advice[0]
    assert _plain([f"{dropped.rstrip('.')}."]) == [_plain(told)[0]]


async def _by_mcp(scene: Scene, cases: list[Case]) -> Mapping[Any, Any]:
    """Ask as a supervising agent: the official client over stdio, the server a real process."""
    server = StdioServerParameters(
        command=sys.executable,
        args=[
            "-c", "from core.interfaces.cli.app import main; main()",
            "mcp", "--role", "supervisor",
        ],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=scene.disk.path,
    )  # fmt: skip
    found: dict[Any, Any] = {}
    async with stdio_client(server) as streams, ClientSession(*streams) as session:
        await session.initialize()
        status = await session.call_tool("status", {})
        found["status"] = status.structured_content
        for case in cases:
            words = {"key": case.key, "worker": case.worker}
            answer = await session.call_tool("claim_task", words)
            assert answer.is_error, (case, answer.content)
            assert answer.structured_content is not None
            found[case.key, case.worker] = answer.structured_content["error"]["reasons"]
    return found


def _plain(reasons: Any) -> list[str]:
    """Return sentences without what is measured anew each time."""
    found = []
    for reason in reasons:
        text = str(reason)
        for pattern, word in _MEASURED:
            text = pattern.sub(word, text)
        found.append(text)
    return found


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def claimed_by_an_agent(scene: Scene) -> None:
    scene.profile("quick", "true")
    scene.agent("agent-1", "quick")
    scene.add("NEXT")
    scene.weft("claim", "NEXT", "--worker", "agent-1")


def one_at_work(scene: Scene, **more: object) -> None:
    """`agent-1` works on BUSY, which holds a file, until it is ended."""
    script = scene.home / "waits.json"
    script.write_text(json.dumps({"steps": [{"wait": 600}]}), encoding="utf-8")
    scene.profile("waits", str(script), driver="scripted", **more)
    for number in (1, 2, 3):
        scene.agent(f"agent-{number}", "waits")
    scene.add("BUSY", "--file", "a.txt")
    engine = scene.engine
    asyncio.run(runs.assign(engine, "BUSY", "agent-1"))
    wait_until(
        lambda: (
            [one.status.value for one in outcomes.list_runs(engine.repo, live_only=True)]
            == ["working"]
        )
    )
