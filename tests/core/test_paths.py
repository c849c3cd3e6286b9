"""Folders of Weft's own."""

from __future__ import annotations

import shutil
import stat
import time
from typing import TYPE_CHECKING

import pytest

from core import paths
from core.paths import remove_folder, replace_file

if TYPE_CHECKING:
    from pathlib import Path


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


def test_on_windows_a_file_is_replaced_once_its_reader_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, file = tmp_path / "fresh", tmp_path / "file"
    fresh.write_text("new")
    file.write_text("old")
    replace, refusals = type(file).replace, iter([True, True, False])

    def while_it_is_read(source: Path, target: Path) -> Path:
        if next(refusals):
            raise PermissionError(13, "Access is denied", str(target))
        return replace(source, target)

    monkeypatch.setattr(paths, "_WINDOWS", True)
    monkeypatch.setattr(type(file), "replace", while_it_is_read)

    replace_file(fresh, file)

    assert file.read_text() == "new"


def test_elsewhere_a_folder_that_cannot_be_written_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(source: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(target))

    monkeypatch.setattr(paths, "_WINDOWS", False)
    monkeypatch.setattr(type(tmp_path), "replace", refused)
    monkeypatch.setattr(time, "sleep", pytest.fail)

    with pytest.raises(PermissionError):
        replace_file(tmp_path / "fresh", tmp_path / "file")
