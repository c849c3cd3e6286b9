"""`weft doctor`: works outside repositories too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.overview import Severity

if TYPE_CHECKING:
    from core.engine.context import Engine
    from core.interfaces.cli.call import Call


def diagnose(call: Call) -> int:
    """Show what was found; the status is 1 if something is wrong and was not put right."""
    found = call.perform(_engine(call))
    call.show(found)
    return int(any(one.severity is Severity.ERROR and not one.fixed for one in found))


def _engine(call: Call) -> Engine:
    """Open the repository of the folder, or none if it lies in none: there is enough to see."""
    from core.engine.context import open_engine
    from core.errors import EnvironmentFault
    from core.git.locate import NotARepo
    from core.settings.layers import SettingsError
    from core.store.connection import DATABASE_ERRORS

    if call.asked.repo is not None:
        return call.engine()
    try:
        return open_engine(call.folder())
    except (NotARepo, EnvironmentFault, SettingsError, *DATABASE_ERRORS):
        return open_engine(None)
