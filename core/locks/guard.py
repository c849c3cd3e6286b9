"""The commit guard: a hook in each worktree of Weft's that refuses what another holds.

One folder of hooks in the repository's git directory serves all worktrees; each worktree's own
configuration (`config.worktree`) names it, so the person's checkout and hooks stay as they are.
Every hook there runs the person's own one of that name, wherever `core.hooksPath` or a hook
manager has put it by then. `--no-verify` passes the guard; the watcher tells of it.
"""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.git.command import GitPlace, run_git_now
from core.git.worktrees import worktree_git_dir
from core.locks import commit_hook
from core.locks.leases import held
from core.locks.meeting import commit_refusals
from core.locks.rows import task_row
from core.paths import database_file, replace_file
from core.processes.programs import script_command

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from core.domain.repo import Repo

FOLDER: Final = "weft-guard"
"""In the common git directory."""
EXTENSION: Final = "extensions.worktreeConfig"
_KEY: Final = "core.hooksPath"
_CHAINED: Final = "weft.hooksPath"
"""What the worktree's own configuration named before."""
_GUARDED: Final = ("pre-commit", "pre-merge-commit")
_CHEAP: Final = (
    "applypatch-msg", "commit-msg", "post-applypatch", "post-checkout", "post-commit",
    "post-merge", "post-rewrite", "pre-applypatch", "pre-auto-gc", "pre-push", "pre-rebase",
    "prepare-commit-msg", "sendemail-validate",
)  # fmt: skip
_COSTLY: Final = (
    "fsmonitor-watchman", "post-index-change", "post-receive", "post-update", "pre-receive",
    "proc-receive", "push-to-checkout", "reference-transaction", "update",
)  # fmt: skip
"""Run often, or change what git does by being there: passed on only when the person has one."""

_SCRIPT: Final = """\
#!/bin/sh
# Made by Weft: runs the hook of the same name that this repository has without Weft.
name=${0##*/}
here=${0%/*}
noted=${GIT_DIR:+$GIT_DIR/weft-hooks}
hooks=
@GUARD@
case $name in prepare-commit-msg|commit-msg|post-commit)
    # pre-commit found it out a moment ago; a commit should start few processes
    [ -n "$noted" ] && [ -f "$noted" ] && read -r hooks < "$noted" ;;
esac
if [ -z "$hooks" ]; then
    hooks=$here/../hooks
    all=$(git config --show-scope --type=path --get-regexp '^(core|weft)[.]hookspath$')
    while read -r scope key value; do
        case $scope:$key in
            worktree:weft.hookspath) hooks=$value; break ;;
            worktree:*|'':*) ;;
            *:core.hookspath) hooks=$value ;;
        esac
    done <<END
$all
END
    [ "$name" = pre-commit ] && [ -n "$noted" ] && echo "$hooks" > "$noted" 2>/dev/null
fi
[ "$hooks" != "$here" ] && [ -x "$hooks/$name" ] && exec "$hooks/$name" "$@"
exit 0
"""
_CHECK: Final = """\
if [ -x @PROGRAM@ ]; then
    @COMMAND@ "$here" </dev/null
    refused=$?
else
    refused=gone
fi
case $refused in
    0) ;;
    @REFUSED@) exit 1 ;;
    *) echo 'weft: locks could not be looked at, the commit goes on: Weft has moved or is gone.' >&2
       echo 'hint: without Weft: git config --worktree --unset core.hooksPath' >&2 ;;
esac"""


def enable(repo: Repo) -> bool:
    """Let worktrees of the repository have configuration of their own; True when it is new.

    Raises:
        GitFailed: The repository's configuration cannot be written.
    """
    place = GitPlace(repo.git_dir)
    if _config(place, EXTENSION) == "true" or not is_possible(repo):
        return False
    run_git_now(place, "config", "--file", str(repo.git_dir / "config"), EXTENSION, "true")
    return True


def is_enabled(repo: Repo) -> bool:
    """Whether worktrees may have configuration of their own; reads one file."""
    text = (repo.git_dir / "config").read_text("utf-8", "replace")
    return "worktreeconfig" in text.lower()


def is_possible(repo: Repo) -> bool:
    """Whether git can be told so: not where the configuration names a work tree of its own.

    With worktrees' own configuration git would take `core.bare` and `core.worktree` for those of
    every worktree.
    """
    place = GitPlace(repo.git_dir)
    return _config(place, "core.bare") != "true" and _config(place, "core.worktree") is None


