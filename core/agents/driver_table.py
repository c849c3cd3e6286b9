"""Which drivers there are."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.agents.drivers.command import CommandDriver
from core.agents.drivers.scripted import ScriptedDriver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.agents.driver import AgentDriver

DRIVERS: Final[Mapping[str, AgentDriver]] = MappingProxyType(
    {driver.name: driver for driver in (CommandDriver(), ScriptedDriver())}
)
