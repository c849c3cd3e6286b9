"""Who will meet whom, told before anybody begins: from declared files, or from the past.

A file that a branch changes already counts as certain, one that a task declares as nearly so, one
that past commits suggest as sure as the fit says. Two tasks meet in a file as surely as both
change it; those of which one waits for the other anyway do not meet.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from core.conflicts.likely_files import LikelyFile, PastWork, best_of
from core.domain.prediction import Intent, Meeting
from core.errors import NotFound
from core.git.command import GitPlace
from core.git.history import file_names, past_commits
from core.git.refs import resolve
from core.locks.patterns import is_plain, matches, may_meet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.domain.conflict import ConflictMatrix
    from core.domain.repo import Repo

PAST_COMMITS: Final = 1_000
LEAST_SURE: Final = 0.2
"""What is less sure is not told."""
_DECLARED: Final = 0.9
_DECLARED_AMONG_MANY: Final = 0.3
_GLOBS: Final = 0.4
"""How sure it is that two declared globs which may name one file will."""
_MOST_FILES: Final = 40
"""Of a task's guesses only the surest are compared."""
_MOST_REMEMBERED: Final = 4

Expected = dict[str, LikelyFile]

_remembered: dict[tuple[str, str], tuple[PastWork, frozenset[str]]] = {}


async def predict_meetings(
    repo: Repo, intents: Sequence[Intent], matrix: ConflictMatrix | None = None
) -> dict[str, tuple[Meeting, ...]]:
    """Return for each task that has not begun whom it may meet, the surest first.

    Args:
        repo: The repository; its base's last thousand commits are read once for each base.
        intents: Every task that is not done.
        matrix: What the branches under way change now.

    Raises:
        NotFound: The base branch is gone.
    """
    past, present = await past_work(repo)
    changed = {state.task: state.files for state in matrix.branches} if matrix else {}
    known = [replace(one, changed=changed.get(one.task, one.changed)) for one in intents]
    begun = frozenset(changed) | {one.task for one in known if one.changed}
    return await asyncio.to_thread(_meetings_of_all, known, begun, past, present)


async def past_work(repo: Repo) -> tuple[PastWork, frozenset[str]]:
    """Return the index of the base's past commits, and the paths of its files; remembered."""
    place = GitPlace(repo.git_dir)
    tip = await resolve(place, repo.base_ref)
    if tip is None:
        raise NotFound(f"There is no branch {repo.base}, the base of {repo.name}.")
    key = str(repo.git_dir), tip
    if key not in _remembered:
        commits, present = await asyncio.gather(
            past_commits(place, tip, limit=PAST_COMMITS), file_names(place, tip)
        )
        _remembered[key] = await asyncio.to_thread(PastWork, commits, present), present
        for old in list(_remembered)[:-_MOST_REMEMBERED]:
            del _remembered[old]
    return _remembered[key]


def _meetings_of_all(
    intents: Sequence[Intent], begun: frozenset[str], past: PastWork, present: frozenset[str]
) -> dict[str, tuple[Meeting, ...]]:
    expected = {one.task: expected_files(one, past, present) for one in intents}
    return meetings(intents, expected, begun)


def expected_files(intent: Intent, past: PastWork, present: frozenset[str]) -> Expected:
    """Return the files that a task will change, by path: changed, declared or guessed."""
    sure = {path: LikelyFile(path, 1.0, "it changes it now") for path in intent.changed}
    declared = _declared(intent.files, present)
    if intent.files:
        guessed = past.with_declared(path for path in intent.files if path in present)
    else:
        guessed = past.by_words(f"{intent.title} {intent.description}")
    best = sorted(guessed.values(), key=lambda guess: (-guess.sure, guess.path))[:_MOST_FILES]
    return best_of(sure, declared, {guess.path: guess for guess in best})


def _declared(files: Iterable[str], present: frozenset[str]) -> Expected:
    """Return what declared paths and globs name; one of many files that a glob names is less."""
    why = "it is declared"
    found: Expected = {}
    for pattern in files:
        named = [pattern] if pattern in present else [p for p in present if matches(pattern, p)]
        if not named and is_plain(pattern):
            named = [pattern]  # a new file
        for path in named:
            share = _DECLARED / math.sqrt(len(named))
            guess = LikelyFile(path, max(share, _DECLARED_AMONG_MANY), why)
            if path not in found or guess.sure > found[path].sure:
                found[path] = guess
    return found


def meetings(
    intents: Sequence[Intent], expected: Mapping[str, Expected], begun: frozenset[str]
) -> dict[str, tuple[Meeting, ...]]:
    """Return the meetings of every task that has not begun; pure.

    Args:
        intents: All tasks.
        expected: For each task the files that it will change.
        begun: Those that are under way.
    """
    before = _waits_for(intents)
    found: dict[str, tuple[Meeting, ...]] = {}
    for one in intents:
        if one.task in begun:
            continue
        others = [
            other
            for other in intents
            if other.task != one.task
            and other.task not in before[one.task]
            and one.task not in before[other.task]
        ]
        met = (_meeting(one, other, expected, begun) for other in others)
        told = [meeting for meeting in met if meeting is not None]
        found[one.task] = tuple(sorted(told, key=lambda m: (-m.sure, m.other)))
    return found


def _meeting(
    one: Intent, other: Intent, expected: Mapping[str, Expected], begun: frozenset[str]
) -> Meeting | None:
    mine, theirs = expected[one.task], expected[other.task]
    both = {path: mine[path].sure * theirs[path].sure for path in mine.keys() & theirs.keys()}
    likely = {path: sure for path, sure in both.items() if sure >= LEAST_SURE}
    if not likely:
        named = (p for p in one.files if any(may_meet(p, their) for their in other.files))
        likely = dict.fromkeys(named, _GLOBS)
    if not likely:
        return None
    path = min(likely, key=lambda path: (-likely[path], path))
    why = mine[path].why if path in mine else "both declare it"
    under_way = other.task in begun
    return Meeting(one.task, other.task, path, likely[path], len(likely) - 1, why, under_way)


def _waits_for(intents: Sequence[Intent]) -> dict[str, frozenset[str]]:
    """Return for each task everything that must land before it."""
    needs = {one.task: one.depends_on for one in intents}
    found = {}
    for task in needs:
        seen: set[str] = set()
        left = list(needs[task])
        while left:
            other = left.pop()
            if other not in seen:
                seen.add(other)
                left.extend(needs.get(other, ()))
        found[task] = frozenset(seen)
    return found
