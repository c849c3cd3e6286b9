"""A repository of Weft's own to think in: it reads the person's objects and writes its own.

A quarantine is a bare repository below Weft's home. Its object folder takes what merges and
snapshots write; the person's objects are an alternate, so the person's repository grows by
nothing. Its configuration is written by Weft alone, so merge drivers, filters and hooks of the
repository or of the person do not run, whatever an agent wrote into `.git/config`; only settings
that change what a merge means are carried over, and merge drivers that a person has allowed.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import zlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.git.command import GitPlace, run_git
from core.git.commits import Identity
from core.git.config import config_entries
from core.git.drivers import allowed_entries
from core.git.refs import object_id
from core.paths import remove_folder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from core.git.drivers import Entry

SHA1_DIGITS: Final = 40
_WEFT: Final = Identity("Weft", "weft@localhost")
_ABANDONED_S: Final = 24 * 3600.0
"""A quarantine of one operation that is older has no owner any more."""
_LAST_S: Final = 4_102_444_800
"""Commit time of synthetic commits (2100-01-01): a fixed one gives equal ids for equal content.

git looks for a merge base from the newest commit on; one that seems older than its own parents
makes it walk all history in between, which in a large repository costs more than the merge.
"""

_MEANING: Final = frozenset({
    "core.attributesfile", "core.autocrlf", "core.bigfilethreshold", "core.eol",
    "core.ignorecase", "core.longpaths", "core.precomposeunicode",
    "diff.algorithm", "diff.renamelimit", "diff.renames",
    "merge.directoryrenames", "merge.renamelimit", "merge.renames", "merge.renormalize",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Where throw-away objects go.

    Attributes:
        place: For commands that need only objects: merges, diffs, reading. Its work tree is an
            empty folder, or one that holds the `.gitattributes` files of a commit.
        objects: The object folder that is written.
        alternates: The person's object folder.
        settings: The configuration entries that were carried over.
    """

    place: GitPlace
    objects: Path
    alternates: Path
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def ignores_case(self) -> bool:
        """Whether the repository's file system takes `README` and `readme` for one file."""
        said = dict(self.settings).get("core.ignorecase", "false")
        return said.lower() in ("true", "yes", "on", "1")

    def around(self, place: GitPlace) -> GitPlace:
        """Return a place of the person's repository whose commands write their objects here."""
        return place.with_env(**_object_env(self.objects, self.alternates))

    def write_commit(self, tree: str, parents: Sequence[str], message: str) -> str:
        """Write a synthetic commit without a process and return its id.

        The same tree, parents and message give the same id: author and time are Weft's and fixed.
        """
        who = f"{_WEFT.name} <{_WEFT.email}> {_LAST_S} +0000"
        head = "".join(f"parent {object_id(parent)}\n" for parent in parents)
        body = (
            f"tree {object_id(tree)}\n{head}author {who}\ncommitter {who}\n\n{message}\n"
        ).encode("utf-8", "surrogateescape")
        return self._write_object(b"commit %d\0" % len(body) + body, len(tree))

    def _write_object(self, content: bytes, digits: int) -> str:
        make = hashlib.sha1 if digits == SHA1_DIGITS else hashlib.sha256
        oid = make(content, usedforsecurity=False).hexdigest()
        target = self.objects / oid[:2] / oid[2:]
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=target.parent)
            with os.fdopen(handle, "wb") as out:
                out.write(zlib.compress(content, 1))
            Path(name).replace(target)
        return oid


def _object_env(objects: Path, alternates: Path) -> dict[str, str]:
    """Return the variables; git undoes the quoting, so that a colon in a path does no harm."""
    quoted = str(alternates).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return {
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"',
    }


