"""Find the repository of a folder: one blocking `git rev-parse`, for the start of a command.

Discovery is git's own and nothing more: `GIT_DIR` and its kin in the caller's environment are
dropped, and a bare repository that lies hidden in a tree is not taken
(`safe.bareRepository=explicit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.git.command import GitDone, GitPlace, run_git_now
from core.git.version import require_git

_FAILED: Final = 128
_UNBORN: Final = 1
_PATHS: Final = ("--git-common-dir", "--git-dir", "--show-toplevel")
_ASKED: Final = (
    "rev-parse",
    "--path-format=absolute",
    *_PATHS,
    "--quiet",
    "--verify",
    "HEAD^{commit}",
)


class NotARepo(UserError):
    """The folder is in no git repository that Weft can work in."""

    code = "not_a_repo"


@dataclass(frozen=True, slots=True)
class Location:
    """Where a folder lies.

    Attributes:
        main: Absolute folder of the main checkout.
        common_dir: Absolute common git directory.
        worktree: Folder of the linked worktree that the folder is in, or None in the main checkout.
    """

    main: Path
    common_dir: Path
    worktree: Path | None = None

    @property
    def place(self) -> GitPlace:
        """Return the place for commands about refs, objects and worktrees."""
        return GitPlace(self.common_dir)


def locate_now(folder: Path) -> Location:
    """Return the repository that *folder* belongs to.

    Args:
        folder: Any folder of the main checkout or of a linked worktree.

    Raises:
        NotARepo: No such folder, no repository, bare, or without a commit; the hint says
            what to do.
        EnvironmentFault: git is missing or older than 2.39.
    """
    require_git()
    if not _is_folder(folder):
        raise NotARepo(f"There is no folder {folder}.", hint="Name a folder of a git repository.")
    done = run_git_now(None, "-C", str(folder), *_ASKED, ok=(0, _UNBORN, _FAILED))
    answers = done.text.splitlines()
    if done.status == _FAILED:
        raise _refusal(folder, done)
    if len(answers) != len(_PATHS) + (done.status == 0):
        raise NotARepo(
            f"The path of the repository at {folder} has a line break in it.",
            hint="Rename the folder.",
        )
    common, git_dir, top = answers[:3]
    if any(not _is_text(path) for path in (common, top)):
        raise NotARepo(
            f"The path of the repository at {folder} is not UTF-8.", hint="Rename the folder."
        )
    if done.status == _UNBORN:
        raise NotARepo(
            f"{top} has no commit yet.",
            hint='Make the first one: git add -A && git commit -m "Start"',
        )
    linked = common != git_dir
    main = _main_checkout(Path(common)) if linked else Path(top)
    return Location(main, Path(common), Path(top) if linked else None)


def _is_text(path: str) -> bool:
    """Whether *path* can be written to the database: its bytes are UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in path)


def _is_folder(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # a name that is too long for any folder
        return False


def _refusal(folder: Path, done: GitDone) -> NotARepo:
    said = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in said:
        return NotARepo(
            f"git does not trust {folder}, because it belongs to another user.",
            hint=f"If you trust it: git config --global --add safe.directory {folder}",
        )
    if "bare repository" in said or "in a work tree" in said:
        return _bare(folder)
    if "not a git repository" in said:
        return NotARepo(
            f"{folder} is not in a git repository.",
            hint="Go to one, name one with --repo PATH, or make one here: git init",
        )
    last = said.strip().splitlines()[-1:] or ["it did not say why"]
    return NotARepo(f"git cannot open {folder}: {last[0]}", hint="Try git status there.")


def _bare(folder: Path) -> NotARepo:
    return NotARepo(
        f"{folder} is a bare repository or the inside of one; Weft needs one with a checkout.",
        hint=f"Make a checkout: git clone {folder} FOLDER, then use that folder.",
    )


def _main_checkout(common: Path) -> Path:
    """Return the main checkout that a linked worktree belongs to."""
    if common.name == ".git":
        return common.parent
    place = GitPlace(common)
    if run_git_now(place, "rev-parse", "--is-bare-repository").text == "true":
        raise _bare(common)
    found = run_git_now(place, "config", "--get", "core.worktree", ok=(0, 1)).text
    if not found:
        raise NotARepo(
            f"The main checkout of {common} cannot be found.",
            hint="Go to the main checkout and try again there.",
        )
    return (common / found).resolve()
