"""Start a run: its row, its prompt, then a detached runner that takes it over.

A kill between any two steps leaves a row that recovery ends: nothing has run without a row.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from typing import TYPE_CHECKING, Final

from core.agents.prompt import render_prompt
from core.domain.run import Run, RunStatus
from core.errors import EnvironmentFault
from core.paths import run_folder, weft_home
from core.processes.programs import (
    CREATION_FLAGS,
    NEW_SESSION,
    importable,
    is_frozen,
    own_environment,
    runner_command,
)
from core.queue import outcomes
from core.runner.order import LOG_FILE, PROMPT_FILE, TOKEN_VARIABLE, RunOrder
from core.tasks.board import get_task

if TYPE_CHECKING:
    from core.clock import Clock
    from core.domain.claim import Claim
    from core.domain.repo import Repo

TAKEN_WITHIN_S: Final = 20.0
"""How long a runner may need to take its run; a loaded machine imports slowly."""
_LOOK_S: Final = 0.02


async def launch_run(
    repo: Repo, claim: Claim, order: RunOrder, *, agent: str, clock: Clock, actor: str
) -> Run:
    """Start an agent on a claim that has its worktree; return once its runner has the run.

    Args:
        repo: The repository.
        claim: A claim whose worktree is ready.
        order: How the run is to be done.
        agent: Name of the profile, for people.
        clock: Tells the time.
        actor: Who asked.

    Raises:
        Refused: The claim is no longer valid, or a run is live on it.
        EnvironmentFault: The runner did not come up; the task is back in the backlog.
    """
    task = get_task(repo, claim.task)
    run_id, token = outcomes.run_created(
        repo, claim, agent=agent, profile=order.as_dict(), now=clock.now(), actor=actor
    )
    folder = run_folder(run_id)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        prompt = render_prompt(repo, task, claim, earlier=task.last_error or "")
        (folder / PROMPT_FILE).write_text(prompt, encoding="utf-8")
        runner = _spawn(run_id, token)
        await _taken(run_id, runner)
    except (OSError, EnvironmentFault) as error:
        reason = f"The runner could not be started: {error}"
        outcomes.run_ended(
            repo,
            run_id,
            RunStatus.FAILED,
            reason=reason,
            max_attempts=order.max_attempts,
            now=clock.now(),
            actor="weft",
        )
        raise EnvironmentFault(reason, hint=f"See {folder / LOG_FILE}.") from error
    return outcomes.get_run(run_id)


def _spawn(run_id: str, token: str) -> subprocess.Popen[bytes]:
    environment = own_environment()
    environment[TOKEN_VARIABLE] = token
    if not is_frozen():
        environment = importable(environment)
    with (run_folder(run_id) / LOG_FILE).open("ab") as log:
        return subprocess.Popen(
            runner_command(run_id),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=weft_home(),
            env=environment,
            start_new_session=NEW_SESSION,
            creationflags=CREATION_FLAGS,
            close_fds=True,
        )


async def _taken(run_id: str, runner: subprocess.Popen[bytes]) -> None:
    """Wait until the runner has taken its run, or is known to have failed."""
    try:
        async with asyncio.timeout(TAKEN_WITHIN_S):
            while outcomes.run_row(run_id).runner_pid is None:
                if runner.poll() is not None:
                    raise EnvironmentFault(f"it ended at once with status {runner.returncode}")
                await asyncio.sleep(_LOOK_S)
    except TimeoutError as error:
        runner.kill()
        raise EnvironmentFault(f"it was not up within {TAKEN_WITHIN_S:.0f} s") from error
    finally:
        _forget(runner)


def _forget(runner: subprocess.Popen[bytes]) -> None:
    """Have the runner's exit status collected without anybody waiting for it."""
    if os.name == "posix" and runner.returncode is None:
        _RUNNERS.append(runner)
    for known in list(_RUNNERS):
        if known.poll() is not None:
            _RUNNERS.remove(known)


_RUNNERS: list[subprocess.Popen[bytes]] = []
