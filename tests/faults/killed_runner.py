"""A runner that kills itself at a named point. Usage: killed_runner.py POINT RUN_ID."""

from __future__ import annotations

import sys

from core.runner import __main__ as runner
from tests.core.merging.killed_merge import arm

if __name__ == "__main__":
    arm(sys.argv[1])
    sys.exit(runner.main(sys.argv[2:]))
