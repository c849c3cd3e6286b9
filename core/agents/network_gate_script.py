"""The two ends of a sandbox's gate, a program of its own: standard library only.

`outside SOCKET HOSTS -- PROGRAM…` listens on a socket and connects to the hosts that are named;
`within SOCKET PORT[,PORT…] -- PROGRAM…` listens on loopback and passes all on to the socket: as it
comes at the first port, to the same port of the machine's loopback at the others. Each forks: the
child keeps the gate and ends with its parent, the parent becomes PROGRAM.
"""

from __future__ import annotations

import ctypes
import os
import re
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

assert sys.platform != "win32"  # sandboxes are made on Linux

Handler = Callable[[socket.socket], None]

_HEAD_LIMIT = 16 * 1024
_CHUNK = 64 * 1024
_CONNECT_S = 30.0
_DEATH_SIGNAL = 1
_USUAL_PORTS = (443, 80)
_URL = re.compile(rb"^([A-Z]+) http://([^/ ]+)(/[^ ]*)? (HTTP/1\.[01])$")


def main(argv: list[str]) -> int:
    """Open the gate in a child, then become the program after `--`."""
    mode, where, what, _, *program = argv
    ready, told = os.pipe()
    parent = os.getpid()
    if os.fork() == 0:
        os.close(ready)
        _end_with(parent)
        listeners = _listeners(mode, where, what.split(","))
        os.write(told, b"1")
        os.close(told)
        _let_go_of_pipes()
        _serve(listeners)
    os.close(told)
    if os.read(ready, 1) == b"1":
        os.close(ready)
        os.execvp(program[0], program)  # noqa: S606  an argument list, no shell
    sys.stderr.write("The gate of the sandbox's network could not be opened.\n")
    return 1


def allows(hosts: tuple[str, ...], host: str, port: int) -> bool:
    """Whether one of *hosts* (`name`, `name:port`, `.suffix`) means this one."""
    name = host.rstrip(".").lower()
    for entry in hosts:
        wanted, _, number = entry.lower().partition(":")
        ports = (int(number),) if number else _USUAL_PORTS
        fits = name.endswith(wanted) if wanted.startswith(".") else name == wanted
        if fits and port in ports:
            return True
    return False


def _end_with(parent: int) -> None:
    """Be killed when the parent ends, whatever it has become by then."""
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)


def _let_go_of_pipes() -> None:
    """Close what the agent speaks through, or its end would not be seen."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for handle in (0, 1, 2):
        os.dup2(nothing, handle)


def _listeners(mode: str, where: str, what: list[str]) -> dict[socket.socket, Handler]:
    """Return what is listened at, and who takes what comes there."""
    if mode == "outside":
        return {_listen_outside(where): partial(_ask_at_the_gate, tuple(filter(None, what)))}
    first, *tunnels = map(int, what)
    found: dict[socket.socket, Handler] = {_listen_within(first): partial(_pass_on, where, b"")}
    for port in tunnels:
        head = b"CONNECT localhost:%d HTTP/1.1\r\n\r\n" % port
        found[_listen_within(port)] = partial(_pass_on, where, head)
    return found


def _listen_outside(where: str) -> socket.socket:
    Path(where).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    listener.bind(where)
    os.umask(before)
    listener.listen(64)
    return listener


def _listen_within(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    return listener


def _serve(listeners: dict[socket.socket, Handler]) -> None:
    waiting = selectors.DefaultSelector()
    for listener, handle in listeners.items():
        waiting.register(listener, selectors.EVENT_READ, (listener, handle))
    while True:
        for key, _ in waiting.select():
            listener, handle = key.data
            with suppress(OSError):
                client, _ = listener.accept()
                threading.Thread(target=handle, args=(client,), daemon=True).start()


def _pass_on(where: str, head: bytes, client: socket.socket) -> None:
    """Within: everything goes to the socket, after *head* and its answer if there is one."""
    with client, suppress(OSError), socket.socket(socket.AF_UNIX) as gate:
        gate.connect(where)
        if head:
            gate.sendall(head)
            answer, _, first = _read_head(gate).partition(b"\r\n\r\n")
            if b" 200 " not in answer.partition(b"\r\n")[0]:
                return
            client.sendall(first)
        _relay(client, gate)


def _ask_at_the_gate(hosts: tuple[str, ...], client: socket.socket) -> None:
    """Outside: CONNECT, or a plain request by its whole address, to a host of the list."""
    with client, suppress(OSError, ValueError):
        client.settimeout(_CONNECT_S)
        head = _read_head(client)
        line, _, rest = head.partition(b"\r\n")
        target, first = _target(line, rest)
        if target is None:
            client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        host, port = target
        if not allows(hosts, host, port):
            client.sendall(b"HTTP/1.1 403 Forbidden by the sandbox\r\nContent-Length: 0\r\n\r\n")
            return
        try:
            server = socket.create_connection(target, timeout=_CONNECT_S)
        except OSError:
            client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        with server:
            if first is None:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                server.sendall(first)
            client.settimeout(None)
            server.settimeout(None)
            _relay(client, server)


def _read_head(client: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT:
        data = client.recv(_CHUNK)
        if not data:
            break
        head += data
    return head


def _target(line: bytes, rest: bytes) -> tuple[tuple[str, int] | None, bytes | None]:
    """Return the host and port of a request's first line, and what to send there first.

    A plain request is good for one answer: the connection is closed after it, else a second one
    on it could be meant for another host.
    """
    words = line.split(b" ")
    if words[0] == b"CONNECT" and len(words) == 3:
        return _host_and_port(words[1], 443), None
    found = _URL.match(line)
    if found is None:
        return None, None
    verb, place, path, version = found.groups()
    kept = [
        field
        for field in rest.split(b"\r\n\r\n", 1)[0].split(b"\r\n")
        if not field.lower().startswith((b"connection:", b"proxy-"))
    ]
    body = rest.split(b"\r\n\r\n", 1)[1] if b"\r\n\r\n" in rest else b""
    first = b"%s %s %s\r\n" % (verb, path or b"/", version)
    first += b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n" + body
    return _host_and_port(place, 80), first


def _host_and_port(text: bytes, usual: int) -> tuple[str, int]:
    host, _, port = text.decode("ascii").rpartition(":")
    if not host:
        return text.decode("ascii"), usual
    return host.strip("[]"), int(port)


def _relay(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until both have said all."""
    ways = {one: other, other: one}
    with selectors.DefaultSelector() as waiting:
        for end in ways:
            waiting.register(end, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select():
                end = one if key.fileobj is one else other
                data = end.recv(_CHUNK)
                if data:
                    ways[end].sendall(data)
                    continue
                waiting.unregister(end)
                with suppress(OSError):
                    ways[end].shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
