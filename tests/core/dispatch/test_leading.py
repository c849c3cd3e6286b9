"""Each repository has one process that runs its loops; another's never stands in the way."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from core.clock import SystemClock
from core.dispatch.leader import give_up_lead, is_led, leads, loops_of, take_lead
from core.processes.identity import identify
from core.store.schema import LeaderRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runs import RunProject

import pytest


@pytest.fixture
def another() -> Iterator[subprocess.Popen[str]]:
    """A live process, such as the window of somebody else."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True)
    yield process
    process.communicate()


def test_who_leads_in_one_repository_does_not_lead_in_another(
    project: RunProject, another: subprocess.Popen[str]
) -> None:
    now = SystemClock().now()
    mine, theirs = project.repo, replace(project.repo, id=project.repo.id + 1)
    assert take_lead(loops_of(theirs), now=now)
    found = identify(another.pid)
    assert found is not None
    LeaderRow.update(pid=found.pid, pid_started_ms=found.started_ms).execute()

    assert is_led(loops_of(theirs), now=now)
    assert not take_lead(loops_of(theirs), now=now)
    assert not is_led(loops_of(mine), now=now)
    assert take_lead(loops_of(mine), now=now)
    assert leads(loops_of(mine))

    another.communicate("")
    assert take_lead(loops_of(theirs), now=now)
    give_up_lead(loops_of(theirs))
    give_up_lead(loops_of(mine))
