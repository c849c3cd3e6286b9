"""Every table of Weft, as peewee row classes; `migrations/` holds how a file came to this shape.

Rows never leave `core`: services return frozen records. Times are integer milliseconds UTC
(`…_ms`), money integer micro-dollars. Names are unique ignoring case through a `…_folded` twin,
because SQLite and PostgreSQL fold differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    ForeignKeyField,
    IntegerField,
    TextField,
)

from core.store.table import Table as Table
from core.store.table import database as database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from peewee import Model


class RepoRow(Table):
    """A registered repository; `next_number` feeds the keys `task-1`, `task-2` and so on."""

    id = AutoField()
    name = TextField()
    path = TextField(unique=True)
    git_dir = TextField()
    base = TextField()
    layout = TextField()
    next_number = IntegerField(default=1)
    registered_ms = BigIntegerField()
    opened_ms = BigIntegerField(default=0)


class TaskRow(Table):
    """A task; its live owner is in `claim`, `worker_name` keeps whose work it was.

    `budget_micro` is what a person allowed for this task alone, in place of the settings' figure.
    `waits` is the first reason that was told of it, as `code about`; `ready_ms` when the last
    one was gone.
    """

    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE", index=False)
    key = TextField()
    key_folded = TextField()
    title = TextField()
    description = TextField(default="")
    status = TextField()
    priority = IntegerField()
    position = IntegerField()
    estimate_minutes = IntegerField(null=True)
    issue_number = IntegerField(null=True)
    worker_name = TextField(null=True)
    branch = TextField(null=True)
    worktree = TextField(null=True)
    base_sha = TextField(null=True)
    landed_commit = TextField(null=True)
    fence = IntegerField(default=0)
    attempts = IntegerField(default=0)
    escalated = BooleanField(default=False)
    stopped = BooleanField(default=False)
    last_error = TextField(null=True)
    approved_by = TextField(null=True)
    budget_micro = BigIntegerField(null=True)
    waits = TextField(default="")
    ready_ms = BigIntegerField(null=True)
    stack_problem = TextField(default="")
    created_ms = BigIntegerField()
    claimed_ms = BigIntegerField(null=True)
    started_ms = BigIntegerField(null=True)
    completed_ms = BigIntegerField(null=True)
    moved_ms = BigIntegerField()


TaskRow.add_index(TaskRow.repo, TaskRow.key_folded, unique=True, name="task_repo_key")
TaskRow.add_index(TaskRow.repo, TaskRow.status, TaskRow.position, name="task_repo_column")
# The candidates of a claim in their order, and nothing else: with an index over all states a
# claim sorted every ready row (18 times slower, docs/decisions).
TaskRow.add_index(
    TaskRow.index(
        TaskRow.repo, TaskRow.priority, TaskRow.position, TaskRow.id, name="task_ready"
    ).where(SQL("status = 'backlog'"))
)


class TaskDependencyRow(Table):
    """*task* waits for *needs*."""

    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    needs = ForeignKeyField(TaskRow, on_delete="CASCADE")

    class Meta:
        """One row a pair."""

        primary_key = CompositeKey("task", "needs")


class TaskPathRow(Table):
    """A file or glob that the task declares, relative to the repository, with `/`."""

    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    pattern = TextField()

    class Meta:
        """One row a pattern."""

        primary_key = CompositeKey("task", "pattern")


class TaskSkillRow(Table):
    """A skill that the task asks for."""

    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    skill = TextField()

    class Meta:
        """One row a skill."""

        primary_key = CompositeKey("task", "skill")


class WorkerRow(Table):
    """A registered worker; its status is derived, but for `paused`: a person's wish that lasts.

    `idle_since_ms` is when it became free, for the latency of assignment; null while it works.
    """

    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE", index=False)
    name = TextField()
    name_folded = TextField()
    type = TextField()
    agent = TextField(null=True)
    heartbeat_ms = BigIntegerField(null=True)
    registered_ms = BigIntegerField()
    paused = BooleanField(default=False)
    idle_since_ms = BigIntegerField(null=True)


WorkerRow.add_index(WorkerRow.repo, WorkerRow.name_folded, unique=True, name="worker_repo_name")


class WorkerSkillRow(Table):
    """A skill that the worker has."""

    worker = ForeignKeyField(WorkerRow, on_delete="CASCADE", index=False)
    skill = TextField()

    class Meta:
        """One row a skill."""

        primary_key = CompositeKey("worker", "skill")


class ClaimRow(Table):
    """The live claim on a task: the primary key makes a second one impossible.

    `worker` is unique too: a worker owns one task at a time. `lease_expires_ms` is null for a
    person, whose claim does not lapse; `notice_ms` is when its owner was told that it will be
    given to another.
    """

    task = ForeignKeyField(TaskRow, primary_key=True, on_delete="CASCADE")
    worker = ForeignKeyField(WorkerRow, unique=True, on_delete="RESTRICT")
    fence = IntegerField()
    claimed_ms = BigIntegerField()
    lease_expires_ms = BigIntegerField(null=True, index=True)
    notice_ms = BigIntegerField(null=True)


class RunRow(Table):
    """One attempt of an agent; pids count only together with their start times.

    `cost_source` is `program`, `prices` or empty for unknown; `tool` what it does right now;
    `activity` a JSON list of lines written in each of the last stretches; `retry_ms` when a rate
    limit lets it try again.
    """

    id = TextField(primary_key=True)
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE", index=False)
    task = ForeignKeyField(TaskRow, on_delete="CASCADE")
    worker_name = TextField()
    agent = TextField()
    stage = TextField(default="build")
    status = TextField()
    fence = IntegerField()
    token = TextField()
    worktree = TextField()
    branch = TextField()
    base_sha = TextField()
    pid = IntegerField(null=True)
    pid_started_ms = BigIntegerField(null=True)
    runner_pid = IntegerField(null=True)
    runner_started_ms = BigIntegerField(null=True)
    started_ms = BigIntegerField()
    heartbeat_ms = BigIntegerField(null=True)
    ended_ms = BigIntegerField(null=True)
    exit_code = IntegerField(null=True)
    session = TextField(null=True)
    input_tokens = IntegerField(null=True)
    output_tokens = IntegerField(null=True)
    cost_micro = BigIntegerField(null=True)
    last_message = TextField(default="")
    reason = TextField(default="")
    profile = TextField(default="{}")
    permissions = TextField(default="watched")
    model = TextField(default="")
    cached_tokens = IntegerField(null=True)
    cost_source = TextField(default="")
    tool = TextField(default="")
    plan_done = IntegerField(default=0)
    plan_total = IntegerField(default=0)
    activity = TextField(default="[]")
    retry_ms = BigIntegerField(null=True)


RunRow.add_index(RunRow.repo, RunRow.status, name="run_repo_status")
RunRow.add_index(RunRow.repo, RunRow.started_ms, name="run_repo_started")


class ControlRow(Table):
    """A person's wish for a live run; its runner takes it and notes when."""

    id = AutoField()
    run = ForeignKeyField(RunRow, on_delete="CASCADE")
    verb = TextField()
    text = TextField(default="")
    actor = TextField()
    asked_ms = BigIntegerField()
    taken_ms = BigIntegerField(null=True)


