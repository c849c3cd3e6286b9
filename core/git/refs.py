"""Refs: read, move by compare-and-swap, move several at once; full names only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.errors import EnvironmentFault
from core.git.command import GitFailed, run_git

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from core.git.command import GitPlace

HEADS: Final = "refs/heads/"
ABSENT: Final = "0" * 40
"""As the old value of a change: the ref must not exist yet."""

_REF = re.compile(r"(HEAD|refs/[^~^:?*\[\\\x00-\x20\x7f]+)\Z")  # not \s: U+2028 is allowed
_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?\Z")
_MOVED = re.compile(
    r"cannot lock ref '(?P<ref>[^']+)': (?:is at|reference already exists|unable to resolve)"
)


class RefMoved(EnvironmentFault):
    """A ref was not where the change expected it; nothing was changed.

    Attributes:
        ref: The ref that somebody else moved, made or deleted.
    """

    code = "ref_moved"

    def __init__(self, ref: str) -> None:
        super().__init__(f"{ref} was changed by somebody else in the meantime.")
        self.ref = ref


@dataclass(frozen=True, slots=True)
class RefChange:
    """One change of a transaction.

    Attributes:
        ref: Full name.
        new: The new object id; None deletes.
        old: What it must be now; None does not ask, `ABSENT` means that it must not exist.
    """

    ref: str
    new: str | None
    old: str | None = None


def full_ref(ref: str) -> str:
    """Return *ref* if it is a full name, so that no word can pass for an option or a search.

    Raises:
        ValueError: It is not; a bug of the caller.
    """
    if not _REF.match(ref):
        raise ValueError(f"not a full ref: {ref!r}")
    return ref


def is_full_ref(text: str) -> bool:
    """Whether *text* is written like a full ref."""
    return _REF.match(text) is not None


def is_object_id(text: str) -> bool:
    """Whether *text* is written like a whole object id (sha1 or sha256)."""
    return _OID.match(text) is not None


def object_id(oid: str) -> str:
    """Return *oid* if it is a whole object id (sha1 or sha256).

    Raises:
        ValueError: It is not; a bug of the caller.
    """
    if not _OID.match(oid):
        raise ValueError(f"not an object id: {oid!r}")
    return oid


async def resolve(place: GitPlace, name: str) -> str | None:
    """Return the commit that a full ref or object id names, or None."""
    spec = name if _OID.match(name) else full_ref(name)
    done = await run_git(
        place, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{spec}^{{commit}}",
        ok=(0, 1, 128),
    )  # fmt: skip
    return done.text if done.status == 0 else None


async def ref_exists(place: GitPlace, ref: str) -> bool:
    """Whether the full ref *ref* exists."""
    done = await run_git(place, "show-ref", "--verify", "--quiet", "--", full_ref(ref), ok=(0, 1))
    return done.status == 0


async def list_refs(place: GitPlace, *prefixes: str) -> dict[str, str]:
    """Return every ref that is, or lies below, one of *prefixes* with the object it names."""
    done = await run_git(
        place, "for-each-ref", "--format=%(refname)%00%(objectname)", "--", *map(full_ref, prefixes)
    )
    lines = done.text.split("\n") if done.text else []  # not splitlines: a name may hold U+2028
    pairs = (line.split("\0") for line in lines)
    return {ref: oid for ref, oid in pairs}  # noqa: C416  says what is what


async def list_tips(place: GitPlace, *refs: str) -> dict[str, tuple[str, str]]:
    """Return the commit and the tree of each of these branches that is there; one process."""
    done = await run_git(
        place, "for-each-ref", "--format=%(refname)%00%(objectname)%00%(tree)", "--",
        *map(full_ref, refs),
    )  # fmt: skip
    lines = (line.split("\0") for line in (done.text.split("\n") if done.text else []))
    wanted = {*refs}
    return {ref: (oid, tree) for ref, oid, tree in lines if ref in wanted}


async def update_ref(
    place: GitPlace, ref: str, new: str, *, old: str | None = None, message: str
) -> None:
    """Set a ref, if it is still at *old* (see `RefChange`).

    Raises:
        RefMoved: It is not.
    """
    await update_refs(place, [RefChange(ref, new, old)], message=message)


async def delete_ref(place: GitPlace, ref: str, *, old: str | None = None) -> None:
    """Delete a ref, if it is still at *old*; one that is gone already is no error then.

    Raises:
        RefMoved: It is elsewhere.
    """
    if await ref_exists(place, ref):
        await update_refs(place, [RefChange(ref, None, old)], message="weft: delete")


async def update_refs(place: GitPlace, changes: Iterable[RefChange], *, message: str) -> None:
    """Make all *changes* or none of them.

    Args:
        place: The repository.
        changes: At most one per ref.
        message: One line for the reflogs.

    Raises:
        RefMoved: A ref is not where it was expected.
        GitFailed: git refused for another reason, such as a directory/file clash of names.
    """
    lines = ["start", *map(_change_line, changes), "prepare", "commit", ""]
    said = " ".join(message.split())
    try:
        await run_git(
            place, "update-ref", "-m", said, "--create-reflog", "--stdin",
            stdin="\n".join(lines).encode("utf-8", "surrogateescape"),
        )  # fmt: skip
    except GitFailed as error:
        moved = _MOVED.search(error.stderr)
        if moved is not None:
            raise RefMoved(moved["ref"]) from error
        raise


def _change_line(change: RefChange) -> str:
    ref = full_ref(change.ref)
    if change.new is None:
        return f"delete {ref}" + (f" {object_id(change.old)}" if change.old else "")
    new = object_id(change.new)
    if change.old is None:
        return f"update {ref} {new}"
    if set(change.old) == {"0"}:
        return f"create {ref} {new}"
    return f"update {ref} {new} {object_id(change.old)}"


async def real_ref(place: GitPlace, ref: str) -> str:
    """Return the ref that a symbolic *ref* leads to in the end; *ref* itself if it is none."""
    done = await run_git(place, "symbolic-ref", "--quiet", full_ref(ref), ok=(0, 1))
    return done.text or ref


async def head_ref(place: GitPlace) -> str | None:
    """Return the full ref that a worktree's HEAD is on, or None when it is detached."""
    done = await run_git(place, "symbolic-ref", "--quiet", "HEAD", ok=(0, 1))
    return done.text if done.status == 0 else None