async def make_quarantine(
    repo: GitPlace, folder: Path, *, drivers: Sequence[Entry] = ()
) -> Quarantine:
    """Make, or open, a quarantine of the repository *repo* in *folder*; the caller deletes it.

    Safe to call at the same moment from several processes.

    Args:
        repo: The place of the repository itself (its common git directory), not of a worktree.
        folder: Where the quarantine is, or will be.
        drivers: The merge drivers that may run, as (key, command); only while the configuration
            still says exactly that.
    """
    entries = await config_entries(repo)
    object_format = dict(entries).get("extensions.objectformat", "sha1")
    bare, empty = folder / "quarantine.git", folder / "empty"
    if not (bare / "HEAD").exists():
        empty.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_bare(bare, object_format)
    _copy_if_other(repo.git_dir / "info" / "attributes", bare / "info" / "attributes")
    objects, alternates = bare / "objects", repo.git_dir / "objects"
    meaning = tuple(entry for entry in entries if entry[0] in _MEANING)
    settings = (*meaning, *allowed_entries(entries, drivers))
    env = {
        **_object_env(objects, alternates),
        "GIT_SHALLOW_FILE": str(repo.git_dir / "shallow"),  # history is cut off there too
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return Quarantine(GitPlace(bare, empty, env, settings), objects, alternates, settings)


def _make_bare(bare: Path, object_format: str) -> None:
    for name in ("objects/info", "objects/pack", "refs/heads", "info"):
        (bare / name).mkdir(parents=True, exist_ok=True)
    version = "0\n" if object_format == "sha1" else "1\n"
    config = f"[core]\n\trepositoryformatversion = {version}\tfilemode = true\n\tbare = false\n"
    config += "\tlooseCompression = 0\n\tfsync = none\n"  # nothing here has to last
    if object_format != "sha1":
        config += f"[extensions]\n\tobjectFormat = {object_format}\n"
    (bare / "config").write_text(config, encoding="utf-8", newline="\n")
    # Last: it says that all is there.
    (bare / "HEAD").write_text("ref: refs/heads/none\n", encoding="ascii", newline="\n")


def _copy_if_other(source: Path, target: Path) -> None:
    """Carry over the repository's private attributes: they too say how files are merged."""
    wanted = source.read_bytes() if source.is_file() else b""
    if not target.exists() or target.read_bytes() != wanted:
        target.write_bytes(wanted)


@asynccontextmanager
async def quarantine(
    repo: GitPlace, scratch: Path, *, drivers: Sequence[Entry] = ()
) -> AsyncIterator[Quarantine]:
    """Give a quarantine in a new folder below *scratch*, which is deleted at the end.

    What a killed process left there goes with the first use a day later. *drivers* are the merge
    drivers that may run, see `make_quarantine`.
    """
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(scratch)
    folder = Path(tempfile.mkdtemp(prefix="quarantine-", dir=scratch))
    try:
        yield await make_quarantine(repo, folder, drivers=drivers)
    finally:
        remove_folder(folder, ignore_errors=True)


def _sweep(scratch: Path) -> None:
    oldest = time.time() - _ABANDONED_S
    for folder in scratch.glob("quarantine-*"):
        try:
            abandoned = folder.stat().st_mtime < oldest
        except FileNotFoundError:
            continue  # its owner has just removed it
        if abandoned:
            remove_folder(folder, ignore_errors=True)


async def with_attributes(held: Quarantine, commit: str, folder: Path) -> Quarantine:
    """Return the quarantine with a work tree that holds the `.gitattributes` files of *commit*.

    merge-tree takes attributes from the work tree that it runs in, not from what it merges. An
    existing *folder* is taken as it is, so name it after the commit.
    """
    from dataclasses import replace

    if not folder.exists():
        await _export_attributes(held.place, commit, folder)
    return replace(held, place=replace(held.place, work_tree=folder))


async def _export_attributes(place: GitPlace, commit: str, folder: Path) -> None:
    from core.git.objects import attribute_files, read_blobs

    files = await attribute_files(place, commit)
    blobs = await read_blobs(place, list(files.values()))
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix="attributes-", dir=folder.parent))
    for path, oid in files.items():
        target = building / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(blobs[oid] or b"")
    try:
        building.rename(folder)
    except OSError:
        if not folder.exists():  # else another process was faster, with the same content
            raise
        remove_folder(building)


async def import_objects(
    held: Quarantine, repo: GitPlace, tips: Iterable[str], *, known: Iterable[str]
) -> None:
    """Copy what *tips* need, and *known* have not, from the quarantine into the repository.

    Objects are checked on the way (`index-pack --strict`). No ref moves: do that afterwards.
    """
    asked = "".join(f"{object_id(tip)}\n" for tip in tips)
    asked += "".join(f"^{object_id(oid)}\n" for oid in known)
    pack = await run_git(
        held.place, "pack-objects", "--revs", "--stdout", "--quiet", "--delta-base-offset",
        "--thin", stdin=asked.encode(),
    )  # fmt: skip
    await run_git(repo, "index-pack", "--stdin", "--fix-thin", "--strict", stdin=pack.stdout)
