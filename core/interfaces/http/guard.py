"""Who may talk to us at all: decided before any route, for every kind of connection.

A web page in the person's browser can reach a port on the loopback address, and by rebinding a
name of its own can even read the answers. So the name that was asked for must be ours (421), no
foreign page may stand behind the request (403), and the token must be shown (401). There are no
CORS headers whatever happens: no page is ever let in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from core.interfaces.http.problems import problem
from core.interfaces.http.token import is_right, proof

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAILURES_TOLD: Final = 10
"""After so many wrong tokens one event is written, not one for each."""
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{16,128}")
_POLICY_VIOLATION: Final = 1008


class Guard:
    """Lets pass what shows the token, asks for our own name and comes from no foreign page."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        hosts: Collection[str],
        tell: Callable[[int], None],
    ) -> None:
        self._app = app
        self._token = token
        self._hosts = frozenset(hosts)
        self._origins = frozenset(f"http://{host}" for host in hosts)
        self._tell = tell
        self._failures = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = _headers(scope)
        sender = self._proving(headers, send)
        refusal = self._refusal(headers)
        if refusal is None:
            await self._app(scope, receive, sender)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await problem(*refusal)(scope, receive, sender)

    def _refusal(self, headers: dict[str, list[str]]) -> tuple[int, str, str] | None:
        if _only(headers, "host") not in self._hosts:
            return 421, "wrong_host", "This server has another name: use 127.0.0.1 and its port."
        if "origin" in headers and _only(headers, "origin") not in self._origins:
            return 403, "foreign_origin", "Web pages may not talk to this server."
        if any(site not in ("none", "same-origin") for site in headers.get("sec-fetch-site", ())):
            return 403, "foreign_origin", "Web pages may not talk to this server."
        scheme, _, shown = (_only(headers, "authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or not is_right(shown.strip(), self._token):
            self._failures += 1
            if self._failures % FAILURES_TOLD == 0:
                self._tell(self._failures)
            return 401, "no_token", "The token is missing or wrong: Authorization: Bearer TOKEN."
        return None

    def _proving(self, headers: dict[str, list[str]], send: Send) -> Send:
        """Answer a client's challenge, so that it can tell us from another program on our port."""
        challenge = _only(headers, "weft-challenge") or ""
        shows_proof = bool(_CHALLENGE.fullmatch(challenge))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                raw = list(message.get("headers", ()))
                if shows_proof:
                    raw.append((b"weft-proof", proof(self._token, challenge).encode()))
                if message["status"] == 401:
                    raw.append((b"www-authenticate", b'Bearer realm="weft"'))
                message = {**message, "headers": raw}
            await send(message)

        return sending


def _headers(scope: Scope) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return found


def _only(headers: dict[str, list[str]], name: str) -> str | None:
    """Return the one value of a header; None when it is missing or given twice."""
    values = headers.get(name, [])
    return values[0] if len(values) == 1 else None
