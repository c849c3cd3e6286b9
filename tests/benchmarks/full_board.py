"""A repository with much on its board: tasks that wait, branches in review, runs new and old."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.task import NewTask, Priority
from core.queue.claims import finish
from core.tasks.adding import add_tasks
from core.tasks.board import TaskChanges, edit_task
from tests.scenarios import numbered_lines

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.run import Run
    from tests.runs import RunProject

TASKS: Final = 300
WORKERS: Final = 10
BRANCHES: Final = 30
LIVE: Final = 4
LINES: Final = 10_000
FILES: Final = 6
"""So many files the branches share: those that change the same line of one collide."""
TALKS: Final = """
import os, sys, time
lines, go = int(sys.argv[1]), sys.argv[2]
for n in range(lines):
    print(f"line {n} of what an agent says while it works on a task")
sys.stdout.flush()
number = 0
while not os.path.exists(go):
    time.sleep(0.3)
    number += 1
    print(f"still at it, {number}", flush=True)
"""
"""Usage: LINES GO: says so many lines at once, then some each second until GO is there."""


async def fill(project: RunProject, go: Path) -> list[Run]:
    """Fill the board; return the live runs, of which the first has said LINES lines.

    They end once *go* is there.
    """
    source = {f"src/part{n}.py": numbered_lines(200) for n in range(FILES)}
    project.disk.commit("source", source)
    keys = _tasks(project)
    workers = [f"agent-{n}" for n in range(2, WORKERS + 1)]
    for name in workers:
        project.add_agent(name)
    workers.append("agent-1")
    for n in range(BRANCHES):
        await _reviewed(project, keys[n], workers[n % WORKERS], n)
    runs = []
    for n in range(LIVE):
        talks = project.python(TALKS, str(LINES if n == 0 else 20), str(go))
        runs.append(await project.launch(talks, key=keys[BRANCHES + n], worker=workers[n]))
    asks = project.script({"question": {"title": "Which of the two names shall the option have?"}})
    permits = project.script({"ask": {"title": "rm -r build", "detail": "rm -r build"}})
    for n, agent in enumerate((asks, permits), start=LIVE):
        runs.append(await project.launch(agent, key=keys[BRANCHES + n], worker=workers[n]))
    return runs


def _tasks(project: RunProject) -> list[str]:
    now = project.clock.now()
    news = [
        NewTask(
            f"Task {n} with a title of ordinary length{' and some more' * (n % 3)}",
            f"What is to be done, in some words.\n\n- first\n- then {n}\n",
            priority=list(Priority)[n % len(Priority)],
            files=(f"src/part{n % FILES}.py",),
        )
        for n in range(TASKS)
    ]
    keys = [str(key) for key in add_tasks(project.repo, news, now=now, actor="ana")]
    for n in range(100, TASKS, 3):
        changes = TaskChanges(depends_on=(keys[n - 1], keys[n - 2]))
        edit_task(project.repo, keys[n], changes, now=now, actor="ana")
    return keys


async def _reviewed(project: RunProject, key: str, worker: str, n: int) -> None:
    """Have *worker* change one line of a file, some the same line as others, and finish."""
    worktree = await project.provision(project.claim(key, worker))
    file = worktree.path / "src" / f"part{n % FILES}.py"
    place = 10 if n % 2 else 10 + n * 5
    lines = numbered_lines(200, **{f"line_{place}": f"changed by {key}"})
    file.write_text(lines, encoding="utf-8")
    project.disk.git("commit", "--quiet", "--all", f"--message={key}", cwd=worktree.path)
    finish(project.repo, key, now=project.clock.now(), actor=worker)
