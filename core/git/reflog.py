"""What git noted of a ref's moves, newest first; it may be switched off or cleared by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.git.command import run_git
from core.git.refs import full_ref

if TYPE_CHECKING:
    from core.git.command import GitPlace

COMMIT_MADE: Final = re.compile(
    r"(commit|cherry-pick|revert|am)\b|rebase \((?!start|finish)|.*: Merge made"
)
"""Messages of moves that make a commit; the others go to one that was there."""
_FIELDS = 4
_NO_SUCH_REF = 128


@dataclass(frozen=True, slots=True)
class RefMove:
    """One move of a ref.

    When HEAD is on a branch, git notes the same move of both, alike in all four fields.

    Attributes:
        oid: Where the ref went.
        who: Who moved it, "Name <e-mail>".
        at: When, as git writes it in a selector: "main@{1772366400 +0000}" without the name.
        message: What was done, such as "commit: add a page".
    """

    oid: str
    who: str
    at: str
    message: str


async def ref_moves(place: GitPlace, ref: str, *, limit: int = 500) -> tuple[RefMove, ...]:
    """Return the last moves of *ref*, the newest first; none when git noted none."""
    done = await run_git(
        place, "log", "-g", "-z", "--no-show-signature", "--date=raw",
        "--format=%H%x00%gn <%ge>%x00%gd%x00%gs", f"--max-count={limit}", full_ref(ref), "--",
        ok=(0, _NO_SUCH_REF),
    )  # fmt: skip
    records = done.records if done.status == 0 else []
    starts = range(0, len(records) - _FIELDS + 1, _FIELDS)
    return tuple(_move(records[start : start + _FIELDS]) for start in starts)


def _move(fields: list[str]) -> RefMove:
    oid, who, selector, message = fields
    return RefMove(oid, who, selector.rpartition("@")[2], message)
