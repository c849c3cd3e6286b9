"""Fixtures for tests that start runs; a conftest.py takes them over by import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from core.store.connection import close_database
from tests.runs import RunProject
from tests.stores import open_blank

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.scenarios import Repo


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which child processes keep compiled modules: they start four times faster."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def project(
    repo: Repo, weft_home: Path, bytecode: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunProject]:
    """A registered repository with one agent, `agent-1`; its runs are ended after the test."""
    if sys.platform == "win32":
        pytest.skip("ends and suspends process trees by signals")
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(bytecode))
    open_blank(weft_home / "weft.db")
    found = RunProject.register(repo)
    found.add_agent()
    yield found
    found.end_all()
    close_database()
