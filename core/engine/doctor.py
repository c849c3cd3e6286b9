"""Look for what is wrong here, and put right what can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.overview import Finding, Severity
from core.domain.worktree import Standing
from core.engine import launching
from core.engine.context import person_layer
from core.errors import EngineError
from core.git.command import GitPlace
from core.git.commits import identity
from core.git.drivers import wanted_drivers_now
from core.git.refs import ref_exists
from core.git.version import require_git
from core.locks import guard, leases
from core.merging.recovery import recover_merges
from core.metrics import seal
from core.paths import database_file
from core.store.connection import quick_check
from core.worktrees.survey import survey

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from core.domain.worktree import SurveyedWorktree
    from core.engine.context import Engine

_WRONG = {
    Standing.MISSING: "its folder is gone; its branch and commits are still there",
    Standing.CREATING: "it was never finished",
    Standing.BROKEN: "git does not know it as a worktree any more",
}


async def doctor(engine: Engine, *, fix: bool = False) -> tuple[Finding, ...]:
    """Return what was looked at and what was found; with *fix* repair what loses nothing.

    Repairs are those that Weft makes by itself at every start: lost runs are ended and their
    work preserved, merges that a kill interrupted are finished or given up.
    """
    found = [*_machine(), *_settings(engine)]
    if engine.has_repo:
        found += [finding async for finding in _repository(engine, fix=fix)]
    return tuple(found)


def _machine() -> list[Finding]:
    found = []
    try:
        version = require_git()
        found.append(Finding("git", Severity.OK, f"git {version} is new enough."))
    except EngineError as error:
        found.append(Finding("git", Severity.ERROR, error.message, error.hint))
    problem = quick_check()
    if problem:
        found.append(Finding("database", Severity.ERROR, problem, _copies()))
    else:
        found.append(Finding("database", Severity.OK, f"{database_file()} is sound."))
        found.append(_audit_trail())
    return found


def _audit_trail() -> Finding:
    altered = seal.verify()
    if altered is None:
        said = f"Nothing was altered up to event {seal.sealed_up_to()}, the last sealed one."
        return Finding("audit trail", Severity.OK, said)
    return Finding("audit trail", Severity.ERROR, altered.sentence, _copies())


def _copies() -> str:
    """Return where an earlier state of the database may be had from."""
    file = database_file()
    if any(file.parent.glob(f"{file.name}.before-*")):
        return f"Copies of it made before upgrades lie in {file.parent}."
    return f"Keep {file} as it is, and compare it with your own backups."


def _settings(engine: Engine) -> list[Finding]:
    try:
        person_layer()
        withheld = engine.settings().withheld
    except EngineError as error:
        return [Finding("settings", Severity.ERROR, error.message, error.hint)]
    said = []
    if withheld:
        said.append(
            f"The repository's {', '.join(withheld)} do not count: nobody trusted them yet."
        )
    if engine.has_repo and (idle := _idle_drivers(engine)):
        said.append(f"What {idle} would merge is merged as text: nobody allowed it to run.")
    if said:
        return [
            Finding("settings", Severity.WARNING, one, "Look and allow: weft trust") for one in said
        ]
    return [Finding("settings", Severity.OK, "Every settings file is understood.")]


def _idle_drivers(engine: Engine) -> str:
    """Return the merge drivers that attributes name and nobody has allowed; empty if none."""
    wanted = wanted_drivers_now(engine.place, engine.repo.base_ref)
    return ", ".join(key for key, _ in sorted({*wanted} - {*engine.allowed_drivers()}))


async def _repository(engine: Engine, *, fix: bool) -> AsyncIterator[Finding]:
    repo = engine.repo
    if await ref_exists(GitPlace(repo.git_dir), repo.base_ref):
        yield Finding("base", Severity.OK, f"Everything lands on {repo.base}.")
    else:
        yield Finding(
            "base",
            Severity.ERROR,
            f"The base branch {repo.base} is gone.",
            "Name another: weft init --base BRANCH",
        )
    if await identity(GitPlace(repo.git_dir)) is None:
        yield Finding(
            "identity",
            Severity.ERROR,
            "git does not know who you are, so nothing can be committed or merged.",
            "git config --global user.name NAME; git config --global user.email ADDRESS",
        )
    else:
        yield Finding("identity", Severity.OK, "git knows who you are.")
    yield _locks(engine, fix=fix)
    if guard.is_broken(engine.repo):
        yield _guard(engine, fix=fix)
    async for finding in _worktrees(engine):
        yield finding
    async for finding in _interrupted(engine, fix=fix):
        yield finding


def _locks(engine: Engine, *, fix: bool) -> Finding:
    """Look for timed locks whose time is over: the loops end them, when somebody runs those."""
    now = engine.now()
    held = leases.held(engine.repo, now=now)
    over = [lock for lock in leases.list_locks(engine.repo) if lock not in held]
    if not over:
        return Finding("locks", Severity.OK, f"{len(held)} locks are held.")
    said = f"{len(over)} locks ran out: {', '.join(lock.path for lock in over[:3])}."
    if fix:
        leases.clean_expired(engine.repo, now=now)
    return Finding("locks", Severity.WARNING, said, "Clean them: weft doctor --fix", fixed=fix)


def _guard(engine: Engine, *, fix: bool) -> Finding:
    if fix:
        guard.write(engine.repo, engine.settings().lines("critical_files"))
    said = "The hooks of the commit guard are gone, or ask a Weft of another place."
    return Finding("guard", Severity.WARNING, said, "Write them anew: weft doctor --fix", fixed=fix)


async def _worktrees(engine: Engine) -> AsyncIterator[Finding]:
    sound = 0
    for one in await survey(engine.repo):
        said = one.problem or _WRONG.get(one.standing, "")
        if said:
            hint = _worktree_hint(one)
            told = said if str(one.path) in said else f"{one.path}: {said}"
            yield Finding("worktree", Severity.WARNING, f"{told.removesuffix('.')}.", hint)
        else:
            sound += one.standing is Standing.READY
    yield Finding("worktrees", Severity.OK, f"{sound} worktrees of Weft's are sound.")


def _worktree_hint(one: SurveyedWorktree) -> str:
    if one.task is None:
        return ""
    if one.standing is Standing.BROKEN and one.path.exists():
        return f"Look at the folder; a link that broke by accident: git worktree repair {one.path}"
    return f"Claim or run {one.task} again to make it anew."


async def _interrupted(engine: Engine, *, fix: bool) -> AsyncIterator[Finding]:
    """Recovery only ever preserves and records, so it also runs without *fix*."""
    try:
        engine.settings()
    except EngineError:
        said = "Runs and merges were not looked at: first the settings must be put right."
        yield Finding("recovery", Severity.ERROR, said)
        return
    merges = await recover_merges(engine.repo, engine.now(), run_filters=engine.is_repo_trusted())
    done = [
        *await launching.recover(engine),
        *(f"The merge run {one.id} onto {one.base} is now {one.state.value}." for one in merges),
    ]
    for sentence in done:
        yield Finding("recovery", Severity.WARNING, sentence, fixed=True)
    if not done:
        yield Finding("recovery", Severity.OK, "No run or merge was interrupted.")
