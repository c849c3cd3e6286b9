"""Folders of Weft's own."""

from __future__ import annotations

import shutil
import stat
from typing import TYPE_CHECKING

from core import paths
from core.paths import remove_folder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def read_only(file: Path) -> Path:
    file.parent.mkdir(parents=True)
    file.write_bytes(b"as git writes an object")
    file.chmod(stat.S_IREAD)
    return file


def test_a_folder_goes_with_its_read_only_files(tmp_path: Path) -> None:
    read_only(tmp_path / "objects" / "ab" / "cd")

    remove_folder(tmp_path / "objects")

    assert not (tmp_path / "objects").exists()


def test_on_windows_they_are_made_writable_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = read_only(tmp_path / "objects" / "ab" / "cd")
    seen: list[int] = []
    monkeypatch.setattr(paths, "_WINDOWS", True)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: seen.append(file.stat().st_mode))

    remove_folder(tmp_path / "objects")

    assert seen[0] & stat.S_IWRITE
