"""An agent as a program of its own, which keeps a ledger of every byte that it wrote.

Usage: working_agent.py LEDGER VICTIM STEP. It writes, adds, commits, leaves a child running,
writes again and ends; at STEP it kills its victim: itself (`agent`), its runner (`runner`) or
nobody (`nobody`). Only its first attempt kills: the ledger shows whether it is that.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from typing import Final

STEPS: Final = ("begun", "wrote", "added", "locked", "committed", "child", "wrote again", "ending")


class Agent:
    """One attempt."""

    def __init__(self, ledger: Path, victim: str, step: str) -> None:
        self.ledger = ledger
        before = ledger.read_text(encoding="utf-8") if ledger.exists() else ""
        self.victim = "nobody" if f'"{step}"' in before else victim
        self.step = step
        for line in before.splitlines():
            other = json.loads(line).get("pid")
            if other and other != os.getpid() and Path(f"/proc/{other}/cwd").exists():
                self.note(two_at_once=other)

    def note(self, **fact: object) -> None:
        """Add a line to the ledger, on disk before anything else happens."""
        with self.ledger.open("a", encoding="utf-8") as out:
            out.write(json.dumps(fact) + "\n")
            out.flush()
            os.fsync(out.fileno())

    def write(self, name: str) -> None:
        """Write a file of its own, and then say so."""
        text = f"{uuid.uuid4()}\n"
        Path(f"{name}-{os.getpid()}.txt").write_text(text, encoding="utf-8")
        self.note(file=f"{name}-{os.getpid()}.txt", text=text)

    def passed(self, step: str) -> None:
        """Note that a step is done; kill the victim if it is the one."""
        if step == self.step and self.victim != "nobody":
            self.note(killed=step)
            pid = os.getpid() if self.victim == "agent" else os.getppid()
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            if self.victim == "runner":
                threading.Event().wait()  # until it is ended too


def main(ledger: str, victim: str, step: str) -> None:
    agent = Agent(Path(ledger), victim, step)
    agent.note(pid=os.getpid())
    agent.passed("begun")
    agent.write("work")
    agent.passed("wrote")
    subprocess.run(["git", "add", "-A"], check=True)
    agent.passed("added")
    if step == "locked" and agent.victim != "nobody":
        folder = subprocess.check_output(["git", "rev-parse", "--git-dir"], text=True).strip()
        (Path(folder) / "index.lock").touch()
        agent.passed("locked")
    subprocess.run(["git", "commit", "-qm", "mine"], check=True)
    agent.passed("committed")
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    agent.note(pid=child.pid)
    agent.passed("child")
    agent.write("more")
    agent.passed("wrote again")
    sys.stdout.write("all of it is done\n")
    sys.stdout.flush()
    agent.passed("ending")


if __name__ == "__main__":
    main(*sys.argv[1:])
