"""What the journal says of a merge run: records of its rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from core.clock import from_ms
from core.domain.merge_run import UNDER_WAY, MergeRunState, StepState
from core.domain.plan import FLAKY, MergedTask, MergeResult, PutAside, Strategy
from core.processes.identity import ProcessIdentity
from core.store.schema import MergeRunRow, MergeStepRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from core.domain.repo import Repo

MERGES: Final = "refs/weft/merges"
"""Where the refs of all merge runs are."""


@dataclass(frozen=True, slots=True)
class JournalStep:
    """What a run did with one branch; `commit` is empty unless it was merged."""

    task: str
    branch: str
    head: str
    state: StepState
    tree: str = ""
    commit: str = ""
    reason: str = ""
    files: tuple[str, ...] = ()
    log: str = ""


@dataclass(frozen=True, slots=True)
class MergeEntry:
    """One run as the journal has it.

    Attributes:
        before: The base's commit that the run started from.
        after: The commit that it made of it; empty until it was about to land.
        refs: Folder of the refs that keep both, `refs/weft/merges/<name>`.
        owner: Whose process works on it, or worked on it last.
        undone: Whether an undo took it back.
    """

    id: int
    state: MergeRunState
    strategy: Strategy
    base: str
    before: str
    after: str
    refs: str
    actor: str
    owner: ProcessIdentity | None
    started_at: datetime
    undone: bool
    notes: tuple[str, ...]
    steps: tuple[JournalStep, ...]

    @property
    def name(self) -> str:
        """Return the run's name, fit for a folder."""
        return self.refs.rpartition("/")[2]

    def result(self, *, extra: Iterable[str] = ()) -> MergeResult:
        """Return what faces show of it; nothing landed when the base did not move."""
        landed = self.state is MergeRunState.LANDED
        return MergeResult(
            merged=tuple(
                MergedTask(
                    step.task, step.branch, step.commit, step.log, flaky=step.reason == FLAKY
                )
                for step in self.steps
                if landed and step.state is StepState.MERGED
            ),
            put_aside=tuple(
                PutAside(step.task, step.reason, step.files, step.log)
                for step in self.steps
                if step.state is StepState.PUT_ASIDE
            ),
            base=self.base,
            before=self.before,
            after=self.after if landed else self.before,
            backup_ref=f"{self.refs}/before" if landed else "",
            notes=(*self.notes, *extra),
        )


def unfinished(repo: Repo) -> tuple[MergeEntry, ...]:
    """Return the runs that are under way by their state, oldest first."""
    query = (
        MergeRunRow.select()
        .where(
            MergeRunRow.repo == repo.id,
            MergeRunRow.state.in_([state.value for state in UNDER_WAY]),
        )
        .order_by(MergeRunRow.id)
    )
    return tuple(entry_of(row) for row in query)


def landed(repo: Repo) -> tuple[MergeEntry, ...]:
    """Return the runs that moved the base, undone or not, newest first."""
    query = (
        MergeRunRow.select()
        .where(MergeRunRow.repo == repo.id, MergeRunRow.state == MergeRunState.LANDED.value)
        .order_by(MergeRunRow.id.desc())
    )
    return tuple(entry_of(row) for row in query)


def may_be_undone(repo: Repo) -> bool:
    """Whether a run moved the base and was not taken back; costs one query."""
    query = MergeRunRow.select(MergeRunRow.id).where(
        MergeRunRow.repo == repo.id,
        MergeRunRow.state == MergeRunState.LANDED.value,
        MergeRunRow.undone_ms.is_null(),
    )
    return bool(query.exists())


def has_ended(name: str) -> bool:
    """Whether the run of this name, in whatever repository, has said its last word."""
    query = MergeRunRow.select(MergeRunRow.id).where(
        MergeRunRow.backup_ref == f"{MERGES}/{name}/before",
        MergeRunRow.state.not_in([state.value for state in UNDER_WAY]),
    )
    return bool(query.exists())


def ended(repo: Repo, *, limit: int) -> tuple[MergeEntry, ...]:
    """Return the newest runs that have ended, whether or not anything landed."""
    query = (
        MergeRunRow.select()
        .where(
            MergeRunRow.repo == repo.id,
            MergeRunRow.state.not_in([state.value for state in UNDER_WAY]),
        )
        .order_by(MergeRunRow.id.desc())
        .limit(limit)
    )
    return tuple(entry_of(row) for row in query)


def last_landed(repo: Repo) -> MergeEntry | None:
    """Return the newest run that moved the base, undone or not."""
    row = (
        MergeRunRow.select()
        .where(MergeRunRow.repo == repo.id, MergeRunRow.state == MergeRunState.LANDED.value)
        .order_by(MergeRunRow.id.desc())
        .first()
    )
    return None if row is None else entry_of(row)


def entry_of(row: MergeRunRow) -> MergeEntry:
    """Return the record of a row, with its steps."""
    owner = None
    if row.owner_pid is not None and row.owner_started_ms is not None:
        owner = ProcessIdentity(row.owner_pid, row.owner_started_ms)
    steps = (
        MergeStepRow.select()
        .where(MergeStepRow.merge_run == row.id)
        .order_by(MergeStepRow.position)
    )
    return MergeEntry(
        id=row.id,
        state=MergeRunState(row.state),
        strategy=Strategy(row.strategy),
        base=row.base,
        before=row.before_sha,
        after=row.after_sha,
        refs=row.backup_ref.removesuffix("/before"),
        actor=row.actor,
        owner=owner,
        started_at=from_ms(row.started_ms),
        undone=row.undone_ms is not None,
        notes=tuple(json.loads(row.notes)),
        steps=tuple(_step(step) for step in steps),
    )


def _step(row: MergeStepRow) -> JournalStep:
    return JournalStep(
        task=row.task_key,
        branch=row.branch,
        head=row.head,
        state=StepState(row.outcome),
        tree=row.tree,
        commit=row.commit,
        reason=row.reason,
        files=tuple(json.loads(row.files)),
        log=row.log,
    )
