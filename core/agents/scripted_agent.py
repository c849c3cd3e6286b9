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
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

PREFIX = "\u2301weft "
"""Begins a line that is an event of this agent's own format: JSON `[kind, text]`."""

_LOOK_AGAIN_S = 0.02
_CHUNK = 65536


def main() -> None:
    """Follow the script named by the first argument."""
    script = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    for step in script["steps"]:
        ((name, value),) = step.items()
        STEPS[name](value)


def _tell(kind: str, text: str) -> None:
    _put(PREFIX + json.dumps([kind, text]))


def _put(line: str, stream: BinaryIO | None = None) -> None:
    out = stream or sys.stdout.buffer
    out.write(line.encode("utf-8", "replace") + b"\n")
    out.flush()


def _write(what: dict[str, Any]) -> None:
    _tell("tool", f"write {what['path']}")
    target = pathlib.Path(what["path"])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(what["text"], encoding="utf-8")


def _append(what: dict[str, Any]) -> None:
    _tell("tool", f"edit {what['path']}")
    with pathlib.Path(what["path"]).open("a", encoding="utf-8") as out:
        out.write(what["text"])


def _edit(what: dict[str, Any]) -> None:
    _tell("tool", f"edit {what['path']}")
    target = pathlib.Path(what["path"])
    text = target.read_text(encoding="utf-8")
    if what["old"] not in text:
        _fail({"code": 1, "text": f"{what['path']} does not hold {what['old']!r}"})
    target.write_text(text.replace(what["old"], what["new"], 1), encoding="utf-8")


def _replace_lines(what: dict[str, Any]) -> None:
    _tell("tool", f"edit {what['path']}")
    target = pathlib.Path(what["path"])
    lines = target.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[what["first"] - 1 : what["last"]] = [what["text"]]
    target.write_text("".join(lines), encoding="utf-8")


def _delete(path: str) -> None:
    _tell("tool", f"delete {path}")
    pathlib.Path(path).unlink()


def _commit(message: str) -> None:
    _tell("tool", f"commit: {message}")
    subprocess.run(["git", "add", "--all"], check=True)
    subprocess.run(["git", "commit", "--quiet", f"--message={message}"], check=True)


def _wait_for(path: str) -> None:
    while not pathlib.Path(path).exists():
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
}

if __name__ == "__main__":
    main()
