"""Where a task's worktree goes and what its branch is called: templates, checked; pure."""

from __future__ import annotations

import os
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.domain.names import slug
from core.domain.repo import WorktreeLayout
from core.errors import UserError
from core.processes.identity import WINDOWS

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.repo import Repo
    from core.domain.task import Task
    from core.domain.worker import Worker

FIELDS: Final = ("repo", "worker", "type", "task", "slug", "issue")
DEFAULT_BRANCH: Final = "worker/{worker}/{task}"
DEFAULT_PATHS: Final = {
    WorktreeLayout.SIBLING: "../{repo}-worktrees/{worker}/{task}",
    WorktreeLayout.INSIDE: ".worktrees/{worker}/{task}",
}
LONGEST_PART: Final = 255
"""Bytes of one path component, the limit of the usual file systems."""
LONGEST_PATH: Final = 200 if WINDOWS else 3000
"""Bytes of the folder's path; the files in it need room below the system's own limit."""

_INSIDE_TOP: Final = ".worktrees"
_FORBIDDEN_IN_BRANCH: Final = frozenset(' ~^:?*[\\\x7f"<>|') | {chr(code) for code in range(32)}


class BadTemplate(UserError):
    """A template, or what it makes of a task, that cannot be used."""

    code = "bad_template"


@dataclass(frozen=True, slots=True)
class Templates:
    """The two templates of a repository.

    Attributes:
        path: Template of the folder, relative to the repository; empty is the layout's default.
        branch: Template of the branch.
        may_leave_parent: True when the person, not the repository's file, chose the path: then
            worktrees may lie outside the folder that holds the repository.
    """

    path: str = ""
    branch: str = DEFAULT_BRANCH
    may_leave_parent: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Folder (absolute) and branch (short name) of one task's work."""

    path: Path
    branch: str


def place(repo: Repo, task: Task, worker: Worker, templates: Templates) -> Placement:
    """Return where *worker* works on *task*.

    Raises:
        BadTemplate: One sentence that names the template and what is wrong with it.
    """
    values = {
        "repo": repo.name,
        "worker": worker.name,
        "type": worker.type.value,
        "task": task.key,
        "slug": slug(task.title),
        "issue": str(task.issue_number or 0),
    }
    path_template = templates.path or DEFAULT_PATHS[repo.layout]
    branch = fill("branch", templates.branch or DEFAULT_BRANCH, values)
    problem = branch_problem(branch)
    if problem is not None:
        raise BadTemplate(
            f"{branch!r} cannot be a branch: {problem}.",
            hint="Change the setting `branch`; the default is " + DEFAULT_BRANCH,
        )
    folder = fill("worktree_path", path_template, values)
    return Placement(_folder(repo, folder, may_leave=templates.may_leave_parent), branch)


def fill(setting: str, template: str, values: dict[str, str]) -> str:
    """Replace the fields of *template*; *setting* is named in what it refuses.

    Raises:
        BadTemplate: Unknown field, `{task}` is missing, or the braces do not match.
    """
    parts: list[str] = []
    named: set[str] = set()
    try:
        pieces = list(string.Formatter().parse(template))
    except ValueError as error:
        raise BadTemplate(f"{setting} = {template!r} cannot be read: {error}.") from error
    for text, name, spec, conversion in pieces:
        parts.append(text)
        if name is None:
            continue
        if name not in values or spec or conversion:
            known = " ".join(f"{{{field}}}" for field in FIELDS)
            raise BadTemplate(
                f"{setting} = {template!r} has the unknown field {{{name}}}.",
                hint=f"The fields are {known}.",
            )
        named.add(name)
        parts.append(values[name])
    if "task" not in named:
        raise BadTemplate(
            f"{setting} = {template!r} must contain {{task}}: else two tasks would share it."
        )
    return "".join(parts)


def branch_problem(name: str) -> str | None:
    """Return why git, or Weft, takes *name* for no branch, or None.

    Source:
        git-check-ref-format(1), and stricter: no leading `-`, nothing that Windows cannot store.
    """
    parts = name.split("/")
    if not name or name in ("HEAD", "@") or name.startswith(("-", "refs/")):
        return "it is empty, begins with '-' or 'refs/', or means something else to git"
    if _FORBIDDEN_IN_BRANCH & set(name):
        return 'it holds a blank or one of ~ ^ : ? * [ \\ " < > |'
    if ".." in name or "@{" in name or name.endswith("."):
        return "it holds '..' or '@{', or ends in '.'"
    if any(not part or part.startswith(".") or part.lower().endswith(".lock") for part in parts):
        return "a part between slashes is empty, begins with '.' or ends in '.lock'"
    if max(len(os.fsencode(part)) for part in parts) > LONGEST_PART - len(".lock"):
        return "a part between slashes is too long"
    return None


def _folder(repo: Repo, folder: str, *, may_leave: bool) -> Path:
    if "\0" in folder or "\n" in folder:
        raise _refused(folder, "it holds a line end")
    path = _normal(repo.path / folder)
    main, parent = _normal(repo.path), _normal(repo.path.parent)
    if path == main or path in main.parents:
        raise _refused(folder, "that is the repository itself or a folder that holds it")
    if path.is_relative_to(_normal(repo.git_dir)) or ".git" in path.relative_to(path.anchor).parts:
        raise _refused(folder, "nothing may go into a .git folder")
    if not path.is_relative_to(parent) and not may_leave:
        raise _refused(folder, f"worktrees stay inside {parent} unless your own settings say so")
    if any(part.startswith("-") for part in path.parts):
        raise _refused(folder, "a part of it begins with '-'")
    if max(len(os.fsencode(part)) for part in path.parts) > LONGEST_PART:
        raise _refused(folder, f"a part of it is longer than {LONGEST_PART} bytes")
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise _refused(folder, f"it is longer than {LONGEST_PATH} bytes")
    return path


def _normal(path: Path) -> Path:
    """Return *path* without `..`, by its words alone: this module does not look at the disk."""
    return path.__class__(os.path.normpath(path))


def _refused(folder: str, why: str) -> BadTemplate:
    return BadTemplate(
        f"{folder!r} cannot be a worktree: {why}.", hint="Change the setting `worktree_path`."
    )


def ignore_pattern(repo: Repo, path: Path) -> str | None:
    """Return what keeps a worktree inside the checkout out of `git status`, or None if outside.

    The whole default folder at once; of a folder that the person chose only the worktree itself,
    because their own files may lie beside it.
    """
    if not path.is_relative_to(repo.path):
        return None
    inside = path.relative_to(repo.path)
    if inside.parts[0] == _INSIDE_TOP:
        return f"/{_INSIDE_TOP}/"
    escaped = "".join(f"\\{char}" if char in "*?[]\\!# " else char for char in inside.as_posix())
    return f"/{escaped}/"
