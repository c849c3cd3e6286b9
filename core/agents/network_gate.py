"""A gate in the wall of a sandbox: it lets an agent reach the hosts that its profile names.

A sandbox's network is all or nothing. With a list of hosts it has none, and two small processes
stand at a socket that leads out: within, one listens on the sandbox's own loopback, where the
agent finds it by the usual variables of a proxy; outside, one connects to the hosts of the list,
and to no other. It sees names and ports only: what is said is encrypted between the two ends.
A server on the machine's own loopback, such as a local model's, is found at its usual address.
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
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1"})
_NEAR: Final = "localhost,127.0.0.1,::1"


def gate_outside(scratch: Path, hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that open the gate and then become what follows them.

    *hosts* are `name`, `name:port` or `.suffix`; without a port 443 and 80 are meant.
    """
    named = (f"localhost:{port}" if (port := _near_port(host)) else host for host in hosts)
    return (*script_command(_SCRIPT, "outside", str(scratch / _SOCKET), ",".join(named)), "--")


def gate_within(scratch: Path, hosts: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words right before the agent's own, and the sandbox's that they need."""
    socket = str(scratch / _SOCKET)
    ports = [str(PORT), *filter(None, map(_near_port, hosts))]
    within = (*script_command(_SCRIPT, "within", socket, ",".join(ports)), "--")
    words = ["--ro-bind", str(_SCRIPT), str(_SCRIPT)]
    for name in _VARIABLES:
        words += ["--setenv", name, _PROXY]
    for name in ("NO_PROXY", "no_proxy"):
        words += ["--setenv", name, _NEAR]
    return within, tuple(words)


def _near_port(host: str) -> str:
    """Return the port of an entry that means a server on this machine's loopback, or nothing."""
    name, _, port = host.rpartition(":")
    return port if name in _LOOPBACK else ""
