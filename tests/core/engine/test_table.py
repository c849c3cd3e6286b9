"""The table of operations is the truth about the functions behind it."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest

from core.engine.operation import Operation, ParamKind
from core.engine.table import BY_NAME, OPERATIONS

OUTSIDE = {"demo": {"headless"}, "trust": {"revoke"}}
"""Parameters that a door deals with itself."""
SERVERS = {"mcp", "serve"}
"""They start another door in place of calling the engine."""


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.name not in SERVERS],
    ids=lambda operation: operation.name,
)
def test_an_operation_and_its_function_agree(operation: Operation) -> None:
    found = inspect.signature(operation.load()).parameters
    names = {param.name for param in operation.params} - OUTSIDE.get(operation.name, set())

    assert next(iter(found)) == "engine"
    assert names <= set(found)
    for param in operation.params:
        if param.name in found:
            positional = found[param.name].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            assert positional == (not param.flag), param.name
            assert param.required == (found[param.name].default is inspect.Parameter.empty)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_speaks_in_sentences_with_an_example(operation: Operation) -> None:
    assert operation.help.endswith(".")
    assert operation.examples
    assert all(example.startswith(f"weft {operation.name}") for example in operation.examples)
    assert all(param.help.endswith((".", "input")) for param in operation.params)
    assert all(param.choices for param in operation.params if param.kind is ParamKind.CHOICE)


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(OPERATIONS)


def test_reading_the_table_imports_no_operation() -> None:
    script = (
        "import sys; import core.engine.table;"
        "print([m for m in sys.modules if m in ('peewee', 'asyncio', 'PySide6', 'git')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
