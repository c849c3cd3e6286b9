"""The tools of both roles: names over the table of operations, and what each shows of them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from core.engine.arguments import schema_of
from core.engine.operation import Role
from core.engine.operations_agents import PINNED
from core.engine.table import BY_NAME, OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from core.engine.operation import Operation


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool as an agent sees it.

    Attributes:
        name: Its name; it is part of the contract.
        operation: What it calls.
        only: The parameters that it shows; empty shows all.
        required: Parameters that it wants although the operation does not.
    """

    name: str
    operation: Operation
    only: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    def hidden(self, pinned: Collection[str]) -> tuple[str, ...]:
        """Return the parameters that an agent cannot give, when *pinned* ones are given for it."""
        names = [param.name for param in self.operation.params]
        kept = self.only or tuple(names)
        hidden = PINNED if self.operation.tool else ()
        return tuple(n for n in names if n not in kept or (n in hidden and n in pinned))

    def schema(self, pinned: Collection[str]) -> dict[str, Any]:
        """Return the JSON schema of its arguments."""
        schema = schema_of(self.operation, without=self.hidden(pinned))
        wanted = [n for n in self._required(pinned) if n in schema["properties"]]
        required = [*schema.get("required", ()), *wanted]
        return {**schema, "required": required} if required else schema

    def _required(self, pinned: Collection[str]) -> tuple[str, ...]:
        if self.operation.tool and "worker" not in pinned:
            return (*self.required, "worker")
        return self.required


DESTRUCTIVE: Final = frozenset({"abort_worker", "merge_worker"})
"""Tools whose effect others notice at once; a worker's own only add to what there is."""


def tools_of(role: Role) -> Mapping[str, Tool]:
    """Return the tools of *role* by name; a supervisor has a worker's tools too."""
    return WORKER if role is Role.WORKER else SUPERVISOR


def _tool(name: str, operation: str, *only: str, required: tuple[str, ...] = ()) -> Tool:
    return Tool(name, BY_NAME[operation], only, required)


WORKER: Final[Mapping[str, Tool]] = MappingProxyType(
    {
        operation.tool: Tool(operation.tool, operation)
        for operation in OPERATIONS
        if operation.tool and operation.role is Role.WORKER
    }
)
SUPERVISOR: Final[Mapping[str, Tool]] = MappingProxyType(
    {
        **WORKER,
        **{
            tool.name: tool
            for tool in (
                _tool("list_tasks", "task list"),
                _tool("add_task", "task add"),
                _tool("order_task", "task order"),
                _tool("status", "status"),
                _tool("suggest", "suggest"),
                _tool("proposals", "proposals"),
                _tool("accept_proposal", "accept"),
                _tool("workers", "worker list"),
                _tool("spawn_worker", "worker spawn"),
                _tool("pause_worker", "pause", "worker", required=("worker",)),
                _tool("resume_worker", "resume", "worker", required=("worker",)),
                _tool("abort_worker", "abort", "worker", required=("worker",)),
                _tool("merge_plan", "merge plan"),
                _tool("merge_worker", "worker merge"),
            )
        },
    }
)
