"""An agent that needs no account: a program that follows a JSON script, step by step.

Run as `python scripted_agent.py SCRIPT.json` in a worktree. It stands alone (standard library
only), because it plays somebody else's program: it shares nothing with the process that watches
it. The script is `{"steps": [STEP, …]}`; a step is an object with one key:

    {"say": TEXT}                          words for the person
    {"print": TEXT}                        plain output, on standard output
    {"complain": TEXT}                     plain output, on standard error
    {"write": {"path", "text"}}            make or overwrite a file
    {"append": {"path", "text"}}
    {"edit": {"path", "old", "new"}}       replace the first occurrence; fails if there is none
    {"replace_lines": {"path", "first", "last", "text"}}   1-based, both included
    {"delete": PATH}
    {"commit": MESSAGE}                    everything, with git
    {"wait": SECONDS}
    {"wait_for": PATH}                     until the file is there
    {"burn": SECONDS}                      of processor time
    {"spawn": {"note", "daemon"}}          a process in its own session that never ends; its pid
                                           is added to the file `note`; a daemon loses its parent
    {"deaf": true}                         ignore interrupt and terminate from here on
    {"flood": {"bytes", "kind"}}           kind: text, one_line, invalid, escapes
    {"fail": {"code", "text"}}             end now
    {"think": TEXT}                        words to itself
    {"run": {"command", "may_fail"}}       a program; its words and its output are told as a tool
    {"tool": {"title", "id", "kind", "state", "paths", "diff", "output"}}   told as it is
    {"plan": [[WORDS, STATE], …]}          state: pending, in_progress, completed
    {"session": {"session", "model"}}
    {"usage": {"input_tokens", "output_tokens", "cached_tokens", "cost_usd", "model"}}
    {"rate_limit": {"reason", "seconds"}}
    {"ask": {"title", "kind", "detail", "paths", "options", "allowed", "denied"}}   waits for leave
                                           and goes on with the steps `allowed` or `denied`
    {"question": {"title", "detail"}}      waits for words and repeats them
    {"steerable": true}                    words in mid-turn are taken, and repeated by `hear`
    {"hear": true}                         repeat words that were said in mid-turn; waits for some
    {"end_turn": {"outcome", "reason", "denied"}}   and wait for words, which begin the next turn;
                                           without words the script ends there

It reads what it is told as JSON lines from standard input: `{"prompt"}` first, later `{"say"}`,
`{"steer"}`, `{"answer": [token, answer]}`, `{"cancel"}`.
"""

from __future__ import annotations

import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "\u2301weft "
"""Begins a line that is an event of this agent's own format: JSON `[kind, text]`."""

_LOOK_AGAIN_S = 0.02
_CHUNK = 65536
_OPTIONS = [
    {"id": "yes", "label": "Allow once", "kind": "allow_once"},
    {"id": "all", "label": "Always allow", "kind": "allow_always"},
    {"id": "no", "label": "Deny", "kind": "deny"},
]


class _Cancelled(Exception):
    """The turn was taken back."""


