"""Every operation of the table has its command, its help, examples that parse, and a renderer."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from core.engine.table import BY_NAME, OPERATIONS
from core.interfaces.cli import commands
from core.interfaces.cli.app import run
from core.interfaces.cli.faces import FACES

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.engine.operation import Operation
    from core.interfaces.cli.call import Call
    from tests.interfaces.cli.conftest import Cli

EACH = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def test_the_command_line_shows_exactly_the_operations_of_the_table() -> None:
    assert FACES.keys() == BY_NAME.keys()


@EACH
def test_an_operation_has_a_renderer_and_an_act(operation: Operation) -> None:
    face = FACES[operation.name]

    assert callable(commands.named(face.render))
    assert callable(commands.named(face.act))


@EACH
def test_no_option_of_the_command_line_hides_one_of_the_operation(operation: Operation) -> None:
    taken = {param.name for param in (*operation.params, *commands.SHARED)}

    assert not taken & {param.name for param in FACES[operation.name].extras}


@EACH
def test_the_examples_of_an_operation_parse(
    operation: Operation, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Call] = []
    monkeypatch.setattr(commands, "named", lambda _target: _recorder(calls))

    for example in operation.examples:
        assert run(shlex.split(example)[1:]) == 0, example

    assert {call.operation.name for call in calls} == {operation.name}


@EACH
def test_help_tells_of_every_parameter_and_shows_the_examples(
    operation: Operation, cli: Cli
) -> None:
    told = cli(*operation.name.split(), "--help").out

    words = " ".join(told.split())
    for param in (*operation.params, *FACES[operation.name].extras, *commands.SHARED):
        assert (param.flag or param.metavar or param.name.upper()) in told
        assert param.help in words
    assert all(example in told for example in operation.examples)


def test_the_top_level_help_lists_every_operation_below_its_heading(cli: Cli) -> None:
    told = cli("--help").out

    for operation in OPERATIONS:
        assert f"\n{operation.group}:\n" in told
        assert f"\n  {operation.name} " in told


def test_help_is_a_command_too(cli: Cli) -> None:
    assert cli("help", "task", "add").out == cli("task", "add", "--help").out
    assert cli("help").out == cli("-h").out
    assert "No such command 'ad'" in cli("help", "task", "ad", status=2).err


def test_values_reach_the_operation_as_its_function_wants_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[Call] = []
    monkeypatch.setattr(commands, "named", lambda _target: _recorder(calls))

    run(shlex.split("task add 'A title' --file a.py --file 'b/**' --estimate 1.5h --issue 7"))
    run(shlex.split("merge run task-2 task-1 --ordered --yes"))

    assert calls[0].values == {
        "title": "A title",
        "file": ("a.py", "b/**"),
        "estimate": 90,
        "issue": 7,
    }
    assert calls[1].values == {"keys": ("task-2", "task-1"), "ordered": True}
    assert calls[1].extras == {"yes": True}


def _recorder(calls: list[Call]) -> Callable[[Call], int]:
    def record(call: Call) -> int:
        calls.append(call)
        return 0

    return record
