"""Started processes that outlive who started them: collected while that lives, then let go."""

from __future__ import annotations

import atexit
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


class Outliving:
    """The processes of one kind that this process started, and does not wait for."""

    def __init__(self) -> None:
        self._live: list[subprocess.Popen[bytes]] = []
        atexit.register(self._let_go)

    def add(self, process: subprocess.Popen[bytes]) -> None:
        """Keep a process in mind until it has ended."""
        self.collect()
        self._live.append(process)

    def collect(self) -> int:
        """Collect those that have ended, else they stay as zombies; return how many have not.

        Called now and then by who starts them.
        """
        self._live[:] = [process for process in self._live if process.poll() is None]
        return len(self._live)

    def _let_go(self) -> None:
        """Part from those that live on: Python else warns of each as one that was forgotten."""
        self.collect()
        for process in self._live:
            process.returncode = 0
        self._live.clear()
