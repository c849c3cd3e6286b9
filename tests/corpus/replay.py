"""Replay merges and sets of branches with known outcomes through Weft's own code.

    python -m tests.corpus.replay CLONES --merges FILE --sets FILE

CLONES (or `$WEFT_CORPUS`) holds a git directory `<owner>+<name>/repo` for each repository; a
repository that is not there is left out and told. The clones are only read. Ends with status 1
when anything differs from what is known and is not explained.

One difference is explained: what is known was worked out without `.gitattributes`. Where the
base has attributes that say how to merge, Weft follows them; the merge is then made again without
them and must agree. With `--without-attributes` Weft itself goes without them, and then nothing
is explained: all must be equal.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from core.store.connection import close_database, open_database
from tests.corpus.borrowed import Borrowed
from tests.corpus.known import read_merges, read_sets
from tests.corpus.replayed_merges import replay_merge
from tests.corpus.replayed_sets import replay_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.corpus.checks import Checks

WIDTH: Final = 30


def main(argv: Sequence[str] | None = None) -> int:
    """Replay, print the table of agreement and what differs, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("clones", type=Path, nargs="?", default=os.environ.get("WEFT_CORPUS"))
    parser.add_argument("--merges", type=Path)
    parser.add_argument("--sets", type=Path)
    parser.add_argument(
        "--only", default="", help="replay only repositories whose name contains this"
    )
    parser.add_argument(
        "--without-attributes",
        action="store_true",
        help="let no .gitattributes say how to merge, as in what is known",
    )
    asked = parser.parse_args(argv)
    if asked.clones is None:
        parser.error("name the folder of clones, or set WEFT_CORPUS")
    with tempfile.TemporaryDirectory(prefix="weft-corpus-") as scratch:
        found = _in_own_home(asked, Path(scratch))
    return _tell(found)


def _in_own_home(asked: argparse.Namespace, scratch: Path) -> list[Checks]:
    home = scratch / "home"
    home.mkdir()
    with patch.dict(os.environ, WEFT_HOME=str(home)):
        open_database(home / "weft.db")
        try:
            return asyncio.run(_replay(asked, scratch))
        finally:
            close_database()


async def _replay(asked: argparse.Namespace, scratch: Path) -> list[Checks]:
    merges = read_merges(asked.merges) if asked.merges else []
    sets = read_sets(asked.sets) if asked.sets else []
    names = sorted({one.repo for one in merges} | {one.repo for one in sets})
    found = []
    for name in names:
        if asked.only not in name or (where := _borrow(asked.clones, name, scratch)) is None:
            continue
        if asked.without_attributes:
            where.ignore_attributes()
        found += [await replay_merge(where, one) for one in merges if one.repo == name]
        found += [await replay_set(where, one) for one in sets if one.repo == name]
    return found


def _borrow(clones: Path, repo: str, scratch: Path) -> Borrowed | None:
    clone = clones / repo.replace("/", "+") / "repo"
    if not (clone / "objects").is_dir() and not (clone / ".git").is_dir():
        _say(f"left out, no clone: {repo}")
        return None
    return Borrowed.make(clone, scratch / f"{repo.replace('/', '+')}.git")


def _tell(found: Sequence[Checks]) -> int:
    """Print the tables and every difference; return 1 if one of them is not explained."""
    for kind in sorted({checks.kind for checks in found}):
        _table(kind, [checks for checks in found if checks.kind == kind])
    different = [(one, check) for one in found for check in one.all if not check.is_equal]
    for one, check in different:
        why = f" (explained: {check.explained})" if check.explained else ""
        _say(f"{one.repo} {one.name} {check.what}{why}")
        _say(f"    known {check.known}\n    found {check.found}")
    failed = sum(not check.explained for _, check in different)
    _say(f"{failed} differences that nothing explains" if failed else "all equal or explained")
    return 1 if failed or not found else 0


def _table(kind: str, found: Iterable[Checks]) -> None:
    rows: dict[str, Counter[str]] = {}
    for one in found:
        for name in (one.repo, "together"):
            row = rows.setdefault(name, Counter())
            row["records"] += 1
            for check in one.all:
                row[f"{check.what} asked"] += 1
                row[f"{check.what} equal"] += check.is_equal
                row["explained"] += bool(check.explained)
    together = rows.pop("together")
    whats = [key.removesuffix(" asked") for key in together if key.endswith(" asked")]
    _say(f"\n{kind:{WIDTH}}{'records':>9}" + "".join(f"{what:>12}" for what in whats))
    for name, row in (*sorted(rows.items()), ("together", together)):
        cells = (f"{row[f'{what} equal']}/{row[f'{what} asked']}" for what in whats)
        told = f"  {row['explained']} explained" if row["explained"] else ""
        _say(f"{name:{WIDTH}}{row['records']:>9}" + "".join(f"{c:>12}" for c in cells) + told)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
