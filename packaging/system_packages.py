"""The packages of Debian and Ubuntu that Qt and the tests need: which are missing, install them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Proved in a bare Debian 12 (debootstrap --variant=minbase): the first seven let Qt draw without
# a screen, the others let it open a window.
WINDOW = (
    "libglib2.0-0",
    "libgl1",
    "libegl1",
    "libxkbcommon0",
    "libfontconfig1",
    "libfreetype6",
    "libdbus-1-3",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
)
SCREEN_TESTS = (
    "xvfb",
    "xauth",
    "openbox",
    "xdotool",
    "dbus",
    "at-spi2-core",
    "python3-gi",
    "gir1.2-atspi-2.0",
)
RENAMED = {"libglib2.0-0": "libglib2.0-0t64"}
"""Names since Debian 13 and Ubuntu 24.04. apt still takes the old one, dpkg knows the new one."""

_INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends")


def missing(wanted: Sequence[str]) -> list[str]:
    """Return those of *wanted* that this machine lacks; none where apt does not rule."""
    return not_among(installed(wanted), wanted) if is_debian_like() else []


def not_among(have: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Return those of *wanted* that are in *have* under neither of their names."""
    names = set(have)
    return [name for name in wanted if not names & {name, RENAMED.get(name, name)}]


def installed(wanted: Iterable[str]) -> set[str]:
    """Return those of *wanted*, under either name, that dpkg has fully installed."""
    asked = {name for each in wanted for name in (each, RENAMED.get(each, each))}
    words = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n"]
    # It exits with 1 as soon as one name is unknown, and prints the others all the same.
    done = subprocess.run([*words, *sorted(asked)], capture_output=True, text=True, check=False)
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[0] for row in rows if row[1:] == ["installed"]}


def is_debian_like(os_release: Path = Path("/etc/os-release")) -> bool:
    """Return whether apt and dpkg manage this machine."""
    if not shutil.which("dpkg-query") or not os_release.is_file():
        return False
    text = os_release.read_text(encoding="utf-8", errors="replace")
    names = re.findall(r"^(?:ID|ID_LIKE)=(.*)$", text, re.MULTILINE)
    return bool({"debian", "ubuntu"} & set(" ".join(names).replace('"', "").split()))


def install(names: Sequence[str]) -> bool:
    """Install packages as root, or by a sudo that does not ask; return whether that worked."""
    prefix = root_prefix()
    if prefix is None:
        return False
    command = [*prefix, *_INSTALL, *names]
    # The lists of a fresh container are empty or old: read them anew only when that shows.
    return apt(command) or (apt([*prefix, "apt-get", "update"]) and apt(command))


def advice(names: Iterable[str]) -> str:
    """Return the command that a person can run instead."""
    return f"sudo apt-get install --no-install-recommends {' '.join(names)}"


def apt(words: Sequence[str]) -> bool:
    """Run apt-get without questions and without output."""
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        words, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return done.returncode == 0


def root_prefix() -> list[str] | None:
    """Return what makes a command run as root; None if nothing does without a password."""
    if not hasattr(os, "geteuid"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asks = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode != 0
    return None if asks else [sudo, "-n"]
