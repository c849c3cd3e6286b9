"""How far each agent is let go, and the leave of an open profile, as the window has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.agents.open_permit import WrongRepoName
from core.engine.permitting import permit, permits
from core.engine.workers import worker_add
from core.events import log
from core.paths import user_settings_file

if TYPE_CHECKING:
    from core.engine.context import Engine

PROFILES = """
[agents.wild]
command = ["true"]
permissions = "open"
[agents.tame]
command = ["true"]
[agents.gone]
command = ["no-such-program"]
[agents.used]
command = ["no-such-program-either"]
"""


@pytest.fixture
def kennel(engine: Engine) -> Engine:
    """An engine with four profiles, one of them open, one of a worker's."""
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(PROFILES, encoding="utf-8")
    worker_add(engine, "agent-1", type="agent", agent="used")
    return engine


def test_the_open_ones_come_first_and_only_what_matters_here_is_told(kennel: Engine) -> None:
    shown = {view.profile: view.permissions for view in permits(kennel)}

    assert next(iter(shown.items())) == ("wild", "open")
    assert (shown["tame"], shown["used"]) == ("watched", "watched")
    assert "gone" not in shown


def test_the_typed_name_allows_and_the_audit_trail_tells_of_it(kennel: Engine) -> None:
    with pytest.raises(WrongRepoName):
        permit(kennel, "wild", repo_name=kennel.repo.name.upper())
    assert not permits(kennel)[0].allowed

    permit(kennel, "wild", repo_name=kennel.repo.name)
    allowed = permits(kennel)[0].allowed
    permit(kennel, "wild", revoke=True)

    assert (allowed, permits(kennel)[0].allowed) == (True, False)
    kinds = [event.kind for event in log.read() if event.kind.startswith("permissions.")]
    assert kinds == ["permissions.opened", "permissions.closed"]
