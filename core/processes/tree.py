"""A whole tree of processes: find it, suspend it, resume it, end it with nothing left.

Agents start tools in sessions of their own, so a process group does not hold them all; some
daemonise and lose their parent. So members are found by descent, by a variable in their
environment and by a control group where there is one, and the process that starts agents makes
itself the reaper of what they abandon.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.processes.group import group_pids
from core.processes.identity import (
    LINUX,
    WINDOWS,
    ProcessIdentity,
    Seen,
    environment_has,
    is_alive,
    look,
    look_around,
    resume,
    send,
    suspend,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

_SET_CHILD_SUBREAPER: Final = 36
_SET_DUMPABLE: Final = 4
_LOOK_AGAIN_S: Final = 0.03
_ROUNDS: Final = 50
"""A tree that still grows after so many looks is forking for its life; the ladder goes on."""


def _signal(name: str) -> signal.Signals:
    """Return a signal by name; Windows lacks most, and there any of them ends a process."""
    return getattr(signal, name, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Ladder:
    """How long each step of ending a tree may take, in seconds, before the next one."""

    interrupt_s: float = 3.0
    terminate_s: float = 3.0
    kill_s: float = 5.0


@dataclass(frozen=True, slots=True)
class ProcessTree:
    """All processes below *root*, and all that carry *mark* in their environment.

    Attributes:
        root: Whose descendants are meant; it is a member itself unless it is this process.
        mark: A variable (name, value) that the first process was started with, or None.
        besides: Processes that are no members, nor are their descendants, unless they carry the
            mark; it may change between looks.
        group: A control group, all of whose other processes are members too, or None.
    """

    root: ProcessIdentity | None
    mark: tuple[str, str] | None = None
    besides: Collection[ProcessIdentity] = ()
    group: Path | None = None

    def seen(self) -> tuple[Seen, ...]:
        """Return the live members as they are now, parents before children."""
        everybody = [seen for seen in look_around() if seen.is_alive]
        members = {seen.identity: seen for seen in self._below(everybody)}
        grouped = group_pids(self.group)
        if grouped:
            grouped -= {seen.identity.pid for seen in _descent(self.besides, everybody)}
        for seen in everybody:
            pid = seen.identity.pid
            if seen.identity not in members and (pid in grouped or self._is_marked(pid)):
                members[seen.identity] = seen
        own = os.getpid()
        return tuple(seen for seen in members.values() if seen.identity.pid != own)

    def members(self) -> tuple[ProcessIdentity, ...]:
        """Return the live members."""
        return tuple(seen.identity for seen in self.seen())

    def suspend(self) -> bool:
        """Stop every member, parents first, until a look finds none running.

        Returns:
            False when the tree kept growing or a member could not be stopped.
        """
        for _ in range(_ROUNDS):
            running = [seen for seen in self.seen() if not _stands(seen)]
            if not running:
                return True
            for seen in running:
                suspend(seen.identity)
            if any(seen.state == "D" for seen in running):  # stops when its disk wait ends
                time.sleep(0.001)
        return False

    def resume(self) -> None:
        """Let every member run on, children first."""
        for identity in reversed(self.members()):
            resume(identity)

    async def end(self, ladder: Ladder | None = None) -> bool:
        """Interrupt, then terminate, then kill all members; True when none is left.

        A suspended tree is woken for the first steps, so that it can tidy up.
        """
        steps = ladder or Ladder()
        known: set[ProcessIdentity] = set()
        for name, wait_s in (("SIGINT", steps.interrupt_s), ("SIGTERM", steps.terminate_s)):
            if not self._tell(name, known):
                return True
            if await self._gone_within(wait_s, known):
                return True
        deadline = time.monotonic() + steps.kill_s
        while self._tell("SIGKILL", known):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_AGAIN_S)
        return True

    def _left(self, known: set[ProcessIdentity]) -> tuple[ProcessIdentity, ...]:
        """Return the live members, those of *known* with them, to which they are added.

        One whose parent has just ended cannot be told by its mark while it executes a program.
        """
        members = self.members()
        unseen = known.difference(members, self.besides)
        lost_sight_of = [one for one in unseen if is_alive(one)]
        known.update(members)
        return (*members, *lost_sight_of)

    def _tell(self, name: str, known: set[ProcessIdentity]) -> bool:
        members = self._left(known)
        for identity in members:
            send(identity, _signal(name))
            if not WINDOWS:
                resume(identity)
        return bool(members)

    async def _gone_within(self, wait_s: float, known: set[ProcessIdentity]) -> bool:
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            if not self._left(known):
                return True
            await asyncio.sleep(_LOOK_AGAIN_S)
        return not self._left(known)

    def _below(self, everybody: Iterable[Seen]) -> list[Seen]:
        """Return the root, if it is alive, and its descendants, parents first."""
        return [] if self.root is None else _descent([self.root], everybody, without=self.besides)

    def _is_marked(self, pid: int) -> bool:
        return self.mark is not None and environment_has(pid, *self.mark)


def _descent(
    roots: Collection[ProcessIdentity],
    everybody: Iterable[Seen],
    *,
    without: Collection[ProcessIdentity] = (),
) -> list[Seen]:
    """Return those of *roots* that are alive and their descendants, parents first."""
    children: dict[int, list[Seen]] = {}
    found: list[Seen] = []
    for seen in everybody:
        children.setdefault(seen.parent, []).append(seen)
        if seen.identity in roots:
            found.append(seen)
    for member in found:  # grows while it is walked: breadth first
        below = children.get(member.identity.pid, ())
        found.extend(
            child for child in below if child.identity not in without and _is_child(child, member)
        )
    return found


def _is_child(seen: Seen, parent: Seen) -> bool:
    """Whether *parent* is who started *seen*, whose parent has its pid.

    Windows tells the pid of a parent also when that is gone and another process has its pid:
    else whatever the person started first thing, the desktop included, could be an agent's.
    """
    return not WINDOWS or seen.identity.started_ms >= parent.identity.started_ms


def _stands(seen: Seen) -> bool:
    """Whether it is suspended; on Windows a look around does not tell."""
    if not WINDOWS:
        return seen.is_stopped
    now = look(seen.identity.pid)
    return now is None or now.is_stopped


async def gone_within(process: ProcessIdentity, limit_s: float) -> bool:
    """Wait until exactly this process has ended; False when it has not within *limit_s*."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if not is_alive(process):
            return True
        await asyncio.sleep(_LOOK_AGAIN_S)
    return not is_alive(process)


def adopt_orphans() -> bool:
    """Make this process the parent of descendants whose own parent ends; False if impossible."""
    if not LINUX:
        return False
    import ctypes  # only for this call

    status: int = ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return status == 0


def keep_private() -> bool:
    """Hide this process's environment and memory from others of the same user.

    What it starts afterwards is not hidden: a program that is executed begins anew. False where
    the system knows no such thing.
    """
    if not LINUX:
        return False
    import ctypes  # only for this call

    status: int = ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    return status == 0


def reap_orphans(spare: Iterable[int] = ()) -> int:
    """Collect dead children that nobody waits for; *spare* are pids that somebody does.

    On Windows none stays behind.
    """
    if WINDOWS:
        return 0
    kept = frozenset(spare)
    own, reaped = os.getpid(), 0
    for seen in look_around():
        if seen.parent == own and not seen.is_alive and seen.identity.pid not in kept:
            try:
                os.waitpid(seen.identity.pid, os.WNOHANG)
            except ChildProcessError:
                continue  # its waiter was quicker
            reaped += 1
    return reaped
