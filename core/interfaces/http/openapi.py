"""The description of all routes, made from the tables and the records of the domain."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from core.domain.json_schema import RecordSchemas
from core.engine.answers import schema_of_answer
from core.engine.arguments import schema_of
from core.interfaces.http.routes import (
    EVENTS,
    OFFERED,
    OPENAPI,
    REPO_PATH,
    ROUTES,
    operation_path,
)

if TYPE_CHECKING:
    from core.engine.operation import Operation
    from core.interfaces.http.routes import ApiRoute

_FAILURES: Final = {
    "400": "The request is wrong in itself.",
    "401": "The token is missing or wrong.",
    "403": "A foreign page asks, or a worker for what is not its own.",
    "404": "There is no such thing.",
    "409": "The state of things forbids it now; `reasons` holds every reason.",
    "413": "The body is too large.",
    "415": "The body is no JSON.",
    "421": "The server has another name.",
    "503": "Something outside Weft failed.",
}
_REFUSAL: Final = {"$ref": "#/components/schemas/Refusal"}
_ERROR: Final = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "reasons": {"type": "array", "items": {"type": "string"}},
                "hint": {"type": "string"},
            },
            "required": ["code", "message", "reasons", "hint"],
        }
    },
    "required": ["error"],
}
_WORKER_NAME: Final = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Name of the worker.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
}


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI document; it is the same for as long as the process lives."""
    schemas = RecordSchemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _route(route, schemas)
    for operation in OFFERED:
        paths[operation_path(operation)] = {"post": _operation(operation, schemas)}
    paths[EVENTS] = {"get": _events()}
    paths[OPENAPI] = {"get": _described()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Weft", "version": version("weft")},
        "paths": paths,
        "security": [{"token": []}],
        "components": {
            "schemas": {**schemas.found, "Refusal": _ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _route(route: ApiRoute, schemas: RecordSchemas) -> dict[str, Any]:
    operation = route.operation
    answer = schemas.of_result(operation.load())
    told = _told(operation, answer, str(route.status))
    parameters = [_WORKER_NAME] if "{id}" in route.path else []
    if route.has_body:
        return {**told, "parameters": [*parameters, _query(REPO_PATH_SCHEMA)], **_body(operation)}
    properties = schema_of(operation)["properties"]
    shown = [_query((name, schema)) for name, schema in properties.items()]
    return {**told, "parameters": [*parameters, *shown]}


def _operation(operation: Operation, schemas: RecordSchemas) -> dict[str, Any]:
    told = _told(operation, schema_of_answer(operation, schemas), "200")
    return {**told, "parameters": [_query(REPO_PATH_SCHEMA)], **_body(operation)}


def _told(operation: Operation, answer: dict[str, Any], status: str) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}}
    return {
        "summary": operation.help,
        **({"description": operation.details} if operation.details else {}),
        "tags": [operation.group],
        "responses": {status: {"description": "Done.", "content": content}, **_failures()},
    }


def _body(operation: Operation) -> dict[str, Any]:
    schema = schema_of(operation)
    if "heartbeat" in schema["properties"]:
        schema["properties"]["heartbeat"]["type"] = ["boolean", "string"]
    needed = bool(schema.get("required"))
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": needed, "content": content}}


def _failures() -> dict[str, Any]:
    content = {"application/json": {"schema": _REFUSAL}}
    return {code: {"description": why, "content": content} for code, why in _FAILURES.items()}


def _query(named: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    name, schema = named
    bare = {key: value for key, value in schema.items() if key != "description"}
    return {"name": name, "in": "query", "description": schema["description"], "schema": bare}


def _events() -> dict[str, Any]:
    since = {"type": "integer", "minimum": 0, "description": "Begin after this id."}
    content = {"text/event-stream": {"schema": {"type": "string"}}}
    return {
        "summary": "Follow what happens, as server-sent events.",
        "tags": ["Contract"],
        "parameters": [_query(("since", since)), _query(REPO_PATH_SCHEMA)],
        "responses": {"200": {"description": "Events.", "content": content}, **_failures()},
    }


def _described() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "summary": "This description.",
        "tags": ["Contract"],
        "responses": {"200": {"description": "It.", "content": content}, **_failures()},
    }


REPO_PATH_SCHEMA: Final = (
    REPO_PATH.name,
    {"type": "string", "pattern": "^[^\\u0000]*$", "description": REPO_PATH.help},
)