class _Ears:
    """Standard input, read by a thread: nothing that is told waits for a step to end."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self._heard: dict[str, queue.Queue[Any]] = {
            name: queue.Queue() for name in ("say", "steer", "answer")
        }

    def open(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._listen, daemon=True).start()

    def wait(self, kind: str) -> Any:
        """Return the next *kind* of thing that is told; None when nobody tells any more."""
        while True:
            self.check()
            try:
                return self._heard[kind].get(timeout=_LOOK_AGAIN_S)
            except queue.Empty:
                continue

    def check(self) -> None:
        """Raise _Cancelled if the turn was taken back."""
        if self.cancelled.is_set():
            self.cancelled.clear()
            raise _Cancelled

    def _listen(self) -> None:
        begun = b""
        while chunk := os.read(0, _CHUNK):  # a buffered reader would be locked at the end
            *lines, begun = (begun + chunk).split(b"\n")
            for line in lines:
                self._take(*next(iter(json.loads(line).items())))
        for heard in self._heard.values():
            heard.put(None)

    def _take(self, kind: str, value: object) -> None:
        if kind == "cancel":
            self.cancelled.set()
        elif kind in self._heard:
            self._heard[kind].put(value)


_EARS = _Ears()


def main() -> None:
    """Follow the script named by the first argument."""
    script = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    _EARS.open()
    steps = list(script["steps"])
    while steps:
        try:
            _EARS.check()
            _do(steps.pop(0))
        except _Cancelled:
            _end_turn({"outcome": "cancelled"})


def _do(step: dict[str, Any]) -> None:
    ((name, value),) = step.items()
    STEPS[name](value)


def _tell(kind: str, what: object) -> None:
    _put(PREFIX + json.dumps([kind, what]))


def _put(line: str, stream: BinaryIO | None = None) -> None:
    out = stream or sys.stdout.buffer
    out.write(line.encode("utf-8", "replace") + b"\n")
    out.flush()


def _changing(verb: str, path: str) -> dict[str, Any]:
    return {"title": f"{verb} {path}", "kind": "edit", "state": "done", "paths": [path]}


def _write(what: dict[str, Any]) -> None:
    _tell("tool", _changing("write", what["path"]))
    target = pathlib.Path(what["path"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(what["text"], encoding="utf-8", newline="\n")


def _append(what: dict[str, Any]) -> None:
    _tell("tool", _changing("edit", what["path"]))
    with pathlib.Path(what["path"]).open("a", encoding="utf-8", newline="\n") as out:
        out.write(what["text"])


def _edit(what: dict[str, Any]) -> None:
    _tell("tool", _changing("edit", what["path"]))
    target = pathlib.Path(what["path"])
    text = target.read_bytes().decode("utf-8")
    if what["old"] not in text:
        _fail({"code": 1, "text": f"{what['path']} does not hold {what['old']!r}"})
    target.write_bytes(text.replace(what["old"], what["new"], 1).encode("utf-8"))


def _replace_lines(what: dict[str, Any]) -> None:
    _tell("tool", _changing("edit", what["path"]))
    target = pathlib.Path(what["path"])
    lines = target.read_bytes().decode("utf-8").splitlines(keepends=True)
    lines[what["first"] - 1 : what["last"]] = [what["text"]]
    target.write_bytes("".join(lines).encode("utf-8"))


def _delete(path: str) -> None:
    _tell("tool", _changing("delete", path))
    pathlib.Path(path).unlink()


def _commit(message: str) -> None:
    _tell("tool", {"title": f"commit: {message}", "kind": "execute", "state": "done"})
    subprocess.run(["git", "add", "--all"], check=True)
    subprocess.run(["git", "commit", "--quiet", f"--message={message}"], check=True)


def _run(what: dict[str, Any]) -> None:
    title = " ".join(what["command"])
    call = {"id": f"call-{time.monotonic_ns()}", "title": title, "kind": "execute"}
    _tell("tool", call)
    done = subprocess.run(what["command"], capture_output=True, check=False)
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    state = "failed" if done.returncode else "done"
    _tell("tool", {**call, "state": state, "output": output})
    if done.returncode and not what.get("may_fail"):
        _fail({"text": f"{title} ended with {done.returncode}: {output}"})


def _ask(what: dict[str, Any]) -> None:
    token = f"ask-{time.monotonic_ns()}"
    branches = ("allowed", "denied")
    asked = {name: value for name, value in what.items() if name not in branches}
    _tell("permission", {"options": _OPTIONS, "kind": "execute", **asked, "token": token})
    answer = _answer_to(token)
    kinds = {option["id"]: option["kind"] for option in what.get("options", _OPTIONS)}
    for step in what.get("allowed" if kinds.get(answer, "").startswith("allow") else "denied", ()):
        _do(step)


def _question(what: dict[str, Any]) -> None:
    token = f"question-{time.monotonic_ns()}"
    _tell("permission", {"kind": "other", **what, "options": [], "token": token})
    _tell("message", f"You said: {_answer_to(token)}")


def _answer_to(token: str) -> str:
    while True:
        heard = _EARS.wait("answer")
        if heard is None:
            _fail({"text": "nobody answers"})
        if heard[0] == token:
            return str(heard[1])


def _hear(_value: bool) -> None:
    _tell("message", f"I heard: {_EARS.wait('steer')}")


def _end_turn(what: dict[str, Any]) -> None:
    _tell("turn", {"outcome": "done", **what})
    words = _EARS.wait("say")
    if words is None:
        sys.exit(0)
    _tell("message", f"You said: {words}")


def _wait_for(path: str) -> None:
    while not pathlib.Path(path).exists():
        _EARS.check()
        time.sleep(_LOOK_AGAIN_S)


def _burn(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def _spawn(what: dict[str, Any]) -> None:
    """Start what outlives a careless end: a process in a session of its own."""
    code = (
        "import os, signal, sys, time\n"
        "os.setsid()\n"
        "if sys.argv[2] == '1' and os.fork(): os._exit(0)\n"
        "open(sys.argv[1], 'a').write(f'{os.getpid()}\\n')\n"
        "while True: time.sleep(0.01)\n"
    )
    daemon = "1" if what.get("daemon") else "0"
    subprocess.Popen([sys.executable, "-I", "-c", code, what["note"], daemon])


def _deaf(_value: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _flood(what: dict[str, Any]) -> None:
    kinds = {
        "text": b"a line of output that says nothing at all\n",
        "one_line": b"x" * 1000,
        "invalid": b"\xff\xfe broken \xc3( bytes\x00\n",
        "escapes": b"\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b[31mred\x1b]0;title\x1b\\\n",
    }
    unit = kinds[what.get("kind", "text")]
    block = unit * max(1, _CHUNK // len(unit))
    left = what["bytes"]
    sys.stdout.flush()
    while left > 0:
        left -= os.write(1, block[: min(left, len(block))])


def _fail(what: dict[str, Any]) -> NoReturn:
    _put(what.get("text", "it did not work"), sys.stderr.buffer)
    sys.exit(what.get("code", 1))


STEPS: dict[str, Callable[[Any], object]] = {
    "say": lambda text: _tell("message", text),
    "print": _put,
    "complain": lambda text: _put(text, sys.stderr.buffer),
    "write": _write,
    "append": _append,
    "edit": _edit,
    "replace_lines": _replace_lines,
    "delete": _delete,
    "commit": _commit,
    "wait": time.sleep,
    "wait_for": _wait_for,
    "burn": _burn,
    "spawn": _spawn,
    "deaf": _deaf,
    "flood": _flood,
    "fail": _fail,
    "think": lambda text: _tell("thought", text),
    "run": _run,
    "tool": lambda what: _tell("tool", what),
    "plan": lambda entries: _tell("plan", entries),
    "session": lambda what: _tell("session", what),
    "usage": lambda what: _tell("usage", what),
    "rate_limit": lambda what: _tell("rate_limit", what),
    "ask": _ask,
    "question": _question,
    "steerable": lambda value: _tell("steerable", value),
    "hear": _hear,
    "end_turn": _end_turn,
}

if __name__ == "__main__":
    main()
