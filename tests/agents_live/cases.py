"""What is shown of each program, through Weft's own commands."""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

from core.agents.programs import programs
from tests.agents_live.bench import Failed, NotThere
from tests.agents_live.script import carried
from tests.agents_live.wire_formats import TOKENS_IN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.agents_live.bench import Bench
    from tests.agents_live.script import Step

PAUSE_S: Final = 30.0
_LIMIT_S: Final = 240.0
_SLOW: Final = (16, 0.5)
_LONG: Final = (25, 1.0)
_HELLO: Final = {"say": "I write it.", "write": ["{worktree}/hello.txt", "hello\n"]}
_TOOLS: Final = ("claim_task", "reserve_files", "heartbeat", "check_conflicts", "complete_work")
_COMMIT: Final = {"run": "git add -A && git commit -qm 'Add a greeting'"}


def work(bench: Bench) -> str:
    """Write a file, run a command, use Weft's own tool where it can, commit."""
    if not bench.genuine.tools:
        return _written(bench)
    ours: list[Step] = [{"tool": ["my_task", {}]}] if _takes_our_tools(bench) else []
    key = bench.start(
        {**_HELLO, "slow": list(_SLOW)},
        {"run": "echo two > two.txt"},
        *ours,
        _COMMIT,
        {"say": "Made."},
    )
    first = bench.ended(key, _LIMIT_S)
    _expect(first["status"] == "done", f"{first['status']}: {first['reason']}")
    branch = bench.ask("task", "show", key)["branch"]
    files = bench.git("ls-tree", "--name-only", branch).split()
    _expect({"hello.txt", "two.txt"} <= set(files), f"on the branch: {files}")
    commits = bench.git("log", "--format=%s", f"main..{branch}").splitlines()
    tools = [line["text"] for line in bench.transcript(key) if line["kind"] == "tool"]
    if ours:
        _expect(any("my_task" in tool for tool in tools), f"Weft's tool was not used: {tools}")
    by = "it" if "Add a greeting" in commits else "Weft"
    return (
        f"committed by {by}; {_usage(first)}; {'Weft' if ours else 'none of Weft'}'s own tools used"
    )


def tools(bench: Bench) -> str:
    """Claim, reserve, report, look at conflicts and complete, by Weft's own tools."""
    if not _takes_our_tools(bench):
        raise NotThere("it takes no tools of Weft's")
    key = bench.start(
        {**_HELLO, "slow": list(_LONG)},  # the program may not wait for its tools to be there
        {"tool": ["claim_task", {}]},
        {"tool": ["reserve_files", {"paths": ["hello.txt"]}]},
        {"tool": ["heartbeat", {"message": "The greeting is written"}]},
        {"tool": ["check_conflicts", {}]},
        {"tool": ["complete_work", {"message": "It greets"}]},
        {"say": "Made."},
    )
    run = bench.ended(key, _LIMIT_S)
    _expect(run["status"] == "done", f"{run['status']}: {run['reason']}")
    task = bench.ask("task", "show", key)
    _expect(task["status"] == "review", f"the task is {task['status']}")
    locked = [one for one in bench.ask("events") if one["kind"] == "lock.taken"]
    _expect(any(one["actor"] == "agent-1" for one in locked), "nothing was reserved")
    texts = " ".join(line["text"] for line in bench.transcript(key))
    _expect("The greeting is written" in texts, "its report was not heard")
    _expect("says that the work is complete" in texts, "it did not complete its work")
    called = [name for name in _TOOLS if name in texts]
    return f"called {', '.join(called)}; the task is in review"


def _written(bench: Bench) -> str:
    """Write a file by the model's words alone."""
    key = bench.start({"plain": True, "say": "hello.txt\n```\nhello\n```\n"})
    run = bench.ended(key, _LIMIT_S)
    _expect(run["status"] == "done", f"{run['status']}: {run['reason']}")
    branch = bench.ask("task", "show", key)["branch"]
    files = bench.git("ls-tree", "-r", "--name-only", branch).split()
    _expect(files == ["README.md", "hello.txt"], f"on the branch: {files}")
    return f"commits {bench.git('log', '--format=%s', f'main..{branch}').splitlines()}"


def resume(bench: Bench) -> str:
    """Go on in the same session with new words; what it used is counted once."""
    _must_have_sessions(bench)
    key = bench.start(_HELLO, {"say": "Made."})
    first = bench.ended(key, _LIMIT_S)
    _expect(first["status"] == "done", f"{first['status']}: {first['reason']}")
    _count_once(first, bench.model.answered)
    before = bench.model.answered
    words = carried({"write": ["{worktree}/more.txt", "more\n"]}, {"say": "More."})
    bench.weft("continue", key, f"One more file, please. {words}")
    second = bench.ended(key, _LIMIT_S, before=first["id"])
    _expect(second["status"] == "done", f"{second['status']}: {second['reason']}")
    _expect(second["session"] == first["session"], "another session went on")
    _expect((bench.worktree(key) / "more.txt").exists(), "the second file was not written")
    _count_once(second, bench.model.answered - before)
    return f"the same session wrote a second file; {_usage(first)}, then {_usage(second)}"


