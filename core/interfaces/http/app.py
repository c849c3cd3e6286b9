"""The application: the contract's routes, the operations of the table, events, the description."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.engine.arguments import read_arguments
from core.engine.operation import Operation, Param, ParamKind
from core.errors import EngineError
from core.interfaces.http import problems
from core.interfaces.http.acts import note_refused_tokens
from core.interfaces.http.body import read_object, read_query
from core.interfaces.http.event_stream import Bell, EventStream
from core.interfaces.http.guard import Guard
from core.interfaces.http.openapi import description
from core.interfaces.http.problems import HEADERS
from core.interfaces.http.routes import (
    EVENTS,
    OFFERED,
    OPENAPI,
    REPO_PATH,
    ROUTES,
    ApiRoute,
    operation_path,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from core.interfaces.http.desk import Desk

    Endpoint = Callable[[Request], Awaitable[Response]]

_SINCE = Operation(
    f"GET {EVENTS}",
    "",
    "Contract",
    "Follow what happens, as server-sent events; a client that comes back begins where it was.",
    (REPO_PATH, Param("since", "Begin after this id; from now on if left out.", ParamKind.INT)),
)


def application(desk: Desk, bell: Bell, *, token: str, hosts: Collection[str]) -> ASGIApp:
    """Return the whole application behind its guard; *hosts* are our own names with the port."""
    routes = [
        *(
            Route(
                path,
                _by_method({one.method: _endpoint(desk, one) for one in group}),
                methods=[one.method for one in group],
            )
            for path, group in _by_path().items()
        ),
        *(
            Route(operation_path(one), _operation_endpoint(desk, one), methods=["POST"])
            for one in OFFERED
        ),
        Route(EVENTS, _events_endpoint(desk, bell), methods=["GET"]),
        Route(OPENAPI, _describe, methods=["GET"]),
    ]
    inner = Starlette(
        routes=routes,
        exception_handlers={
            EngineError: problems.on_engine_error,
            HTTPException: problems.on_http_error,
            Exception: problems.on_bug,
        },
    )
    inner.router.redirect_slashes = False
    return Guard(
        inner,
        token=token,
        hosts=hosts,
        tell=lambda failures: desk.tell(note_refused_tokens, failures),
    )


def _by_path() -> dict[str, list[ApiRoute]]:
    """Return the routes by path: one that takes another method says all that it takes."""
    found: dict[str, list[ApiRoute]] = {}
    for route in ROUTES:
        found.setdefault(route.path, []).append(route)
    return found


def _by_method(endpoints: Mapping[str, Endpoint]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await endpoints[method](request)

    return endpoint


def _endpoint(desk: Desk, route: ApiRoute) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        params = route.operation.params
        query = read_query(request, params if not route.has_body else (REPO_PATH,))
        given = {**query, **await read_object(request)}
        if isinstance(given.get("heartbeat"), str):
            given["heartbeat"] = True  # a time is as good a sign of life
        answer = await desk.route(route.operation, given, *request.path_params.values())
        return JSONResponse(answer, route.status, headers=HEADERS)

    return endpoint


def _operation_endpoint(desk: Desk, operation: Operation) -> Endpoint:
    about_repo = Operation(operation.name, "", "", "", (REPO_PATH,))

    async def endpoint(request: Request) -> Response:
        query = read_arguments(about_repo, read_query(request, (REPO_PATH,)))
        given = await read_object(request)
        answer = await desk.operation(operation, given, repo=query.get("repoPath"))
        return JSONResponse(answer, headers=HEADERS)

    return endpoint


def _events_endpoint(desk: Desk, bell: Bell) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        given = read_query(request, _SINCE.params)
        last = request.headers.get("last-event-id", "")
        if last.isascii() and last.isdecimal() and len(last) <= 16:
            given["since"] = int(last)  # where a client that lost its connection goes on
        asked = read_arguments(_SINCE, given)
        return EventStream(desk, bell, since=asked.get("since"), repo=asked.get("repoPath"))  # type: ignore[return-value]

    return endpoint


async def _describe(_request: Request) -> Response:
    return JSONResponse(description(), headers=HEADERS)
