"""Batch files of Windows: what they start is started, and no argument becomes a command."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from core.processes import batch
from core.processes.batch import startable, unwrapped

if TYPE_CHECKING:
    from pathlib import Path

OF_NPM = """\
@ECHO off\r
GOTO start\r
:find_dp0\r
SET dp0=%~dp0\r
EXIT /b\r
:start\r
SETLOCAL\r
CALL :find_dp0\r
\r
IF EXIST "%dp0%\\node.exe" (\r
  SET "_prog=%dp0%\\node.exe"\r
) ELSE (\r
  SET "_prog=node"\r
  SET PATHEXT=%PATHEXT:;.JS;=;%\r
)\r
\r
endLocal & goto #_undefined_# 2>NUL || "%_prog%"  "%dp0%\\node_modules\\@x\\cli.js" %*\r
"""
ITS_JSON = '{"command": "a & b"}'


def batch_file(folder: Path, text: str) -> Path:
    file = folder / "agent.cmd"
    file.write_bytes(text.encode())
    return file


def program(folder: Path, name: str) -> Path:
    file = folder / name
    file.touch(mode=0o755)
    return file


def test_a_program_is_started_as_it_is(tmp_path: Path) -> None:
    assert unwrapped(tmp_path / "agent.exe", [ITS_JSON], None) == [
        str(tmp_path / "agent.exe"),
        ITS_JSON,
    ]


def test_of_a_batch_file_of_npm_its_script_is_started(tmp_path: Path) -> None:
    file = batch_file(tmp_path, OF_NPM)
    node = program(tmp_path, "node.exe")

    started = unwrapped(file, [ITS_JSON], "")

    script = tmp_path / "node_modules" / "@x" / "cli.js"
    assert started == [str(node), str(script), ITS_JSON]


@pytest.mark.skipif(sys.platform == "win32", reason="a program without extension is none there")
def test_node_is_looked_for_on_the_agents_path(tmp_path: Path) -> None:
    file = batch_file(tmp_path, OF_NPM)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    node = program(elsewhere, "node")

    started = unwrapped(file, [], os.pathsep.join([str(elsewhere), "nowhere"]))

    assert started[0] == str(node)


def test_of_a_batch_file_for_a_program_that_is_started(tmp_path: Path) -> None:
    file = batch_file(tmp_path, '@ECHO off\r\n"%dp0%\\bin\\agent.exe"   %*\r\n')

    assert unwrapped(file, [ITS_JSON], "") == [str(tmp_path / "bin" / "agent.exe"), ITS_JSON]


@pytest.mark.parametrize("argument", [ITS_JSON, "%PATH%", "a & b", "two\nlines", "a^b"])
def test_no_argument_becomes_a_command_of_another_batch_file(tmp_path: Path, argument: str) -> None:
    file = batch_file(tmp_path, "@python agent.py %*\r\n")

    with pytest.raises(ValueError, match="batch file"):
        unwrapped(file, ["--go", argument], "")


def test_another_batch_file_takes_plain_words(tmp_path: Path) -> None:
    file = batch_file(tmp_path, "@python agent.py %*\r\n")

    assert unwrapped(file, ["--go", "two words"], "") == [str(file), "--go", "two words"]


def test_on_windows_a_bare_name_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "WINDOWS", True)
    git = shutil.which("git")
    assert git is not None

    assert startable(["git", "version"], None) == [git, "version"]
    assert startable(["none-such", "x"], None) == ["none-such", "x"]
