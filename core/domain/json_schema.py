"""JSON schemas of the records, read off their annotations: what `jsonable` makes of each."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Final

import core.domain
from core.domain.event import JsonValue

if TYPE_CHECKING:
    from collections.abc import Callable

Schema = dict[str, Any]

_PLAIN: Final[Mapping[object, Schema]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    None: {"type": "null"},
    type(None): {"type": "null"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    Path: {"type": "string"},
    PurePosixPath: {"type": "string"},
    object: {},
    Any: {},
}


class RecordSchemas:
    """Schemas that refer to each other by name.

    Attributes:
        found: Every record that was met, by its class name.
    """

    def __init__(self, where: str = "#/components/schemas/") -> None:
        self._where = where
        self.found: dict[str, Schema] = {}

    def of_result(self, function: Callable[..., Any]) -> Schema:
        """Return the schema of what *function* returns, by its annotation.

        A name that is no record of the domain must be importable from the function's module.

        Raises:
            NameError: An annotation that cannot be resolved.
        """
        told = function.__annotations__.get("return", "None")
        return self.of(_resolved(told, vars(import_module(function.__module__))))

    def of(self, wanted: Any) -> Schema:
        """Return the schema of a type."""
        if wanted == JsonValue:
            return {}
        if wanted in _PLAIN:
            return dict(_PLAIN[wanted])
        origin, inner = typing.get_origin(wanted), typing.get_args(wanted)
        if origin in (types.UnionType, typing.Union):
            return {"anyOf": [self.of(one) for one in inner]}
        if origin in (tuple, list, set, frozenset, Sequence):
            return self._listed(inner)
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if isinstance(wanted, type) and issubclass(wanted, Enum):
            return {"type": "string", "enum": [one.value for one in wanted]}
        if isinstance(wanted, type) and is_dataclass(wanted):
            return self._record(wanted)
        raise TypeError(f"{wanted!r} has no JSON schema")

    def _listed(self, inner: tuple[Any, ...]) -> Schema:
        if len(inner) == 2 and inner[1] is Ellipsis:
            inner = inner[:1]
        if len(inner) == 1:
            return {"type": "array", "items": self.of(inner[0])}
        return {"type": "array", "minItems": len(inner), "maxItems": len(inner)}

    def _record(self, wanted: type) -> Schema:
        name = wanted.__name__
        if name not in self.found:
            self.found[name] = {}  # a record may hold itself
            space = vars(import_module(wanted.__module__))
            about = fields(wanted)
            self.found[name] = {
                "type": "object",
                "properties": {
                    field.name: self.of(_resolved(field.type, space)) for field in about
                },
                "required": [field.name for field in about],
            }
        return {"$ref": f"{self._where}{name}"}


def _resolved(annotation: Any, space: Mapping[str, Any]) -> Any:
    if not isinstance(annotation, str):
        return annotation
    names = {**_names(), **space}
    return eval(annotation, names)  # noqa: S307  our own source, never anybody's input


@cache
def _names() -> dict[str, Any]:
    """Return every public class of the domain by name, and the words of annotations."""
    known: dict[str, Any] = {
        "datetime": datetime,
        "date": date,
        "Path": Path,
        "PurePosixPath": PurePosixPath,
        "Mapping": Mapping,
        "Sequence": Sequence,
        "JsonValue": JsonValue,
        "Any": Any,
    }
    for module in iter_modules(core.domain.__path__, "core.domain."):
        space = vars(import_module(module.name))
        known |= {
            name: found
            for name, found in space.items()
            if isinstance(found, type) and found.__module__ == module.name
        }
    return known
