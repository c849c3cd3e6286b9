"""A program's version is asked once for each file, and what is too old is said in a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from core.agents import detection
from core.agents.profiles import learn_version, learnt_problem, presets, problem_of
from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(WINDOWS, reason="the stand-ins are shell scripts")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WEFT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


async def test_a_version_is_asked_once_until_the_file_changes(tmp_path: Path) -> None:
    program(tmp_path, "claude", f"echo x >> {tmp_path}/asked; echo '2.1.197 (Claude Code)'")
    profile = presets()["claude"]

    first = await learn_version(profile, path=str(tmp_path))
    again = await learn_version(profile, path=str(tmp_path))
    program(tmp_path, "claude", f"echo x >> {tmp_path}/asked; echo '2.2.0 (Claude Code)'")
    newer = await learn_version(profile, path=str(tmp_path))

    assert first is not None
    assert newer is not None
    assert (first, first.version, newer.version) == (again, "2.1.197", "2.2.0")
    assert (tmp_path / "asked").read_text() == "x\nx\n"


async def test_too_old_is_one_sentence_also_for_those_who_do_not_wait(tmp_path: Path) -> None:
    program(tmp_path, "codex", "echo codex-cli 0.9.1")
    profile = presets()["codex"]
    before = problem_of(profile, path=str(tmp_path))

    problem = await learnt_problem(profile, path=str(tmp_path))

    assert before == ""
    assert problem == problem_of(profile, path=str(tmp_path))
    assert problem.startswith("Codex 0.9.1 is too old: Weft needs 0.160.0 or newer; get it with: ")


async def test_a_missing_program_says_how_to_get_it() -> None:
    problem = await learnt_problem(presets()["claude"], path="/nowhere")

    assert problem == (
        "The program 'claude' is not installed, or not on PATH;"
        " get it with: npm install -g @anthropic-ai/claude-code."
    )


async def test_a_program_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "LIMIT_S", 0.05)
    program(tmp_path, "gemini", "exec sleep 1000")
    profile = replace(presets()["gemini"], driver="command")

    found = await learn_version(profile, path=str(tmp_path))

    assert found is not None
    assert found.version == ""


async def test_another_program_under_the_same_driver_is_not_asked(tmp_path: Path) -> None:
    program(tmp_path, "npx", "echo 1.0.0")
    profile = replace(presets()["claude"], command=("npx", "claude"))

    assert await learn_version(profile, path=str(tmp_path)) is None
    assert await learnt_problem(profile, path=str(tmp_path)) == ""
