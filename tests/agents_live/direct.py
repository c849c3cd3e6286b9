"""Genuine agents over ACP, driven by the driver alone: no runner, no database.

    python -m tests.agents_live.direct FOLDER --agents gemini,opencode --cases work,cancel

For when something goes wrong: it tells every event. FOLDER as for `python -m tests.agents_live`,
whose programs it uses.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.agents.driver import LaunchSpec, McpServer
from core.agents.driver_table import DRIVERS
from core.agents.programs import programs
from core.domain.agent_event import (
    MessageChunk,
    PermissionAsked,
    ProcessOutput,
    SessionStarted,
    ToolCall,
    TurnEnded,
    Unrecognized,
    UsageReported,
)
from core.domain.question import OptionKind
from core.processes.identity import look_around
from core.processes.tree import Ladder, ProcessTree, adopt_orphans, reap_orphans
from tests.agents_live.installing import bin_folders
from tests.agents_live.programs import GENUINE
from tests.agents_live.script import Step, carried
from tests.agents_live.scripted_model import ScriptedModel
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from core.agents.driver import AgentSession
    from core.domain.agent_event import AgentEvent

_ALONE: Final = "WEFT_LIVE_ALONE"
_TURN_S: Final = 200.0
_HELLO: Final = {"say": "I write it.", "write": ["{worktree}/hello.txt", "hello\n"]}
_COMMIT: Final = {"run": "git add -A && git commit -qm 'Add a greeting'", "leave": True}
_ALLOW: Final = (OptionKind.ALLOW_ONCE, OptionKind.ALLOW_ALWAYS)
_DENY: Final = (OptionKind.DENY, OptionKind.DENY_ALWAYS)


class Place:
    """One agent in a fresh repository with a model of its own."""

    def __init__(self, folder: Path, installed: Path, agent: str, *, told: bool) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.genuine = GENUINE[agent]
        self.told = told
        self.model = ScriptedModel()
        self.repo = folder / "repo"
        self.scratch = folder / "scratch"
        home = folder / "home"
        for place in (self.repo, self.scratch, home):
            place.mkdir(parents=True)
        paths = [*map(str, bin_folders(installed, self.genuine)), "/usr/bin", "/bin"]
        program = programs()[self.genuine.profile]
        who = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.invalid"}
        who |= {name.replace("AUTHOR", "COMMITTER"): value for name, value in who.items()}
        self.spec = LaunchSpec(
            "task-1",
            self.repo,
            program.command,
            "",
            {
                "PATH": os.pathsep.join(paths), "HOME": str(home), "LANG": "C.UTF-8",
                "TERM": "dumb", **who, **self.genuine.prepare(home, self.model.origin),
            },
            scratch=self.scratch,
            program=program.name,
        )  # fmt: skip
        for words in ("init -q -b main", "add -A", "commit -q --allow-empty -m Begin"):
            self.git(*words.split())

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.repo, env={**os.environ, **self.spec.environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout.strip()

    def words(self, *steps: Step) -> str:
        return f"Work alone in your own checkout:\n{self.repo}\n{carried(*steps)}"

    async def start(self, *steps: Step, **more: Any) -> AgentSession:
        return await DRIVERS["acp"].start(replace(self.spec, prompt=self.words(*steps), **more))

    async def turn(
        self,
        session: AgentSession,
        *,
        kinds: tuple[OptionKind, ...] = _ALLOW,
        on: Callable[[AgentEvent], Coroutine[Any, Any, None]] | None = None,
    ) -> list[AgentEvent]:
        """Walk a turn; what is asked is answered by the first option of *kinds*, none: not."""
        found: list[AgentEvent] = []
        async with asyncio.timeout(_TURN_S), asyncio.TaskGroup() as beside:
            async for event in session.events():
                found.append(event)
                if self.told:
                    _say(f"      {str(event)[:300]}")
                if isinstance(event, PermissionAsked) and kinds:
                    options = {option.kind: option.id for option in event.options}
                    chosen = next((options[kind] for kind in kinds if kind in options), "")
                    beside.create_task(session.answer(event.token, chosen))
                if on is not None:
                    beside.create_task(on(event))
        return found


async def _ended(session: AgentSession) -> str:
    """Close a session as its owner does; return what was left over."""
    tree = ProcessTree(session.agent)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(8):
            await session.close()
        how = f"closed itself in {time.monotonic() - begun:.1f} s"
    except TimeoutError:
        how = "did not end by itself"
    await tree.end(Ladder(1.0, 2.0, 5.0))
    if how.startswith("did"):
        await session.close()
    reap_orphans(spare=[])
    return how


def _digest(found: list[AgentEvent]) -> str:
    kinds = [type(event).__name__ for event in found if not isinstance(event, ProcessOutput)]
    return ", ".join(f"{kind} {kinds.count(kind)}" for kind in dict.fromkeys(kinds))


def _end(found: list[AgentEvent]) -> TurnEnded:
    end = found[-1]
    assert isinstance(end, TurnEnded)
    return end


async def work(place: Place) -> str:
    session = await place.start(
        _HELLO, {"run": "echo two > two.txt"}, _COMMIT, {"say": "All done."}
    )
    found = await place.turn(session)
    asked = [event.title for event in found if isinstance(event, PermissionAsked)]
    used = [event for event in found if isinstance(event, UsageReported)][-1:]
    odd = [event.raw[:80] for event in found if isinstance(event, Unrecognized)]
    how = await _ended(session)
    log = place.git("log", "--oneline", "--name-only")
    return (
        f"{_end(found)} {_digest(found)}\n      asked {asked}\n      {used}\n      odd {odd}"
        f"\n      log {log.split()} status {place.git('status', '--short').split()}; {how}"
    )


async def deny(place: Place) -> str:
    steps: list[Step] = [_HELLO, {"run": "touch ../outside.txt", "leave": True}]
    session = await place.start(*steps, {"say": "So be it."})
    found = await place.turn(session, kinds=_DENY)
    outside = (place.repo.parent / "outside.txt").exists()
    await _ended(session)
    return f"{_end(found)} outside written: {outside}; {place.git('status', '--short').split()}"


async def cancel(place: Place) -> str:
    session = await place.start({"run": "echo $$ > pid.txt; sleep 300"}, {"say": "Late."})
    at: list[float] = []

    async def stop(event: AgentEvent) -> None:
        if isinstance(event, SessionStarted):
            await wait_until_async((place.repo / "pid.txt").exists)
            await asyncio.sleep(0.5)
            at.append(time.monotonic())
            assert await session.cancel()

    found = await place.turn(session, on=stop)
    took = time.monotonic() - at[0]
    shell = int((place.repo / "pid.txt").read_text() or 0)
    alive = Path(f"/proc/{shell}").exists()
    await session.say(place.words({"run": "echo again > again.txt"}, {"say": "Again."}))
    second = await place.turn(session)
    how = await _ended(session)
    left = Path(f"/proc/{shell}").exists()
    return (
        f"{_end(found).outcome} in {took:.2f} s, its shell alive {alive}, after the end {left};"
        f" next turn {_end(second).outcome} {(place.repo / 'again.txt').exists()}; {how}"
    )


async def cancel_asked(place: Place) -> str:
    session = await place.start({"run": "touch ../out.txt", "leave": True}, {"say": "Late."})

    async def stop(event: AgentEvent) -> None:
        if isinstance(event, PermissionAsked):
            assert await session.cancel()

    begun = time.monotonic()
    found = await place.turn(session, kinds=(), on=stop)
    how = await _ended(session)
    return f"{_end(found)} after {time.monotonic() - begun:.1f} s in all; {how}"


async def pause(place: Place) -> str:
    session = await place.start(_HELLO, {"say": "Slowly.", "slow": [16, 0.5]}, {"say": "Done."})
    stopped: list[int] = []

    async def stop(event: AgentEvent) -> None:
        if isinstance(event, MessageChunk) and "Slowly" in event.text and not stopped:
            stopped.append(0)
            tree = ProcessTree(session.agent)
            tree.suspend()
            await asyncio.sleep(30)
            stopped[0] = 1
            tree.resume()

    found = await place.turn(session, on=stop)
    await _ended(session)
    said = "".join(event.text for event in found if isinstance(event, MessageChunk))
    return f"{_end(found)}; stopped {stopped}; said {said[-60:]!r}"


async def resume(place: Place) -> str:
    session = await place.start({"run": "echo 1 > one.txt"}, {"say": "One."})
    first = await place.turn(session)
    name = next(event.session for event in first if isinstance(event, SessionStarted))
    await _ended(session)
    if place.genuine.profile == "gemini":  # its files are named by the minute: a second one in
        await asyncio.sleep(61 - time.time() % 60)  # the same minute empties the first
    again = await place.start({"run": "echo 2 > two.txt"}, {"say": "Two."}, session=name)
    second = await place.turn(again)
    await _ended(again)
    there = next((event.session for event in second if isinstance(event, SessionStarted)), "")
    said = "".join(event.text for event in second if isinstance(event, MessageChunk))
    told = [event.lines for event in second if isinstance(event, ProcessOutput)][:2]
    same, two = there == name, (place.repo / "two.txt").exists()
    used = [event for event in second if isinstance(event, UsageReported)][-1:]
    return f"{_end(second)} same session {same}, two.txt {two}, said {said!r}, {told} {used}"


async def fail_401(place: Place) -> str:
    return await _fail(place, 401)


async def fail_500(place: Place) -> str:
    return await _fail(place, 500)


async def network(place: Place) -> str:
    session = await place.start(_HELLO, {"run": "sleep 2"}, {"say": "Never heard."})
    closed: list[int] = []

    async def cut(event: AgentEvent) -> None:
        if isinstance(event, ToolCall) and (place.repo / "hello.txt").exists() and not closed:
            closed.append(1)
            await asyncio.to_thread(place.model.close)

    return await _failed(place, session, cut)


async def mcp(place: Place) -> str:
    mark = place.scratch / "called.txt"
    program = (sys.executable, str(Path(__file__).with_name("mcp_mark.py")))
    # Some make their first request before their servers are up: so not in the first step.
    steps: list[Step] = [{"run": "sleep 4"}, {"tool": ["mark", {"text": "ping"}]}, {"say": "Done."}]
    session = await place.start(*steps, mcp=McpServer(program, {"MARK": str(mark)}))
    found = await place.turn(session)
    asked = [event.title for event in found if isinstance(event, PermissionAsked)]
    calls = [(event.title, event.output[:60]) for event in found if isinstance(event, ToolCall)]
    await _ended(session)
    called = mark.read_text() if mark.exists() else None
    return f"{_end(found).outcome} called {called!r} asked {asked} {calls[-1:]}"


async def _fail(place: Place, status: int) -> str:
    return await _failed(place, await place.start(*[{"fail": status}] * 3), None)


async def _failed(place: Place, session: AgentSession, on: Any) -> str:
    begun = time.monotonic()
    try:
        end: object = _end(await place.turn(session, on=on))
    except TimeoutError:
        end = f"still trying; cancel: {await session.cancel()}"
    took = time.monotonic() - begun
    await _ended(session)
    return f"{end} after {took:.0f} s"


_CASES: Final = {
    "work": work, "deny": deny, "cancel": cancel, "cancel-asked": cancel_asked, "pause": pause,
    "resume": resume, "401": fail_401, "500": fail_500, "network": network, "mcp": mcp,
}  # fmt: skip


async def _all(given: argparse.Namespace) -> None:
    adopt_orphans()
    for agent in given.agents.split(","):
        for case in given.cases.split(","):
            begun = time.monotonic()
            place = Place(given.folder / f"{agent}-{case}", given.installed, agent, told=given.tell)
            try:
                saw = await _CASES[case](place)
            except Exception:  # noqa: BLE001  one case must not end the others
                saw = traceback.format_exc(limit=4)
            _say(f"{agent:<12} {case:<12} {time.monotonic() - begun:6.1f} s  {saw}")
            _sweep(str(place.repo.parent))


def _sweep(folder: str) -> None:
    """Kill what a case that broke off left behind, told by its home folder."""
    for seen in look_around():
        try:
            there = f"HOME={folder}/home".encode() in Path(
                f"/proc/{seen.identity.pid}/environ"
            ).read_bytes().split(b"\0")
        except OSError:
            continue
        if there and seen.is_alive:
            _say(f"      left over: {seen.identity.pid}")
            os.kill(seen.identity.pid, signal.SIGKILL)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Drive the agents in a network of their own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("folder", type=lambda text: Path(text).absolute())
    parser.add_argument("--installed", type=lambda text: Path(text).absolute(), required=True)
    parser.add_argument("--agents", default="claude-acp,codex-acp,gemini,opencode,qwen")
    parser.add_argument("--cases", default=",".join(_CASES))
    parser.add_argument("--tell", action="store_true", help="tell every event")
    given = parser.parse_args()
    if os.environ.get(_ALONE) is None:
        words = [sys.executable, "-m", "tests.agents_live.direct", *sys.argv[1:]]
        return subprocess.run(
            ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *words],
            env={**os.environ, _ALONE: "{}"},
            check=False,
        ).returncode
    asyncio.run(_all(given))
    return 0


if __name__ == "__main__":
    sys.exit(main())
