"""In a pid namespace of its own: a stranger gets the pid of a dead agent, again and again.

Usage: unshare --fork --pid --mount-proc python reused_pids.py ROUNDS. Prints how many strangers
were left alone; run by root, who may say which pid comes next.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from core.processes.identity import identify, is_alive, send
from core.processes.tree import Ladder, ProcessTree

NEXT = Path("/proc/sys/kernel/ns_last_pid")


def start() -> int:
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    return pid


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def outlive_a_tick() -> None:
    """Wait until the clock by which starts are told has gone on: an agent lives longer."""
    born = os.times().elapsed
    while os.times().elapsed - born < 0.02:
        os.sched_yield()


async def left_alone() -> bool:
    """Whether a stranger with an agent's pid survives all that is done to the agent."""
    pid = start()
    agent = identify(pid)
    assert agent is not None
    outlive_a_tick()
    end(pid)
    NEXT.write_text(str(pid - 1))
    stranger = start()
    assert stranger == pid, "the pid was not reused"
    tree = ProcessTree(agent, ("WEFT_RUN", "none-such"))
    spared = not is_alive(agent) and not send(agent, signal.SIGKILL) and tree.suspend()
    spared = spared and await tree.end(Ladder(0.0, 0.0, 0.1)) and not tree.members()
    known = identify(stranger)
    end(stranger)
    return bool(spared and known is not None and known != agent)


async def main(rounds: int) -> None:
    spared = [await left_alone() for _ in range(rounds)]
    sys.stdout.write(f"{sum(spared)}\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
