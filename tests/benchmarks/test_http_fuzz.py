"""A long fuzz of the HTTP API by its own description: more than the suite has time for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.engine import tasks, workers
from tests.interfaces.http.fuzzing import fuzz
from tests.interfaces.http.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

EXAMPLES = 40


def test_no_request_made_from_the_description_breaks_anything(
    repo: Repo, weft_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del weft_home  # masked before the engine opens its database
    monkeypatch.chdir(repo.path)
    with serving(repo) as served:
        served.engine.submit(workers.worker_add, "human-ana", type="human").result(30)
        served.engine.submit(tasks.task_add, "One", file=("a.py",)).result(30)

        found = fuzz(served.client, tmp_path, phases="examples,coverage,fuzzing", examples=EXAMPLES)

    if found:
        pytest.fail(found, pytrace=False)
