"""Which drivers there are; each is loaded when it is first asked for: a runner needs but one."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.agents.driver import AgentDriver

_CLASSES: Final = {
    "acp": "core.agents.drivers.acp:AcpDriver",
    "claude": "core.agents.drivers.claude:ClaudeDriver",
    "codex": "core.agents.drivers.codex:CodexDriver",
    "command": "core.agents.drivers.command:CommandDriver",
    "scripted": "core.agents.drivers.scripted:ScriptedDriver",
}


class _Drivers(Mapping[str, "AgentDriver"]):
    """The drivers by name; a class is imported with its first use and kept."""

    def __init__(self) -> None:
        self._made: dict[str, AgentDriver] = {}

    def __getitem__(self, name: str) -> AgentDriver:
        if name not in self._made:
            module, _, class_name = _CLASSES[name].partition(":")
            self._made[name] = getattr(import_module(module), class_name)()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in _CLASSES

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)


DRIVERS: Final[Mapping[str, AgentDriver]] = _Drivers()
