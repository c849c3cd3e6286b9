"""Start a run: its row, its folder, its detached runner; then see that the agent really works."""

from __future__ import annotations

import os
import subprocess
from dataclasses import astuple, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.agents.driver import DriverUnavailable
from core.agents.environment import allowed_names
from core.agents.profiles import learnt_problem
from core.agents.stage_prompt import Word, render_stage, told_words
from core.dispatch.live import run_record, settled, wake
from core.dispatch.losing import lose_run
from core.dispatch.prompting import prompt_for
from core.domain.run import Run, RunStatus
from core.domain.stage import StageKind
from core.errors import UserError
from core.git.command import GitPlace
from core.git.commits import identity
from core.git.worktrees import worktree_place
from core.paths import database_file, run_folder, weft_home
from core.processes.identity import own_identity
from core.processes.outliving import Outliving
from core.processes.programs import (
    CREATION_FLAGS,
    NEW_SESSION,
    importable,
    own_environment,
    runner_command,
)
from core.queue import outcomes
from core.runner.order import LOG_FILE, PROMPT_FILE, TOKEN_VARIABLE, RunOrder
from core.worktrees.half_merge import outstanding

if TYPE_CHECKING:
    from core.agents.profiles import AgentProfile
    from core.clock import Clock
    from core.domain.claim import Claim
    from core.domain.repo import Repo
    from core.domain.task import Task

START_LIMIT_S: Final = 60.0
"""How long a start is waited for; a busy machine takes seconds to load Python."""
_BEYOND_START: Final = frozenset(set(RunStatus) - {RunStatus.STARTING})
_started: Final = Outliving()


class NoIdentity(UserError):
    """git does not know who commits."""

    code = "no_identity"


