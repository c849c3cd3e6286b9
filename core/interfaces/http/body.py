"""Read what a request brings: strict JSON of bounded size, and query parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NoReturn

from core.engine.operation import ParamKind
from core.interfaces.http.problems import Unacceptable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from core.domain.event import JsonValue
    from core.engine.operation import Param

MOST: Final = 1_000_000
"""Bytes of a body: a task's description is the largest thing that anybody sends."""
_WORDS: Final = {"true": True, "1": True, "false": False, "0": False}


async def read_object(request: Request) -> dict[str, JsonValue]:
    """Return the body as an object; an empty one is empty.

    Raises:
        Unacceptable: Too large, not announced as JSON, or no strict JSON object.
    """
    raw = await _bounded(request)
    if not raw.strip():
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Unacceptable(415, "not_json", "The body must be application/json.")
    try:
        found = json.loads(raw, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _bad(f"The body is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise _bad("The body must be a JSON object.")
    return found


def read_query(request: Request, params: Iterable[Param]) -> dict[str, JsonValue]:
    """Return the query parameters as their JSON values; unknown ones stay text.

    Raises:
        Unacceptable: One is given twice that can be given once.
    """
    known = {param.name: param for param in params}
    found: dict[str, JsonValue] = {}
    for name in request.query_params:
        values = request.query_params.getlist(name)
        param = known.get(name)
        if param is not None and param.many:
            found[name] = [_value(param, value) for value in values]
        elif len(values) > 1:
            raise _bad(f"{name!r} is given twice.")
        else:
            found[name] = _value(param, values[0])
    return found


async def _bounded(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > MOST:
        raise _too_large()
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST:
            raise _too_large()
        parts.append(part)
    return b"".join(parts)


def _value(param: Param | None, text: str) -> JsonValue:
    if param is None:
        return text
    if param.kind is ParamKind.INT and text.isascii() and text.isdecimal() and len(text) <= 16:
        return int(text)
    if param.kind is ParamKind.FLAG:
        return _WORDS.get(text, text)
    return text


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _bad(message: str) -> Unacceptable:
    return Unacceptable(400, "usage", message)


def _too_large() -> Unacceptable:
    return Unacceptable(413, "too_large", f"The body is larger than {MOST} bytes.")
