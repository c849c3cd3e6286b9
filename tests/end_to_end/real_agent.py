"""An agent for a real repository: `python real_agent.py TASK` changes its Python files and commits.

It waits until three agents are at work, as files in the folder that TEAM names tell.
It stands for somebody else's program: it knows git and its folder, and nothing of Weft.

| task | does |
| --- | --- |
| annotate | a line on top of each file of the first half, in two commits |
| measure | a function at the end of each file of the second half; commits nothing |
| rename | another line on top of the first file, and a new name for the last one; one commit |
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def git(*words: str) -> str:
    """Run git here."""
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout


def python_files() -> list[Path]:
    """Return the files that are worth a change, in order."""
    listed = [Path(name) for name in git("ls-files", "-z", "*.py").split("\0") if name]
    return [file for file in listed if file.stat().st_size > 400]


def put_on_top(file: Path, line: str) -> None:
    """Insert one line before the first."""
    file.write_bytes(line.encode() + b"\n" + file.read_bytes())


def annotate(files: list[Path]) -> None:
    """Add a line on top of the first half of *files*."""
    half = files[: len(files) // 2]
    for part in (half[: len(half) // 2], half[len(half) // 2 :]):
        for file in part:
            put_on_top(file, f"# {file.name}: read by the first agent")
        git("commit", "--quiet", "--all", f"--message=Read {len(part)} files")


def measure(files: list[Path]) -> None:
    """Add a function to the second half of *files*, and leave it at that."""
    for file in files[len(files) // 2 :]:
        with file.open("ab") as out:
            out.write(b"\n\ndef _measured_by_the_second_agent():\n    return 2\n")


def rename(files: list[Path]) -> None:
    """Change the first of *files* and rename the last."""
    put_on_top(files[0], f"# {files[0].name}: read by the third agent")
    last = files[-1]
    git("mv", str(last), str(last.with_name(f"{last.stem}_of_old.py")))
    git("commit", "--quiet", "--all", "--message=Give the last file another name")


def wait_for_the_others() -> None:
    """Return once three agents are here."""
    team = Path(os.environ["TEAM"])
    (team / os.environ["WEFT_WORKER"]).touch()
    while len(list(team.iterdir())) < 3:
        time.sleep(0.02)


if __name__ == "__main__":
    prompt = sys.stdin.read()
    assert sys.argv[1] in prompt
    wait_for_the_others()
    found = python_files()
    print(f"{len(found)} files")  # noqa: T201  an agent speaks by printing
    {"annotate": annotate, "measure": measure, "rename": rename}[sys.argv[1]](found)
