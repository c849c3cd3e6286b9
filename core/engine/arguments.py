"""Arguments as JSON: their schema for programs to read, and the reading of what programs send.

The command line has its own grammar (words and options); MCP and HTTP take one object with the
parameters' names. Both end in the same keyword arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from core.engine.operation import Operation, Param, ParamKind
from core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from core.domain.event import JsonValue

GREATEST: Final = 2**53 - 1
"""The greatest whole number that JSON and the database both keep exactly."""
DURATION: Final = r"^[0-9]{1,9}(\.[0-9]{1,9})?[mh]?$"
_NO_NUL: Final = "^[^\\u0000]*$"


def schema_of(operation: Operation, *, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the JSON schema of the object that `read_arguments` takes.

    Args:
        operation: The operation.
        without: Parameters that the caller of the door does not give.
    """
    shown = [param for param in operation.params if param.name not in without]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {param.name: _schema(param) for param in shown},
        "additionalProperties": False,
    }
    required = [param.name for param in shown if param.required]
    return {**schema, "required": required} if required else schema


def read_arguments(
    operation: Operation, given: Mapping[str, JsonValue], *, without: Collection[str] = ()
) -> dict[str, Any]:
    """Return *given* as keyword arguments of the operation's function.

    A parameter that is null counts as not given.

    Raises:
        UsageError: An unknown or missing parameter, or a value of the wrong kind.
    """
    known = {param.name: param for param in operation.params if param.name not in without}
    unknown = sorted(set(given) - set(known))
    if unknown:
        allowed = ", ".join(known) or "none"
        raise UsageError(
            f"{operation.name!r} has no parameter {unknown[0]!r}.", hint=f"It takes: {allowed}."
        )
    missing = [n for n, param in known.items() if param.required and given.get(n) in (None, [])]
    if missing:
        raise UsageError(f"{operation.name!r} needs the parameter {missing[0]!r}.")
    read = {name: _read(known[name], value) for name, value in given.items() if value is not None}
    return {name: value for name, value in read.items() if value is not False}


def check_text(name: str, value: JsonValue) -> str:
    """Return *value* as text that can be stored and shown.

    Raises:
        UsageError: No text, no Unicode, or with a NUL.
    """
    if not isinstance(value, str):
        raise UsageError(f"{name!r} wants text.")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise UsageError(f"{name!r} holds a character that no text has.")
    return value


def _schema(param: Param) -> dict[str, Any]:
    one = _schema_of_one(param)
    told = f"{param.help} Such as {param.metavar}." if _is_example(param) else param.help
    if param.many:
        return {"type": "array", "items": one, "description": told}
    return {**one, "description": told}


def _is_example(param: Param) -> bool:
    return param.kind is ParamKind.DURATION and bool(param.metavar)


def _schema_of_one(param: Param) -> dict[str, Any]:
    match param.kind:
        case ParamKind.INT:
            return {"type": "integer", "minimum": 0, "maximum": GREATEST}
        case ParamKind.FLAG:
            return {"type": "boolean"}
        case ParamKind.CHOICE:
            return {"type": "string", "enum": list(param.choices)}
        case ParamKind.DURATION:
            return {"type": "string", "pattern": DURATION}
        case _:
            return {"type": "string", "pattern": _NO_NUL}


def _read(param: Param, value: JsonValue) -> Any:
    if not param.many:
        return _read_one(param, value)
    if not isinstance(value, list):
        raise UsageError(f"{param.name!r} wants a list.")
    return tuple(_read_one(param, item) for item in value)


def _read_one(param: Param, value: JsonValue) -> Any:
    match param.kind:
        case ParamKind.INT:
            return _whole(param, value)
        case ParamKind.FLAG:
            if not isinstance(value, bool):
                raise UsageError(f"{param.name!r} wants true or false.")
            return value
        case ParamKind.CHOICE:
            if value not in param.choices:
                raise UsageError(
                    f"{value!r} is not a {param.name}.",
                    hint=f"Use one of: {', '.join(param.choices)}.",
                )
            return value
        case ParamKind.DURATION:
            from core.tasks.importing import parse_minutes

            return parse_minutes(check_text(param.name, value))
        case _:
            return check_text(param.name, value)


def _whole(param: Param, value: JsonValue) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JSON has one kind of number: 3.0 is 3
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= GREATEST:
        raise UsageError(f"{param.name!r} wants a whole number from 0.")
    return value
