"""A repository with a branch for every way in which two branches can and cannot be merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.domain.conflict import Contender
from core.domain.repo import Repo as Registered
from core.domain.repo import WorktreeLayout
from tests.scenarios import Repo, numbered_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Edits = dict[str, str | bytes | None]


def lines(**changed: str) -> str:
    return numbered_lines(30, **changed)


BASE: Final[Edits] = {
    "text.txt": lines(),
    "moved.txt": lines(line_1="to be moved"),
    "doomed.txt": lines(line_1="to be deleted"),
    "script.sh": lines(line_1="#!/bin/sh"),
    "dir/one": lines(line_1="one"),
    "dir/two": lines(line_1="two"),
    "bin.dat": b"a\0b",
    "union.log": lines(line_1="log"),
    "whole.txt": lines(line_1="whole"),
    "big.psd": f"version https://git-lfs.github.com/spec/v1\noid sha256:{0:064}\nsize 12\n",
    "driver.lock": lines(line_1="lock"),
    "windows.txt": lines().replace("\n", "\r\n"),
    "code.py": lines(line_1="code"),
    ".gitattributes": (
        "union.log merge=union\nwhole.txt -merge\n*.psd filter=lfs merge=lfs -text\n"
        "*.lock merge=ours\n"
    ),
}

EDITS: Final[Mapping[str, Edits]] = {
    "top": {"text.txt": lines(line_5="top")},
    "middle": {"text.txt": lines(line_5="other", line_25="end")},
    "bottom": {"text.txt": lines(line_28="bottom")},
    "twin": {"text.txt": lines(line_5="top")},
    "add-a": {"new.txt": "1\n2\n3\n"},
    "add-b": {"new.txt": "3\n4\n5\n"},
    "add-twin": {"new.txt": "1\n2\n3\n"},
    "delete": {"doomed.txt": None},
    "delete-too": {"doomed.txt": None, "own.txt": "x\n"},
    "modify": {"doomed.txt": lines(line_1="to be deleted", line_9="kept")},
    "bin-a": {"bin.dat": b"a\0c"},
    "bin-b": {"bin.dat": b"a\0d"},
    "union-a": {"union.log": lines(line_1="log", line_9="a")},
    "union-b": {"union.log": lines(line_1="log", line_9="b")},
    "whole-a": {"whole.txt": lines(line_1="whole", line_3="a")},
    "whole-b": {"whole.txt": lines(line_1="whole", line_27="b")},
    "driver-a": {"driver.lock": lines(line_1="lock", line_3="a")},
    "driver-b": {"driver.lock": lines(line_1="lock", line_3="b")},
    "lfs-a": {"big.psd": f"version https://git-lfs.github.com/spec/v1\noid sha256:{1:064}\n"},
    "lfs-b": {"big.psd": f"version https://git-lfs.github.com/spec/v1\noid sha256:{2:064}\n"},
    "into-folder": {"doomed.txt": None, "doomed.txt/inner": "x\n"},
    "dir-add": {"dir/three": "three\n"},
    "crlf-a": {"windows.txt": lines(line_5="a").replace("\n", "\r\n")},
    "crlf-b": {"windows.txt": lines(line_5="b").replace("\n", "\r\n")},
    "crlf-far": {"windows.txt": lines(line_25="far").replace("\n", "\r\n")},
    "crlf-to-lf": {"windows.txt": lines()},
    "indent": {"code.py": lines(line_1="code", line_12="    line 12")},
    "indent-twin": {"code.py": lines(line_1="code", line_12="    line 12"), "own.py": "x\n"},
    "edit-there": {"code.py": lines(line_1="code", line_12="line twelve")},
    "end-of-line": {"code.py": lines(line_1="code", line_12="line 12  ")},
    "edit-far": {"code.py": lines(line_1="code", line_22="far")},
    "add-a-name": {"a-name.txt": "1\n2\n3\n"},
    "fill-doomed": {"doomed.txt": lines(line_1="to be deleted", line_9="kept"), "dir/four": "4\n"},
    "move-edit": {"moved.txt": None, "edited.txt": lines(line_1="to be moved", line_9="moved")},
    "edit-old": {"moved.txt": lines(line_1="to be moved", line_9="edited")},
}

MOVES: Final[Mapping[str, tuple[str, str]]] = {
    "move-a": ("moved.txt", "a-name.txt"),
    "move-b": ("moved.txt", "b-name.txt"),
    "move-doomed": ("doomed.txt", "saved.txt"),
    "move-dir": ("dir", "folder"),
    "move-dir-too": ("dir", "other"),
    "onto-one": ("moved.txt", "target.txt"),
    "onto-two": ("doomed.txt", "target.txt"),
}

PAIRS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("top", "middle"): {"text.txt": "contents"},
    ("top", "bottom"): {},
    ("top", "twin"): {},
    ("top", "add-a"): {},
    ("add-a", "add-b"): {"new.txt": "add/add"},
    ("add-a", "add-twin"): {},
    ("delete", "modify"): {"doomed.txt": "modify/delete"},
    ("delete", "delete-too"): {},
    ("delete", "move-doomed"): {"saved.txt": "rename/delete"},
    ("modify", "move-doomed"): {},
    ("bin-a", "bin-b"): {"bin.dat": "binary"},
    ("union-a", "union-b"): {},
    ("whole-a", "whole-b"): {"whole.txt": "binary"},
    ("driver-a", "driver-b"): {"driver.lock": "contents"},
    ("lfs-a", "lfs-b"): {"big.psd": "contents"},
    ("into-folder", "modify"): {"doomed.txt": "file/directory"},
    ("into-folder", "delete"): {},
    ("move-a", "move-b"): {
        "moved.txt": "rename/rename",
        "a-name.txt": "rename/rename",
        "b-name.txt": "rename/rename",
    },
    ("move-a", "edit-old"): {},
    ("move-edit", "edit-old"): {"edited.txt": "contents"},
    ("move-dir", "dir-add"): {"folder/three": "directory rename suggested"},
    ("move-dir", "move-dir-too"): dict.fromkeys(
        [f"{folder}/{name}" for folder in ("dir", "folder", "other") for name in ("one", "two")],
        "rename/rename",
    ),
    ("onto-one", "onto-two"): {"target.txt": "add/add"},
    ("move-a", "add-a-name"): {"a-name.txt": "add/add"},
    ("move-dir", "fill-doomed"): {"folder/four": "directory rename suggested"},
    ("crlf-a", "crlf-b"): {"windows.txt": "contents"},
    ("crlf-a", "crlf-far"): {},
    ("crlf-a", "crlf-to-lf"): {"windows.txt": "contents"},
    ("indent", "edit-there"): {"code.py": "contents"},
    ("indent", "end-of-line"): {"code.py": "contents"},
    ("indent", "indent-twin"): {},
    ("indent", "edit-far"): {},
    ("mode", "script"): {},
    ("tool", "tool-too"): {"tool": "add/add"},
    ("link-a", "link-b"): {"link": "contents"},
    ("link-a", "link-file"): {"link": "distinct types"},
    ("sub-a", "sub-b"): {"sub": "submodule"},
    ("cross-one", "cross-two"): {"text.txt": "contents"},
}


def build_zoo(path: Path) -> Repo:
    """Make the repository; every branch has one commit on `main`, but for the criss-cross."""
    repo = Repo.empty(path)
    (path / "link").symlink_to("text.txt")
    (path / "sub").mkdir()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'c' * 40},sub")
    repo.commit("base", BASE)
    for name, edits in EDITS.items():
        repo.branch(name)
        _edit(repo, edits)
    for name, (old, new) in MOVES.items():
        repo.branch(name)
        repo.git("mv", old, new)
        repo.commit(name)
    _modes(repo)
    _links(repo)
    _submodules(repo)
    _criss_cross(repo)
    repo.switch("main")
    return repo


def _edit(repo: Repo, edits: Edits) -> None:
    repo.commit("delete", {path: None for path, content in edits.items() if content is None})
    repo.commit("edit", {path: text for path, text in edits.items() if text is not None})


def _modes(repo: Repo) -> None:
    repo.branch("mode")
    (repo.path / "script.sh").chmod(0o755)
    repo.commit("mode")
    for name, mode in (("tool", 0o755), ("tool-too", 0o644)):
        repo.branch(name)
        repo.write("tool", "same\n").chmod(mode)
        repo.commit(name)
    repo.branch("script")
    repo.commit("script", {"script.sh": lines(line_1="#!/bin/sh", line_9="edited")})


def _links(repo: Repo) -> None:
    for name, target in (("link-a", "union.log"), ("link-b", "moved.txt")):
        repo.branch(name)
        (repo.path / "link").unlink()
        (repo.path / "link").symlink_to(target)
        repo.commit(name)
    repo.branch("link-file")
    (repo.path / "link").unlink()
    repo.commit("link-file", {"link": "a file\n"})


def _submodules(repo: Repo) -> None:
    for name, digit in (("sub-a", "a"), ("sub-b", "b")):
        repo.branch(name)
        tree = repo.git("ls-tree", "HEAD").replace("c" * 40, digit * 40)
        made = repo.git("mktree", "--missing", stdin=f"{tree}\n")
        commit = repo.git("commit-tree", "-p", "main", "-m", name, made)
        repo.git("reset", "--quiet", "--hard", commit)


def _criss_cross(repo: Repo) -> None:
    """Two branches that merged each other's first half and then collide."""
    for name, line in (("cross-one", "line_7"), ("cross-two", "line_22")):
        repo.branch(name)
        repo.commit("half", {"text.txt": lines(**{line: "half"})})
    one, two = repo.head("cross-one"), repo.head("cross-two")
    for name, other in (("cross-one", two), ("cross-two", one)):
        repo.switch(name)
        repo.git("merge", "--quiet", "--no-edit", other)
        text = lines(line_7="half", line_22="half", line_15=name)
        repo.commit("other half", {"text.txt": text})


def registered(repo: Repo) -> Registered:
    """Return the record of a repository on `main`."""
    git_dir = repo.path / ".git"
    return Registered(1, repo.path.name, repo.path, git_dir, "main", WorktreeLayout.SIBLING)


def contender(branch: str, worktree: Path | None = None) -> Contender:
    """Return a contender whose task is named after its branch."""
    return Contender(branch, branch, None, branch, worktree)