async def is_branch_name(name: str) -> bool:
    """Whether git takes *name* as the short name of a branch."""
    if name.startswith("-") or name in ("HEAD", "@") or "\0" in name:
        return False
    done = await run_git(None, "check-ref-format", f"{HEADS}{name}", ok=(0, 1))
    return done.status == 0


async def default_branch(place: GitPlace, preferred: Sequence[str] = ("main", "master")) -> str:
    """Return the short name of the branch that work should land on.

    It is the one checked out in the main checkout; with a detached HEAD the first of
    *preferred* that exists, else the only branch there is.

    Raises:
        EnvironmentFault: None of these exists; the hint says how to name one.
    """
    head = await head_ref(place)
    branches = await list_refs(place, "refs/heads")
    if head is not None and head in branches:
        return head.removeprefix(HEADS)
    for name in preferred:
        if HEADS + name in branches:
            return name
    if len(branches) == 1:
        return next(iter(branches)).removeprefix(HEADS)
    raise EnvironmentFault(
        "It is not clear which branch work should land on.", hint="Say it with --base BRANCH."
    )


async def merge_base(place: GitPlace, one: str, other: str) -> str | None:
    """Return the best common ancestor of two commits, or None for unrelated ones."""
    done = await run_git(place, "merge-base", object_id(one), object_id(other), ok=(0, 1))
    return done.text.splitlines()[0] if done.status == 0 else None


async def merge_bases(place: GitPlace, one: str, other: str) -> tuple[str, ...]:
    """Return every best common ancestor of two commits; several after criss-cross merges."""
    done = await run_git(place, "merge-base", "--all", object_id(one), object_id(other), ok=(0, 1))
    return tuple(done.text.splitlines())


async def is_ancestor(place: GitPlace, ancestor: str, descendant: str) -> bool:
    """Whether *descendant* contains *ancestor*; a commit contains itself."""
    done = await run_git(
        place, "merge-base", "--is-ancestor", object_id(ancestor), object_id(descendant), ok=(0, 1)
    )
    return done.status == 0