def install(repo: Repo, worktree: Path, critical: Sequence[str]) -> bool:
    """Guard the commits of one worktree; False where it cannot be.

    Cheap when all is so already: then two small files are read.

    Args:
        repo: The repository, with `enable` done.
        worktree: The folder, ready: hook managers that its set-up starts come first.
        critical: Files and globs that nobody commits without a lock.

    Raises:
        GitFailed: The worktree's configuration cannot be written.
        OSError: The hooks cannot.
    """
    admin = worktree_git_dir(repo.git_dir, worktree)
    if admin is None or admin == repo.git_dir or not is_possible(repo):
        return False
    folder = repo.git_dir / FOLDER
    write(repo, critical)
    config, named = admin / "config.worktree", folder.as_posix()  # as git and sh write it
    if config.is_file() and named in config.read_text("utf-8", "replace"):
        return True
    place = GitPlace(repo.git_dir)
    before = run_git_now(place, "config", "--file", str(config), "--get", _KEY, ok=(0, 1)).text
    if before and Path(before) != folder:
        run_git_now(place, "config", "--file", str(config), _CHAINED, before)
    run_git_now(place, "config", "--file", str(config), _KEY, named)
    return True


def write(repo: Repo, critical: Sequence[str]) -> None:
    """Write what is missing or out of date of the folder that all guarded worktrees use."""
    folder = repo.git_dir / FOLDER
    _write_hooks(repo, folder)
    note_critical(repo, critical)
    _replace(folder / commit_hook.DATABASE_FILE, f"{database_file()}\n")


def is_broken(repo: Repo) -> bool:
    """Whether worktrees are guarded by hooks that are gone, or that ask another Weft."""
    configs = (repo.git_dir / "worktrees").glob("*/config.worktree")
    if not any(FOLDER in config.read_text("utf-8", "replace") for config in configs):
        return False
    hooks = [repo.git_dir / FOLDER / name for name in _GUARDED]
    wanted = _script(guarded=True)
    return any(not hook.is_file() or hook.read_text("utf-8") != wanted for hook in hooks)


def remove(repo: Repo, worktree: Path) -> None:
    """Take the guard off one worktree, and give it back what it had before."""
    admin = worktree_git_dir(repo.git_dir, worktree)
    config = None if admin is None else admin / "config.worktree"
    if config is None or not config.is_file() or FOLDER not in config.read_text("utf-8", "replace"):
        return
    place, file = GitPlace(repo.git_dir), ("config", "--file", str(config))
    before = run_git_now(place, *file, "--get", _CHAINED, ok=(0, 1)).text
    run_git_now(place, *file, "--unset-all", _KEY, ok=(0, 5))
    run_git_now(place, *file, "--unset-all", _CHAINED, ok=(0, 5))
    if before:
        run_git_now(place, *file, _KEY, before)


def note_critical(repo: Repo, critical: Sequence[str]) -> None:
    """Keep where hooks can read it which files nobody commits without a lock."""
    folder = repo.git_dir / FOLDER
    if folder.is_dir():
        _replace(folder / commit_hook.CRITICAL_FILE, "".join(f"{one}\n" for one in critical))


def commit_problems(
    repo: Repo, task: str, paths: Sequence[str], *, now: datetime
) -> tuple[str, ...]:
    """Return why a commit of *task* that changes *paths* must not be made; reads only.

    For the runner, which answers its agent's hook.

    Raises:
        NotFound: There is no such task.
    """
    row = task_row(repo, task)
    file = repo.git_dir / FOLDER / commit_hook.CRITICAL_FILE
    critical = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return commit_refusals(
        paths,
        held(repo, now=now),
        task=row.key,
        worker=row.worker_name or "",
        critical=critical,
    )


def _config(place: GitPlace, key: str) -> str | None:
    done = run_git_now(place, "config", "--get", key, ok=(0, 1))
    return done.text if done.status == 0 else None


def _write_hooks(repo: Repo, folder: Path) -> None:
    """Write the scripts that are missing or of another version of Weft."""
    folder.mkdir(exist_ok=True)
    own = repo.git_dir / "hooks"
    wanted = [*_GUARDED, *_CHEAP, *(name for name in _COSTLY if (own / name).is_file())]
    for name in wanted:
        _replace(folder / name, _script(guarded=name in _GUARDED), executable=True)


def _script(*, guarded: bool) -> str:
    check = ""
    if guarded:
        command = _without_site(script_command(Path(commit_hook.__file__)))
        check = (
            _CHECK.replace("@PROGRAM@", shlex.quote(Path(command[0]).as_posix()))
            .replace("@COMMAND@", shlex.join([Path(command[0]).as_posix(), *command[1:]]))
            .replace("@REFUSED@", str(commit_hook.REFUSED))
        )
    return _SCRIPT.replace("@GUARD@", check)


def _without_site(command: list[str]) -> list[str]:
    """Let Python start without looking for installed packages: the hook needs none."""
    return [word for each in command for word in ((each, "-S") if each == "-I" else (each,))]


def _replace(file: Path, content: str, *, executable: bool = False) -> None:
    """Write a file as a whole if it differs; a hook under way keeps the one that it reads."""
    if file.is_file() and file.read_text("utf-8", "surrogateescape") == content:
        return
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(content, "utf-8", "surrogateescape", newline="\n")
    if executable:
        new.chmod(new.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    replace_file(new, file)
