"""The check of one tree that would land: laid out, set up, checked; a failure gets one more try."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.git.scratch_checkout import lay_out
from core.merging.checks import TOO_LONG, run_check
from core.worktrees.copying import copy_named

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from core.git.quarantine import Quarantine
    from core.merging.landing import Tip


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWish:
    """The check of a run.

    Attributes:
        command: One line for the shell, or None for no check.
        limit_s: Seconds that one try may take.
        logs: Folder that takes the output, a file per task.
        setup: One line for the shell that makes the files ready, before each check; or empty.
        copy: Ignored files of the main checkout that are copied to the files before that.
    """

    command: str | None
    limit_s: float
    logs: Path
    setup: str = ""
    copy: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """How it ended: why the tree may not land (empty when it may), and where the output is.

    A flaky check failed at first and passed when it was run again; the log is then that of the
    failure.
    """

    reason: str = ""
    log: str = ""
    flaky: bool = False


@dataclass(slots=True)
class Checker:
    """Checks the trees of one run, each once; `main` is the main checkout."""

    wish: CheckWish
    main: Path
    cancelled: Callable[[], bool]
    _passed: dict[str, Checked] = field(default_factory=dict)

    def is_needed(self, tip: Tip) -> bool:
        """Whether there is a check that this tree has not passed yet."""
        return self.wish.command is not None and tip.tree not in self._passed

    def log_of(self, task: str) -> Path:
        """Return the file that takes the output of a task's check."""
        return self.wish.logs / f"{task}.log"

    async def check(self, held: Quarantine, tip: Tip, task: str) -> Checked:
        """Check the tree of *tip*, whose newest branch is that of *task*.

        Raises:
            Cancelled: The person asked to stop; nothing is left running.
            UserError: A file that is to be copied leads out of the repository.
        """
        if not self.is_needed(tip):
            return self._passed.get(tip.tree, Checked())
        log = self.log_of(task)
        log.unlink(missing_ok=True)  # of an earlier round
        reason = await self._attempt(held, tip, task, log)
        found = Checked(reason, str(log))
        if reason and TOO_LONG not in reason:
            first = log.replace(log.with_suffix(".first.log"))
            reason = await self._attempt(held, tip, task, log)
            if not reason:
                found = Checked("", str(first), flaky=True)
        if not found.reason:
            self._passed[tip.tree] = found
        return found

    async def _attempt(self, held: Quarantine, tip: Tip, task: str, log: Path) -> str:
        """Return why it failed, empty if it passed: on files that nobody has touched yet."""
        assert self.wish.command is not None
        folder = held.place.git_dir.parent / "checkout"
        await lay_out(held, tip.commit, folder)
        copy_named(self.main, folder, self.wish.copy)
        if self.wish.setup:
            reason = await self._run(self.wish.setup, folder, log, task, "set-up")
            if reason:
                return reason
        return await self._run(self.wish.command, folder, log, task, "check")

    async def _run(self, line: str, folder: Path, log: Path, task: str, what: str) -> str:
        outcome = await run_check(
            line,
            folder=folder,
            log=log,
            task=task,
            limit_s=self.wish.limit_s,
            cancelled=self.cancelled,
            what=what,
        )
        return outcome.reason