@dataclass(frozen=True, slots=True)
class LaunchTerms:
    """The settings that a run is started under.

    Attributes:
        lease: Length of the claim's lease.
        stale_after: When a silent worker counts as offline; beats come three times as often.
        limit: Longest time of the run; zero for none.
        max_attempts: Attempts after which the task is escalated.
        commit_leftovers: Whether what is left uncommitted is committed at a good end.
        run_filters: Whether the repository's content filters may run: only when it is trusted.
        idle: Longest silence of a working agent; zero for none.
        retry: First wait after a rate limit that names no time.
        budget_task_usd: What a task may cost before a person is asked; 0 for all.
        budget_day_usd: What a day may cost before a person is asked; 0 for all.
        prompt_file: The repository's own template of the prompt, on its base; empty for Weft's.
    """

    lease: timedelta = timedelta(minutes=10)
    stale_after: timedelta = timedelta(minutes=2)
    limit: timedelta = timedelta()
    max_attempts: int = 2
    commit_leftovers: bool = True
    run_filters: bool = False
    idle: timedelta = timedelta()
    retry: timedelta = timedelta(seconds=30)
    budget_task_usd: float = 0.0
    budget_day_usd: float = 0.0
    prompt_file: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What of a task a run does: the stage, and what was said before it.

    `session` is the agent's own session to go on with, `prompt` what it is told there in place of
    the whole task.
    """

    stage: str = StageKind.BUILD.value
    words: tuple[Word, ...] = ()
    session: str = ""
    prompt: str = ""

    @property
    def kind(self) -> StageKind:
        """Return what kind of work it is."""
        return StageKind.of(self.stage)


WHOLE: Final = Part()
"""The one run of a task without stages."""


async def launch_run(
    repo: Repo,
    task: Task,
    claim: Claim,
    profile: AgentProfile,
    terms: LaunchTerms,
    *,
    clock: Clock,
    actor: str,
    part: Part = WHOLE,
) -> Run:
    """Start an agent on a claimed task whose worktree is ready; return once it works.

    The runner goes on whatever becomes of this process. *part* is the stage, of a task with any.

    Returns:
        The run, `working` or further; with a reason when its start failed, and then the task is
        back in the backlog. Still `starting` when the machine is very slow.

    Raises:
        DriverUnavailable: The profile's program is missing; nothing was recorded.
        NoIdentity: git has no name or e-mail to commit with; the hint shows the two commands.
        Refused: The claim is not live any more.
    """
    problem = await learnt_problem(profile, repo=repo)
    if problem:
        raise DriverUnavailable(problem, hint="`weft worker list` shows which agents can run.")
    who = await identity(GitPlace(repo.git_dir))
    if who is None:
        raise NoIdentity(
            "git does not know whose name commits carry.",
            hint='Set it: git config --global user.name "Your Name"'
            " && git config --global user.email you@example.com",
        )
    order = _order(repo, task, profile, terms, (who.name, who.email))
    order = replace(order, session=part.session)
    half = await outstanding(worktree_place(repo.git_dir, Path(claim.worktree)))
    prompt = half.prompt if half else await _prompt(repo, task, claim, part, terms)
    run_id, token = outcomes.run_created(
        repo,
        claim,
        agent=profile.name,
        profile=order.as_dict(),
        now=clock.now(),
        actor=actor,
        stage=part.stage,
    )
    try:
        runner = _spawn(run_id, token, prompt)
    except OSError as error:
        return _failed(repo, run_id, f"Its runner could not be started: {error}.", terms, clock)
    run = await settled(
        run_id,
        _BEYOND_START,
        limit_s=START_LIMIT_S,
        given_up=lambda: _is_gone(runner),
    )
    if run.status is RunStatus.STARTING and runner.poll() is not None:
        log = run_folder(run_id) / LOG_FILE
        said = f"Its runner ended with status {runner.returncode} before it began: see {log}"
        row = outcomes.run_row(run_id)
        await lose_run(repo, row, said, clock, terms.max_attempts, status=RunStatus.FAILED)
        return run_record(run_id)
    return run


def _is_gone(runner: subprocess.Popen[bytes]) -> bool:
    """Whether a runner has ended; it is woken if its agent, or somebody else, suspended it."""
    if runner.poll() is not None:
        return True
    wake(runner.pid)
    return False


async def _prompt(repo: Repo, task: Task, claim: Claim, part: Part, terms: LaunchTerms) -> str:
    """Return the first message: of a stage that only reads its own, else that of the task."""
    if part.prompt:
        return part.prompt
    if part.kind is not StageKind.BUILD:
        return render_stage(repo, task, claim, part.kind, part.words)
    said = told_words(part.words)
    text = await prompt_for(repo, task, claim, template_file=terms.prompt_file)
    return f"{text}\n{said}\n" if said else text


def collect_ended_runners() -> int:
    """Collect runners of this process that have ended; return how many have not."""
    return _started.collect()


def _spawn(run_id: str, token: str, prompt: str) -> subprocess.Popen[bytes]:
    """Write the run's folder and start its runner, detached from this process."""
    folder = run_folder(run_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write_private(folder / PROMPT_FILE, prompt.encode("utf-8", "replace"))
    environment = importable(own_environment()) | _addresses() | {TOKEN_VARIABLE: token}
    log = os.open(folder / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(
            runner_command(run_id),
            cwd=weft_home(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=NEW_SESSION,
            creationflags=CREATION_FLAGS,
        )
    finally:
        os.close(log)
    _started.add(process)
    return process


def _addresses() -> dict[str, str]:
    """Return Weft's own folders as they are meant here: the runner starts in another one."""
    found = {"WEFT_HOME": str(weft_home())}
    if os.environ.get("WEFT_DATABASE_URL"):
        found["WEFT_DATABASE_URL"] = f"sqlite:///{database_file()}"
    return found


def _write_private(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)


def _order(
    repo: Repo, task: Task, profile: AgentProfile, terms: LaunchTerms, who: tuple[str, str]
) -> RunOrder:
    lease_s = terms.lease.total_seconds()
    return RunOrder(
        driver=profile.driver,
        command=profile.command,
        program=profile.program,
        base=repo.base,
        title=task.title,
        identity=who,
        env=dict(profile.env),
        passed=allowed_names(profile),
        commit_leftovers=terms.commit_leftovers,
        run_filters=terms.run_filters,
        lease_s=lease_s,
        beat_s=min(10.0, lease_s / 2, terms.stale_after.total_seconds() / 3),
        limit_s=terms.limit.total_seconds(),
        max_attempts=terms.max_attempts,
        permissions=profile.permissions,
        home=profile.home,
        network=profile.network,
        agent=profile.name,
        idle_s=terms.idle.total_seconds(),
        retry_s=terms.retry.total_seconds(),
        budget_task_usd=terms.budget_task_usd,
        budget_day_usd=terms.budget_day_usd,
        launcher=astuple(own_identity()),
    )


def _failed(repo: Repo, run_id: str, reason: str, terms: LaunchTerms, clock: Clock) -> Run:
    outcomes.run_ended(
        repo,
        run_id,
        RunStatus.FAILED,
        reason=reason,
        max_attempts=terms.max_attempts,
        now=clock.now(),
        actor="weft",
    )
    return run_record(run_id)
