"""Git's pre-commit hook in a worktree of Weft's: refuse what touches what another holds.

Started by the script that `core.locks.guard` writes, as a program of its own: `-I`, nothing but
the standard library and light modules. An agent's run asks its runner's socket; a person's commit
looks into the database, read-only. When nobody can be asked the commit is let through, and says
so: the watcher tells of it afterwards.

Exit status 9 refuses the commit; any other lets it through.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

REFUSED: Final = 9
CRITICAL_FILE: Final = "critical"
DATABASE_FILE: Final = "database"
"""Names the database: whoever commits, such as an editor, may not know where Weft's home is."""
_ASK_S: Final = 3.0
_MOST_BYTES: Final = 1 << 20
_SHOWN: Final = 10
_SIDE: Final = "GITHEAD_"


def main() -> int:
    """Check the commit that is about to be made in the current folder."""
    if not getattr(sys, "frozen", False):
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    paths = _changed()
    if not paths:
        return 0
    inside_run = bool(os.environ.get("WEFT_RUN"))
    try:
        problems = _asked(paths) if inside_run else _looked_up(paths, Path(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  an entry point: Weft's trouble must stop no commit
        sys.stderr.write(f"weft: locks could not be looked at, the commit goes on: {error}\n")
        return 0
    if not problems:
        return 0
    sys.stderr.write("weft: this commit is refused, it touches what is locked.\n")
    sys.stderr.writelines(f"  {problem}\n" for problem in problems[:_SHOWN])
    if len(problems) > _SHOWN:
        sys.stderr.write(f"  and {len(problems) - _SHOWN} more.\n")
    sys.stderr.write("hint: leave these files out: git restore --staged PATH\n")
    return REFUSED


def _changed() -> list[str]:
    """Return what the commit changes; of a merge only what differs from every side."""
    found = _differing("HEAD")
    for other in _merged():
        found &= _differing(other)
    return sorted(found)


def _merged() -> list[str]:
    """Return the other sides of a merge: git names them before it writes MERGE_HEAD."""
    named = [name.removeprefix(_SIDE) for name in os.environ if name.startswith(_SIDE)]
    if named:
        return named
    heads = Path(os.environ.get("GIT_DIR", ".git")) / "MERGE_HEAD"
    return heads.read_text(encoding="ascii").split() if heads.is_file() else []


def _differing(commit: str) -> set[str]:
    asked = ("diff-index", "--cached", "--name-only", "--no-renames", "-z", commit, "--")
    listed = _git(*asked)
    if listed is None:  # a branch without any commit: the first one brings all that is there
        listed = _git("ls-files", "-z", "--cached") or b""
    return {name for name in listed.decode("utf-8", "surrogateescape").split("\0") if name}


def _git(*argv: str) -> bytes | None:
    done = subprocess.run(["git", *argv], capture_output=True, check=False)
    return None if done.returncode else done.stdout


def _asked(paths: Sequence[str]) -> Sequence[str]:
    """Ask the run's own runner."""
    address = os.environ.get("WEFT_SOCKET")
    if not address:
        return ()
    ask = {"operation": "check_commit", "arguments": {"paths": list(paths)}, "json": True}
    with _line_to(address) as line:
        line.sendall(json.dumps(ask).encode("utf-8", "replace") + b"\n")
        with line.makefile("rb") as answers:
            answer = json.loads(answers.readline(_MOST_BYTES))
    if "error" in answer:
        raise RuntimeError(answer["error"].get("message", "the runner gave no answer"))
    problems: list[str] = answer["result"]["problems"]
    return problems


def _line_to(address: str) -> socket.socket:
    """Return a connection to a runner; its kinds of address: `core.runner.socket_client`."""
    if address.startswith("tcp:"):
        _, port, secret = address.split(":", 2)
        line = socket.create_connection(("127.0.0.1", int(port)), timeout=_ASK_S)
        line.sendall(secret.encode() + b"\n")
        return line
    if sys.platform == "win32":
        raise ConnectionError("its runner's address is none of this system")
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(_ASK_S)
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line


def _looked_up(paths: Sequence[str], folder: Path) -> Sequence[str]:
    """Look into the database; a worktree that nobody owns is free."""
    from core.clock import from_ms, from_optional_ms
    from core.domain.lock import Lock, LockOrigin
    from core.locks.meeting import commit_refusals
    from core.store.peek import locks_around

    found = locks_around(_database(folder), Path.cwd(), time.time_ns() // 1_000_000)
    if found is None:
        return ()
    task, worker, rows = found
    locks = [
        Lock(path, by, key, from_ms(at), from_optional_ms(until), bool(alone), LockOrigin(origin))
        for path, by, key, at, until, alone, origin in rows
    ]
    named = (folder / CRITICAL_FILE).read_text(encoding="utf-8").splitlines()
    return commit_refusals(paths, locks, task=task, worker=worker, critical=named)


def _database(folder: Path) -> Path:
    from core.paths import database_file

    noted = folder / DATABASE_FILE
    named = noted.read_text("utf-8", "surrogateescape").strip() if noted.is_file() else ""
    file = Path(named) if named and Path(named).is_file() else database_file()
    if not file.is_file():
        raise FileNotFoundError(f"there is no database at {named or file}")
    return file


if __name__ == "__main__":
    sys.exit(main())
