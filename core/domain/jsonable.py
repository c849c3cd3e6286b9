"""Turn frozen records into plain JSON values: the one place where that is decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import PurePath
from typing import TYPE_CHECKING

from core.clock import iso

if TYPE_CHECKING:
    from core.domain.event import JsonValue


def jsonable(value: object) -> JsonValue:
    """Return *value* as JSON: records by field name, times in ISO 8601 with `Z`, enums by value.

    Raises:
        TypeError: A type that has no JSON form; a bug, never the person's mistake.
    """
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return jsonable(value.value)
        case str():
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case PurePath():
            return str(value)
        case Mapping():
            return {str(key): jsonable(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [jsonable(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: jsonable(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")