class WorktreeRow(Table):
    """A worktree of Weft's: `creating` → `ready` → `removing` → `removed`."""

    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE")
    task = ForeignKeyField(TaskRow, null=True, on_delete="SET NULL")
    worker_name = TextField()
    path = TextField()
    branch = TextField()
    state = TextField()
    base_sha = TextField()
    created_ms = BigIntegerField()
    setup_log = TextField(default="")
    preserved_ref = TextField(default="")


WorktreeRow.add_index(WorktreeRow.repo, WorktreeRow.path, name="worktree_repo_path")


class MergeRunRow(Table):
    """The journal of one merge run; `owner_*` says whose process works on it now."""

    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE")
    state = TextField()
    strategy = TextField()
    base = TextField()
    before_sha = TextField()
    after_sha = TextField(default="")
    backup_ref = TextField(default="")
    check_command = TextField(default="")
    actor = TextField()
    owner_pid = IntegerField(null=True)
    owner_started_ms = BigIntegerField(null=True)
    started_ms = BigIntegerField()
    ended_ms = BigIntegerField(null=True)
    undone_ms = BigIntegerField(null=True)
    notes = TextField(default="[]")


class MergeStepRow(Table):
    """One branch of a merge run; `files` is a JSON list."""

    id = AutoField()
    merge_run = ForeignKeyField(MergeRunRow, on_delete="CASCADE")
    position = IntegerField()
    task_key = TextField()
    branch = TextField()
    head = TextField()
    outcome = TextField()
    tree = TextField(default="")
    commit = TextField(default="")
    reason = TextField(default="")
    files = TextField(default="[]")
    log = TextField(default="")


class TrustRow(Table):
    """What of a repository's own settings a person has allowed to run: a digest of it.

    `drivers` is a JSON list of the external merge drivers that were allowed: [key, command].
    """

    repo = ForeignKeyField(RepoRow, primary_key=True, on_delete="CASCADE")
    digest = TextField()
    actor = TextField()
    at_ms = BigIntegerField()
    drivers = TextField(default="[]")


