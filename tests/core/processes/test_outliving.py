"""A process may end before what it started, and says nothing of it."""

from __future__ import annotations

import subprocess
import sys

STARTER = """
import subprocess, sys
from core.processes.outliving import Outliving
kept = Outliving()
kept.add(subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=sys.stdin, stdout=2))
print(kept.collect())
"""


def test_nobody_is_warned_of_what_lives_on() -> None:
    words = [sys.executable, "-W", "error", "-c", STARTER, "import sys; sys.stdin.read()"]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        assert starter.stderr is not None
        assert starter.stdout.read().strip() == b"1"
        assert starter.wait() == 0
        starter.stdin.close()  # now the other one ends, and with it the last holder of stderr

        assert starter.stderr.read() == b""
