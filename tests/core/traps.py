"""A repository in which everything that git can be told to run is set to a trap."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo

HOOKS = (
    "applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout",
    "post-commit", "post-index-change", "post-merge", "post-rewrite", "pre-applypatch",
    "pre-auto-gc", "pre-commit", "pre-merge-commit", "pre-push", "pre-rebase",
    "prepare-commit-msg", "reference-transaction",
)  # fmt: skip
EVERY_FILE = "* filter=evil merge=evil diff=evil ident\n"
KEYS = (
    "filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "merge.evil.driver",
    "merge.default", "diff.evil.textconv", "diff.evil.command", "diff.external",
    "core.fsmonitor", "core.pager", "core.editor", "core.askPass", "core.sshCommand",
    "core.gitProxy", "core.alternateRefsCommand", "credential.helper", "gpg.program",
    "sequence.editor", "interactive.diffFilter", "uploadpack.packObjectsHook", "alias.diff-tree",
    "alias.merge-tree", "pager.log", "pager.config", "trailer.x.command", "difftool.x.cmd",
    "mergetool.x.cmd", "remote.origin.uploadpack", "submodule.sub.update",
)  # fmt: skip


def make_program(folder: Path, marker: Path) -> Path:
    """Make a program that says in *marker* with what it ran, and passes its input on."""
    file = folder / "evil"
    file.write_text(f'#!/bin/sh\necho "$0 $*" >> "{marker}"\ncat\n')
    file.chmod(0o755)
    return file


def set_traps(repo: Repo, program: Path) -> None:
    """Commit attributes for every file, and name *program* wherever git would run something."""
    repo.commit("attributes", {".gitattributes": EVERY_FILE, "sub/.gitattributes": EVERY_FILE})
    repo.write(".git/info/attributes", EVERY_FILE)
    for hook in HOOKS:
        (repo.path / ".git" / "hooks").mkdir(exist_ok=True)
        (repo.path / ".git" / "hooks" / hook).symlink_to(program)
    for key in KEYS:
        repo.git("config", key, f"!{program}" if key.startswith("alias.") else str(program))
    for key, value in (
        ("core.hooksPath", str(repo.path / ".git" / "hooks")),
        ("filter.evil.required", "true"),
        ("merge.default", "evil"),
        ("log.showSignature", "true"),
        ("commit.gpgSign", "true"),
        ("core.untrackedCache", "true"),
        ("extensions.worktreeConfig", "true"),
    ):
        repo.git("config", key, value)
