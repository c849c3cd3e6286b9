"""What holds a start back is said; what is kept of old runs ends after the days asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.dispatch.capacity import hold_back
from core.dispatch.control import ask
from core.dispatch.retention import prune_transcripts
from core.domain.run import ControlVerb
from core.engine import overview
from core.engine.context import Engine
from core.events import log
from core.paths import runs_folder

if TYPE_CHECKING:
    import pytest

    from tests.runs import RunProject


async def test_a_profile_has_a_cap_of_its_own(project: RunProject) -> None:
    waiting = replace(project.script({"wait_for": "/no/such/file"}), name="quick")
    run = await project.launch(waiting)

    free = partial(hold_back, project.repo, max_workers=5, min_free_memory_mb=0)
    assert free(profile="quick", most=2) == ""
    assert free(profile="other", most=1) == ""
    said = free(profile="quick", most=1)
    assert said == "Starts when a place for quick is free (1 of 1 running)."

    ask(project.repo, run.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")
    await project.ended(run)


def test_a_busy_machine_holds_a_start_back_only_when_asked_to(project: RunProject) -> None:
    free = partial(hold_back, project.repo, max_workers=5, min_free_memory_mb=0)
    assert free() == ""
    said = free(max_load=1e-9)
    assert said.startswith("Starts when the machine is less busy (load ")


def test_the_card_of_a_queued_start_says_what_it_waits_for(
    project: RunProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = project.add_task().key
    project.claim(key)
    monkeypatch.setenv("WEFT_MIN_FREE_MEMORY_MB", "900000")

    (waiting,) = overview.board(Engine(project.repo)).waiting

    assert waiting.task == key
    assert waiting.reasons[0].startswith("Starts when memory is free (")


async def test_transcripts_of_runs_long_over_go_and_nothing_else(project: RunProject) -> None:
    old = await project.run_through({"say": "hello"})
    waiting = project.script({"wait_for": "/no/such/file"})
    live = await project.launch(waiting, key=project.add_task().key)
    stranger = runs_folder() / "run-stranger"
    stranger.mkdir()
    events = log.last_id()
    later = project.clock.now() + timedelta(days=8)

    assert prune_transcripts(now=later, keep=timedelta(0)) == 0
    assert prune_transcripts(now=later, keep=timedelta(days=9)) == 0
    assert prune_transcripts(now=later, keep=timedelta(days=7)) == 1

    assert not Path(old.transcript).parent.exists()
    assert Path(live.transcript).exists()
    assert stranger.exists()
    assert log.last_id() == events
    ask(project.repo, live.id, ControlVerb.ABORT, now=project.clock.now(), actor="ana")
    await project.ended(live)
