from __future__ import annotations

from typing import TYPE_CHECKING

from core.engine.context import Engine
from core.engine.foresight import foresee
from core.engine.tasks import task_add

if TYPE_CHECKING:
    from tests.runs import RunProject


async def test_two_tasks_of_the_backlog_that_declare_a_file_may_meet(project: RunProject) -> None:
    engine = Engine(project.repo)
    first, second, third = (
        task_add(engine, title, file=files).key
        for title, files in (("One", ("a.txt",)), ("Two", ("a.txt",)), ("Three", ("b.txt",)))
    )

    found = await foresee(engine)

    assert [(one.other, one.path) for one in found[first]] == [(second, "a.txt")]
    assert found[first][0].sentence == f"Likely to meet {second} in a.txt (0.8)"
    assert third not in found
