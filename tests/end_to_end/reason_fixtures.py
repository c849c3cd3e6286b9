"""The board of the tests about reasons; they take it over by import."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from core.dispatch.live import settled, wake
from core.domain.run import ENDED
from core.engine import runs
from core.queue import outcomes
from core.store.connection import close_database
from tests.end_to_end.reasons import Scene
from tests.run_fixtures import bytecode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios import Repo

__all__ = ["bytecode", "scene"]


@pytest.fixture
def scene(
    repo: Repo,
    weft_home: Path,
    bytecode: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    """A registered repository with two people; runs are ended after the test."""
    if sys.platform == "win32":
        pytest.skip("ends and suspends process trees by signals")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
    monkeypatch.chdir(repo.path)
    weft_home.mkdir(parents=True, exist_ok=True)
    found = Scene(repo, weft_home, capsys)
    found.weft("init")
    found.people("human-ana", "human-bo")
    yield found
    _end_runs(found)
    close_database()


def _end_runs(scene: Scene) -> None:
    live = outcomes.list_runs(scene.engine.repo, live_only=True)
    for one in live:
        if one.runner_pid is not None:
            wake(one.runner_pid)  # some test may have stopped it
    if live:
        asyncio.run(runs.abort(scene.engine, all=True))
    for one in live:
        assert asyncio.run(settled(one.id, ENDED, limit_s=30)).status in ENDED
