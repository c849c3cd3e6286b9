"""The command line called in this process, with its output and exit status."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from core.interfaces.cli.app import run
from core.store.connection import close_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scenarios import Repo


# Loaded late by the commands: a test that exchanges what they take by name must not be the first.
import_module("core.interfaces.cli.call")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one command line came to."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> list[list[str]]:
        """Return the plain lines, split at tabs."""
        return [line.split("\t") for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Cli:
    """`weft`, without a process of its own."""

    _captured: pytest.CaptureFixture[str]

    def __call__(self, *words: str, status: int = 0) -> Answer:
        """Run one command line; another exit status than *status* fails the test."""
        answer = self.tried(*words)
        assert answer.status == status, f"weft {' '.join(words)}\n{answer.out}{answer.err}"
        return answer

    def tried(self, *words: str) -> Answer:
        """Run one command line, however it ends."""
        self._captured.readouterr()
        status = run(words)
        said = self._captured.readouterr()
        return Answer(status, said.out, said.err)

    def json(self, *words: str, status: int = 0) -> Any:
        """Run one command line with `--json` and return its answer."""
        return self(*words, "--json", status=status).json


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], home: object) -> Iterator[Cli]:
    """The command line, in no repository yet."""
    del home  # its Weft home must be masked before the first command
    yield Cli(capsys)
    close_database()


@pytest.fixture
def weft(cli: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line in a registered repository."""
    monkeypatch.chdir(repo.path)
    cli("init")
    return cli
