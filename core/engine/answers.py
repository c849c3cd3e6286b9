"""What an operation's result is as JSON: decided once, the same through every door."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from core.domain.jsonable import jsonable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from core.domain.event import JsonValue
    from core.domain.json_schema import RecordSchemas
    from core.domain.overview import TaskDetails
    from core.engine.operation import Operation


def answer_of(operation: Operation, result: object) -> JsonValue:
    """Return *result* as every door answers it."""
    shape = SHAPES.get(operation.name)
    return jsonable(result) if shape is None else shape(result)


def schema_of_answer(operation: Operation, schemas: RecordSchemas) -> dict[str, Any]:
    """Return the JSON schema of what `answer_of` gives."""
    plain = schemas.of_result(operation.load())
    if operation.name == "task show":
        task = schemas.found["Task"]
        added = {
            "runs": schemas.found["TaskDetails"]["properties"]["runs"],
            "waiting": schemas.found["TaskDetails"]["properties"]["reasons"],
            "stages": schemas.found["TaskDetails"]["properties"]["stages"],
        }
        return {**task, "properties": {**task["properties"], **added}}
    if operation.name == "demo":
        return {"type": "object", "properties": {"succeeded": {"type": "boolean"}}}
    return plain


def _task_details(details: TaskDetails) -> JsonValue:
    """The task's own fields with `runs`, `stages` and the reasons why it is `waiting`."""
    own = jsonable(details.task)
    assert isinstance(own, dict)
    return {
        **own,
        "runs": jsonable(details.runs),
        "waiting": jsonable(details.reasons),
        "stages": jsonable(details.stages),
    }


def _demo(succeeded: bool) -> JsonValue:
    """The same as an object, to which fields can be added."""
    return {"succeeded": succeeded}


SHAPES: Final[Mapping[str, Callable[[Any], JsonValue]]] = MappingProxyType(
    {"task show": _task_details, "demo": _demo}
)
