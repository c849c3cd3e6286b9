"""What can be a key or a worker's name."""

from __future__ import annotations

import pytest

from core.domain import names
from core.domain.names import name_problem


@pytest.mark.parametrize("name", ["con", "AUX", "nul.txt", "COM1", "lpt9.x"])
def test_a_device_of_windows_is_no_name_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_WINDOWS", True)

    assert name_problem(name) == "Windows has a device of that name"


@pytest.mark.parametrize("name", ["console", "auxiliary", "com", "x.con"])
def test_what_only_begins_like_one_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "_WINDOWS", True)

    assert name_problem(name) is None
