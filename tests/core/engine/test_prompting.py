"""What an agent would be told, before it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.agents.prompt import BadPrompt
from core.engine import prompting, tasks, workers
from core.engine.claiming import claim_and_provision
from core.engine.context import Engine
from core.engine.repos import init
from core.errors import NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo


@pytest.fixture
def shop(engine: Engine, repo: Repo) -> Engine:
    """A registered repository with instructions of its own and one task."""
    repo.commit("start", {"AGENTS.md": "Be kind.\n", "own.md": "Do $key in $worktree: $title\n"})
    init(engine, str(repo.path))
    tasks.task_add(engine, "Sell apples", key="task-1", file=("src/apples.py",))
    return engine


async def test_a_task_that_nobody_owns_shows_where_its_agent_would_be(shop: Engine) -> None:
    view = await prompting.prompt(shop, "task-1")

    assert view.worker == "agent"
    assert "`worker/agent/task-1`" in view.text
    assert "read `AGENTS.md` first" in view.text
    assert "- src/apples.py" in view.text
    assert "Who else is at work" not in view.text


async def test_those_at_work_are_told_with_their_files(shop: Engine) -> None:
    tasks.task_add(shop, "Sell `pears`", key="task-2", file=("src/pears.py",))
    workers.worker_add(shop, "human-ana", type="human")
    await claim_and_provision(shop, "task-2", "human-ana")

    view = await prompting.prompt(shop, "task-1")

    assert "- human-ana on task-2 (Sell 'pears'): `src/pears.py`" in view.text


async def test_a_template_of_the_repository_counts_once_it_is_trusted_and_on_the_base(
    shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_PROMPT_FILE", "own.md")

    view = await prompting.prompt(shop, "task-1")

    assert view.template == "own.md"
    assert view.text.startswith("Do task-1 in ")
    assert view.text.endswith(": Sell apples\n")


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ("Do $ky.", "The prompt own.md cannot be filled: $ky is no field."),
        ("It costs $5.", "The prompt own.md cannot be filled: a dollar sign stands alone"),
    ],
)
async def test_a_template_with_a_slip_is_refused_in_a_sentence(
    shop: Engine, repo: Repo, monkeypatch: pytest.MonkeyPatch, template: str, sentence: str
) -> None:
    repo.commit("slip", {"own.md": template})
    monkeypatch.setenv("WEFT_PROMPT_FILE", "own.md")

    with pytest.raises(BadPrompt) as refused:
        await prompting.prompt(shop, "task-1")

    assert sentence in refused.value.message


async def test_a_template_that_is_not_on_the_base_is_named(
    shop: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_PROMPT_FILE", "gone.md")

    with pytest.raises(BadPrompt, match=r"main has no file gone\.md"):
        await prompting.prompt(shop, "task-1")


async def test_a_worker_that_there_is_not_is_refused(shop: Engine) -> None:
    with pytest.raises(NotFound):
        await prompting.prompt(shop, "task-1", worker="nobody")


async def test_every_profile_is_listed_with_its_version_where_it_tells_one(
    shop: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    (bin_folder / "claude").write_text("#!/bin/sh\necho 2.1.197\n")
    (bin_folder / "claude").chmod(0o755)
    monkeypatch.setenv("PATH", str(bin_folder))

    known = {choice.name: choice for choice in await prompting.agents(shop)}

    claude = known["claude"]
    assert (claude.version, claude.problem) == ("2.1.197", "")
    assert claude == replace(claude, program=str(bin_folder / "claude"))
    assert "get it with" in known["codex"].problem
    assert known["codex"].install == "npm install -g @openai/codex"
    assert claude.install == ""
    chosen = [choice.name for choice in workers.agent_choices(shop)]
    assert chosen[0] == "claude"
    assert "gemini" in chosen
    assert "gemini-headless" not in chosen


def test_the_programs_are_known_before_a_repository_is_chosen(engine: Engine) -> None:
    no_repo = Engine(None, clock=engine.clock)

    assert "claude" in [choice.name for choice in workers.agent_choices(no_repo)]
