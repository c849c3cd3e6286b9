"""What the person names as editor or terminal, as Windows writes it."""

from __future__ import annotations

import pytest

from core.engine import desktop


@pytest.mark.parametrize(
    ("named", "words"),
    [
        (r"C:\tools\zed.exe --wait", [r"C:\tools\zed.exe", "--wait"]),
        (r'"C:\Program Files\Zed\zed.exe" --wait', [r"C:\Program Files\Zed\zed.exe", "--wait"]),
    ],
)
def test_a_path_of_windows_is_one_word(
    named: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desktop, "WINDOWS", True)

    assert desktop._words(named) == words