def say(bench: Bench) -> str:
    """Tell it something while it works."""
    _must_have_sessions(bench)
    key = bench.start(_HELLO, {"say": "Slowly.", "slow": list(_LONG)}, {"say": "Made."})
    _answered_until(bench, key, "hello.txt")
    words = carried({"write": ["{worktree}/more.txt", "more\n"]}, {"say": "More."})
    bench.weft("say", key, f"One more file, please. {words}")
    run = bench.ended(key, _LIMIT_S)
    _expect(run["status"] == "done", f"{run['status']}: {run['reason']}")
    _expect((bench.worktree(key) / "more.txt").exists(), "the second file was not written")
    told = [
        event["data"].get("how") for event in bench.ask("events") if event["kind"] == "run.told"
    ]
    return f"heard: {told}"


def sandbox(bench: Bench) -> str:
    """Weft's sandbox: it commits in its worktree, and reaches nothing beside it."""
    _must_have_tools(bench)
    steps = ({"run": "touch ../outside.txt"}, {"run": "echo two > two.txt"}, _COMMIT)
    key = bench.start(_HELLO, *steps, {"say": "Made."})
    run = bench.ended(key, _LIMIT_S)
    _expect(run["status"] == "done", f"{run['status']}: {run['reason']}")
    _expect(not (bench.worktree(key).parent / "outside.txt").exists(), "it wrote outside")
    branch = bench.ask("task", "show", key)["branch"]
    files = bench.git("ls-tree", "--name-only", branch).split()
    _expect({"hello.txt", "two.txt"} <= set(files), f"on the branch: {files}")
    return f"commits {bench.git('log', '--format=%s', f'main..{branch}').splitlines()}"


def deny(bench: Bench) -> str:
    """A person says no to a command."""
    _must_have_tools(bench)
    if not programs()[bench.genuine.profile].holds:
        return _refused_as_watched(bench)
    beyond: Step = {"run": "touch ../outside.txt", "leave": True}
    key = bench.start(_HELLO, beyond, {"say": "So be it."})
    run = bench.ended(key, _LIMIT_S, answers=["no"] if bench.genuine.asks else [])
    outside = bench.worktree(key).parent / "outside.txt"
    _expect(not outside.exists(), "the command was run all the same")
    _expect(not bench.left_over(), f"left over: {bench.left_over()}")
    told = f"the run is {run['status']}: {run['reason'] or run['last_message']}"
    if not bench.genuine.asks:
        return f"it never asks, its own fence held; {told}"
    asked = [one["data"]["title"] for one in bench.ask("events") if one["kind"] == "question.asked"]
    _expect(any("outside.txt" in title for title in asked), f"it asked {asked}")
    _expect("denied" in run["reason"], f"the denial is not told: {told}")
    return f"it asked; {told}"


def _refused_as_watched(bench: Bench) -> str:
    try:
        bench.start(_HELLO)
    except Failed as refusal:
        _expect("cannot be watched" in str(refusal), str(refusal))
        return f"not even started: {refusal}"
    raise Failed("it was started although nothing holds it")


def cancel(bench: Bench) -> str:
    """Abort it while a command of its shell runs."""
    _must_have_tools(bench)
    mark = f"300.{secrets.randbelow(10**9)}"  # a pid says nothing: it may be of another namespace
    key = bench.start(_HELLO, {"run": f"echo x > begun.txt; sleep {mark}"}, {"say": "Late."})
    _answered_until(bench, key, "begun.txt")
    begun = time.monotonic()
    bench.weft("abort", key)
    run = bench.ended(key, 60)
    took = time.monotonic() - begun
    _expect(run["status"] == "aborted", f"{run['status']}: {run['reason']}")
    bench.until("all its processes have ended", lambda: not bench.left_over(), 20)
    _expect(not bench.command_lines(mark), "its shell's command lives on")
    status = bench.ask("task", "show", key)["status"]
    _expect(status == "backlog", f"the task is {status}")
    return f"aborted in {took:.1f} s, nothing left over, the task is back"


