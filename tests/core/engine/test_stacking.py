"""Dependents that begin on work in review: on the base with its heads merged in, or they wait."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.domain.task import TaskStatus
from core.engine import merging, overview, tasks, workers
from core.engine.claiming import claim_and_provision
from core.engine.lock_keeping import LockKeeping
from core.errors import Refused

if TYPE_CHECKING:
    from core.engine.context import Engine
    from tests.scenarios import Repo


@pytest.fixture
def stacked(engine: Engine, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("WEFT_DEPENDENCY_SATISFIED_BY", "review")
    repo.commit("start", {"a.txt": "a\n", "b.txt": "b\n"})
    workers.worker_add(engine, "human-ana", type="human")
    return engine


async def reviewed(engine: Engine, repo: Repo, key: str, file: str, text: str) -> str:
    """Bring a task with one commit to review; return its head."""
    tasks.task_add(engine, key, key=key)
    made = await claim_and_provision(engine, key, "human-ana")
    worktree = Path(made.worktree)
    (worktree / file).write_text(text)
    repo.git("add", "--all", cwd=worktree)
    repo.git("commit", "--quiet", "-m", key, cwd=worktree)
    tasks.finish(engine, key)
    return repo.git("rev-parse", "HEAD", cwd=worktree)


async def test_a_dependent_begins_on_the_base_with_the_unlanded_heads_merged_in(
    stacked: Engine, repo: Repo
) -> None:
    heads = [
        await reviewed(stacked, repo, "a", "a.txt", "mine\n"),
        await reviewed(stacked, repo, "b", "b.txt", "mine\n"),
    ]
    repo.commit("meanwhile", {"c.txt": "c\n"})
    tasks.task_add(stacked, "c", key="c", depends=("a", "b"))

    made = await claim_and_provision(stacked, "c", "human-ana")

    worktree = Path(made.worktree)
    assert [(worktree / f"{name}.txt").read_text() for name in "abc"] == ["mine\n", "mine\n", "c\n"]
    assert repo.git("rev-parse", "HEAD", cwd=worktree) == made.base_sha
    assert tasks.task_show(stacked, "c").task.base_sha == made.base_sha
    for head in heads:
        repo.git("merge-base", "--is-ancestor", head, made.base_sha)
    again = await claim_and_provision(stacked, "c", "human-ana")
    assert again.base_sha == made.base_sha


async def test_on_one_branch_alone_it_begins_at_that_head(stacked: Engine, repo: Repo) -> None:
    head = await reviewed(stacked, repo, "a", "a.txt", "mine\n")
    tasks.task_add(stacked, "b", key="b", depends=("a",))

    assert (await claim_and_provision(stacked, "b", "human-ana")).base_sha == head


async def test_while_the_heads_conflict_the_task_waits_and_says_so(
    stacked: Engine, repo: Repo
) -> None:
    for key in ("a", "b"):
        await reviewed(stacked, repo, key, "a.txt", f"of {key}\n")
    tasks.task_add(stacked, "c", key="c", depends=("a", "b"))
    said = "b conflicts with a in a.txt: one must land first."

    await LockKeeping().keep(stacked)
    (waiting,) = overview.board(stacked).waiting
    with pytest.raises(Refused) as caught:
        await claim_and_provision(stacked, "c", "human-ana")
    await merging.merge_run(stacked, ("a",))
    await LockKeeping().keep(stacked)
    (still,) = overview.board(stacked).waiting

    assert waiting.reasons == caught.value.reasons == (said,)
    assert still.reasons == ("b conflicts with main in a.txt: one must land first.",)
    assert tasks.task_show(stacked, "a").task.status is TaskStatus.DONE
