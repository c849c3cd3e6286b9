"""A gate in the wall of a sandbox: it lets an agent reach the hosts that its profile names.

A sandbox's network is all or nothing. With a list of hosts it has none, and two small processes
stand at a socket that leads out: within, one listens on the sandbox's own loopback, where the
agent finds it by the usual variables of a proxy; outside, one connects to the hosts of the list,
and to no other. It sees names and ports only: what is said is encrypted between the two ends.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.processes.programs import script_command

PORT: Final = 8118
"""On the loopback of the sandbox, where nothing else listens at its start."""
_SOCKET: Final = "gate.sock"
_SCRIPT: Final = Path(__file__).with_name("network_gate_script.py")
_PROXY: Final = f"http://127.0.0.1:{PORT}"
_VARIABLES: Final = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY")
_NEAR: Final = "localhost,127.0.0.1,::1"


def gate_outside(scratch: Path, hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that open the gate and then become what follows them.

    *hosts* are `name`, `name:port` or `.suffix`; without a port 443 and 80 are meant.
    """
    return (
        *script_command(_SCRIPT, "outside", str(scratch / _SOCKET), ",".join(hosts)),
        "--",
    )


def gate_within(scratch: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words right before the agent's own, and the sandbox's that they need."""
    socket = str(scratch / _SOCKET)
    within = (*script_command(_SCRIPT, "within", socket, str(PORT)), "--")
    words = ["--ro-bind", str(_SCRIPT), str(_SCRIPT)]
    for name in _VARIABLES:
        words += ["--setenv", name, _PROXY]
    for name in ("NO_PROXY", "no_proxy"):
        words += ["--setenv", name, _NEAR]
    return within, tuple(words)
