"""`weft trust`: show in full, then ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.errors import Refused
from core.interfaces.cli import terminal

if TYPE_CHECKING:
    from core.domain.overview import TrustView
    from core.interfaces.cli.call import Call


def review_trust(call: Call) -> int:
    """Show what the repository's settings would run or reach; trust it if a person says yes."""
    from core.engine.preferences import revoke_trust, trust, trust_view

    engine = call.engine()
    if call.values.get("revoke"):
        call.show(revoke_trust(engine))
        return 0
    shown = trust_view(engine)
    if not shown.trusted:
        if not call.as_json:
            call.show(shown)
        _consent(call, shown)
        shown = trust(engine, digest=shown.digest)
    call.show(shown)
    return 0


def _consent(call: Call, shown: TrustView) -> None:
    """Return if a person agrees.

    Raises:
        Refused: No, or nobody is there to answer.
    """
    if call.extras["yes"]:
        return
    if not terminal.can_ask():
        raise Refused(
            f"{shown.repo} is not trusted, and nobody is here to say yes.",
            hint="Read it, then: weft trust --yes",
        )
    if not terminal.ask("May these settings be used?"):
        raise Refused(f"{shown.repo} stays untrusted.", hint="What it asks for is not used.")
