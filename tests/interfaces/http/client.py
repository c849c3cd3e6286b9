"""A plain HTTP client: it sends what a test says, headers twice or not at all if need be."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass, field
from typing import Any

LIMIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        return self.json["error"]


@dataclass(slots=True)
class Client:
    """Talks to one server, with its token unless told otherwise."""

    port: int
    token: str
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def __call__(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        status: int | None = None,
        headers: dict[str, str | None] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Send one request; a header of None is left out, another status than *status* fails."""
        sent: dict[str, str | None] = {"Authorization": f"Bearer {self.token}", **self.extra}
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        answer = self.exchange(method, path, [(n, v) for n, v in sent.items() if v], data)
        if status is not None:
            assert answer.status == status, f"{method} {path}: {answer.status} {answer.body!r}"
        return answer

    def exchange(
        self, method: str, path: str, headers: list[tuple[str, str]], data: bytes | None = None
    ) -> Answer:
        """Send exactly these headers; Host is added unless it is among them."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        try:
            wire.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if not any(name == "Host" for name, _ in headers):
                wire.putheader("Host", self.host)
            for name, value in headers:
                wire.putheader(name, value)
            if data is not None:
                wire.putheader("Content-Length", str(len(data)))
            wire.endheaders(data)
            got = wire.getresponse()
            found = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, found, got.read())
        finally:
            wire.close()

    def stream(self, path: str, **headers: str) -> Stream:
        """Open a stream of events."""
        return Stream(self, path, headers)


class Stream:
    """One stream of server-sent events, read as they come."""

    def __init__(self, client: Client, path: str, headers: dict[str, str]) -> None:
        self._wire = socket.create_connection(("127.0.0.1", client.port), timeout=LIMIT_S)
        lines = [f"GET {path} HTTP/1.1", f"Host: {client.host}"]
        lines += [f"Authorization: Bearer {client.token}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self._wire.sendall("\r\n".join([*lines, "", ""]).encode())
        self._file = self._wire.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        while self._file.readline().strip():
            continue

    def events(self, count: int) -> list[dict[str, Any]]:
        """Return the next *count* events."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            line = self._file.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                found.append(json.loads(line[6:]))
        return found

    def hears(self, wanted: bytes) -> bool:
        """Wait for a line."""
        return any(line == wanted for line in iter(self._file.readline, b""))

    def ends(self) -> bool:
        """Wait for the end of the stream."""
        while self._file.readline():
            continue
        return True

    def close(self) -> None:
        """Go away."""
        self._file.close()
        self._wire.close()