def pause(bench: Bench) -> str:
    """Pause it in mid-speech for half a minute, then let it go on."""
    _must_have_tools(bench)
    key = bench.start(_HELLO, {"say": "Slowly.", "slow": list(_LONG)}, {"say": "Made."})
    _answered_until(bench, key, "hello.txt")
    time.sleep(2)  # into its speech
    bench.weft("pause", key)
    bench.until("it is paused", lambda: bench.run(key)["status"] == "paused", 15)
    before, lines = _cpu_s(bench), len(bench.transcript(key))
    time.sleep(PAUSE_S)
    share = (_cpu_s(bench) - before) / PAUSE_S
    said = len(bench.transcript(key)) - lines
    bench.weft("resume", key)
    run = bench.ended(key, _LIMIT_S)
    _expect(run["status"] == "done", f"{run['status']}: {run['reason']}")
    _expect(share < 0.01, f"{share:.1%} of a core while paused")
    return f"{share:.2%} of a core and {said} lines in {PAUSE_S:.0f} s; then done"


def fail_401(bench: Bench) -> str:
    """The provider refuses the key."""
    return _failing(bench, 401)


def fail_500(bench: Bench) -> str:
    """The provider fails."""
    return _failing(bench, 500)


def network(bench: Bench) -> str:
    """The provider is gone in the midst of the work."""
    _must_have_tools(bench)
    more = {"slow": [120, 0.5], "write": ["{worktree}/more.txt", "more\n"]}
    key = bench.start(_HELLO, more, {"say": "Never heard."})
    folder = _answered_until(bench, key, "hello.txt")
    bench.model.close()
    begun = time.monotonic()
    run = bench.ended(key, _LIMIT_S)
    _expect(run["status"] == "failed", f"{run['status']}: {run['reason']}")
    kept = bench.git("for-each-ref", "--format=%(refname)", "refs/weft")
    _expect((folder / "hello.txt").exists() or bool(kept), "its work is gone")
    _expect(not bench.left_over(), f"left over: {bench.left_over()}")
    return f"failed after {time.monotonic() - begun:.0f} s: {run['reason']}"


def _failing(bench: Bench, status: int) -> str:
    begun = time.monotonic()
    fails: Step = {"fail": status, "plain": not bench.genuine.tools}
    key = bench.start(*[fails] * 3)
    run = bench.ended(key, _LIMIT_S)
    _expect(run["status"] == "failed", f"{run['status']}: {run['reason'] or run['last_message']}")
    task = bench.ask("task", "show", key)
    _expect(task["status"] == "backlog", f"the task is {task['status']}")
    _expect(not bench.left_over(), f"left over: {bench.left_over()}")
    return f"failed after {time.monotonic() - begun:.0f} s: {run['reason']}"


def _answered_until(bench: Bench, key: str, name: str) -> Path:
    """Return the worktree once *name* is in it; questions on the way get a yes."""

    def look() -> Path | None:
        run = bench.run(key)
        if run["status"] == "waiting":
            bench.weft("answer", key, "yes", ok=False)
        if run["status"] in ("done", "failed", "aborted", "lost"):
            raise Failed(f"it ended before: {run['status']}: {run['reason']}")
        folder = bench.worktree(key)
        file = folder / name
        return folder if file.exists() and file.stat().st_size else None

    found: Path = bench.until(name, look, _LIMIT_S)
    return found


def _cpu_s(bench: Bench) -> float:
    """Return the processor time that the agent's processes have used."""
    ticks = 0
    for pid in bench.left_over():
        try:
            with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _takes_our_tools(bench: Bench) -> bool:
    return bench.genuine.tools and programs()[bench.genuine.profile].mcp != "none"


def _must_have_tools(bench: Bench) -> None:
    if not bench.genuine.tools:
        raise NotThere("it does its work without tools, which this is shown with")


def _must_have_sessions(bench: Bench) -> None:
    program = programs()[bench.genuine.profile]
    if program.driver == "command" and not program.resume:
        raise NotThere("it has no sessions to go on in")


def _usage(run: dict[str, Any]) -> str:
    """Return what a run used, as words."""
    read, written, cost = run["input_tokens"], run["output_tokens"], run["cost_usd"]
    tokens = "unknown tokens" if read is None else f"{read} + {written} tokens"
    return f"{tokens}, {'unknown cost' if cost is None else f'${cost}'}"


def _count_once(run: dict[str, Any], answered: int) -> None:
    """Fail when a run is said to have used more than the model answered it."""
    most = answered * TOKENS_IN
    read = run["input_tokens"]
    _expect(read is None or read <= most, f"{read} tokens are counted, {most} were used")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Failed(otherwise)


CASES: Final[dict[str, Callable[[Bench], str]]] = {
    "work": work,
    "tools": tools,
    "resume": resume,
    "say": say,
    "sandbox": sandbox,
    "deny": deny,
    "cancel": cancel,
    "pause": pause,
    "401": fail_401,
    "500": fail_500,
    "network": network,
}