class SettingRow(Table):
    """Small facts of one person's Weft, such as the last repository shown."""

    name = TextField(primary_key=True)
    value = TextField()


class LeaderRow(Table):
    """Which process runs the loops of a kind now."""

    name = TextField(primary_key=True)
    pid = IntegerField()
    pid_started_ms = BigIntegerField()
    expires_ms = BigIntegerField()


class EventRow(Table):
    """The append-only audit trail; names instead of foreign keys, so that it outlives them."""

    id = AutoField()
    at_ms = BigIntegerField()
    kind = TextField()
    repo_path = TextField(null=True)
    task_key = TextField(null=True)
    worker_name = TextField(null=True)
    run_id = TextField(null=True)
    actor = TextField()
    data = TextField(default="{}")


EventRow.add_index(EventRow.repo_path, EventRow.task_key, EventRow.id, name="event_repo_task")
EventRow.add_index(EventRow.repo_path, EventRow.at_ms, name="event_repo_at")


class QuestionRow(Table):
    """What an agent asks a person; `options` is a JSON list, `answer` the id of one or words."""

    id = AutoField()
    run = ForeignKeyField(RunRow, on_delete="CASCADE")
    token = TextField()
    kind = TextField()
    title = TextField()
    detail = TextField(default="")
    options = TextField(default="[]")
    asked_ms = BigIntegerField()
    answered_ms = BigIntegerField(null=True)
    answer = TextField(default="")
    answered_by = TextField(default="")


class StageRow(Table):
    """One stage of a task, such as analyze, build or review; `artifact` is what it handed on."""

    id = AutoField()
    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    position = IntegerField()
    name = TextField()
    status = TextField()
    run_id = TextField(default="")
    attempts = IntegerField(default=0)
    sent_back = IntegerField(default=0)
    note = TextField(default="")
    artifact = TextField(default="")
    started_ms = BigIntegerField(null=True)
    ended_ms = BigIntegerField(null=True)


StageRow.add_index(StageRow.task, StageRow.position, unique=True, name="stage_task_position")


class ApprovalRow(Table):
    """A guardian's word on a task; `subject` is claim, merge, stage or budget."""

    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE", index=False)
    task = ForeignKeyField(TaskRow, on_delete="CASCADE")
    subject = TextField()
    guardian = TextField()
    approved = BooleanField()
    reason = TextField(default="")
    at_ms = BigIntegerField()


class PathLockRow(Table):
    """A lease on a path or glob; `origin` is declared, asked or critical.

    `expires_ms` is the claim's lease, null while a person holds it.
    """

    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE", index=False)
    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    worker = ForeignKeyField(WorkerRow, on_delete="CASCADE")
    pattern = TextField()
    exclusive = BooleanField(default=True)
    origin = TextField()
    fence = IntegerField()
    locked_ms = BigIntegerField()
    expires_ms = BigIntegerField(null=True)


PathLockRow.add_index(
    PathLockRow.task, PathLockRow.pattern, unique=True, name="path_lock_task_pattern"
)
PathLockRow.add_index(PathLockRow.repo, PathLockRow.pattern, name="path_lock_repo_pattern")


class TouchedPathRow(Table):
    """A file that a task's worktree really changed; `declared` when the task had named it.

    `committed` when a commit of its branch changes it, not only the worktree.
    """

    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    path = TextField()
    declared = BooleanField()
    committed = BooleanField(default=False)
    first_ms = BigIntegerField()

    class Meta:
        """One row a file."""

        primary_key = CompositeKey("task", "path")


class ProposalRow(Table):
    """What the dispatcher would assign, for a supervisor to accept; replaced at each look."""

    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE")
    task = ForeignKeyField(TaskRow, on_delete="CASCADE")
    worker = ForeignKeyField(WorkerRow, on_delete="CASCADE")
    why = TextField(default="")
    at_ms = BigIntegerField()


class SealRow(Table):
    """A sealed block of the event log: the digest covers its events and the block before."""

    id = AutoField()
    first_event = IntegerField()
    last_event = IntegerField(unique=True)
    previous = TextField()
    digest = TextField()
    at_ms = BigIntegerField()


TABLES: Sequence[type[Model]] = tuple(Table.__subclasses__())
"""In the order of this page, so that what a table refers to is made before it."""


def in_chunks(values: Sequence[Any], size: int = 500) -> list[Sequence[Any]]:
    """Return *values* in parts that fit SQLite's limit of bound variables."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def as_tuples(query: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a select as plain tuples (peewee's stubs know only row objects)."""
    return list(query.tuples())
