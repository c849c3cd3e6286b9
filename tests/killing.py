"""Kill a process without a word, as a crash would: the same on every system."""

from __future__ import annotations

import signal
import sys
from typing import Final

KILL: Final[signal.Signals] = getattr(signal, "SIGKILL", signal.SIGTERM)
"""Where there is no SIGKILL, on Windows, any signal that is sent ends its process at once."""

KILLED: Final = int(KILL) if sys.platform == "win32" else -KILL
"""What `Popen.returncode` says of a process that `os.kill` sent it to."""
