"""What each benchmark found, in one line, together at the end."""

from __future__ import annotations

from typing import Protocol

import pytest

_FOUND = pytest.StashKey[list[str]]()


class Report(Protocol):
    """Takes what a benchmark found: how many times the baseline, and the figures behind it."""

    def __call__(self, name: str, ratio: float, figures: str) -> None: ...


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Tell one result; all are printed after the last benchmark."""

    def tell(name: str, ratio: float, figures: str) -> None:
        found = request.config.stash.setdefault(_FOUND, [])
        found.append(f"{name}: {ratio:.2f} × baseline ({figures})")  # noqa: RUF001

    return tell


class Tally(Protocol):
    """Takes a sentence of what was counted, where there is no baseline."""

    def __call__(self, sentence: str) -> None: ...


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Tell what was counted; it is printed with the results."""

    def tell(sentence: str) -> None:
        request.config.stash.setdefault(_FOUND, []).append(sentence)

    return tell


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print every result."""
    found = config.stash.get(_FOUND, [])
    if found:
        terminalreporter.section("what was measured")
    for line in found:
        terminalreporter.write_line(line)
