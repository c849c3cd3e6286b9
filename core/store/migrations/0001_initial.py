"""The first shape of the database: a frozen copy of the tables, on purpose not the live ones."""

from __future__ import annotations

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DatabaseProxy,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

database = DatabaseProxy()


def _table_name(model):
    words = []
    for letter in model.__name__.removesuffix("Row"):
        words.append(("_" if words and letter.isupper() else "") + letter.lower())
    return "".join(words)


class Table(Model):
    class Meta:
        database = database
        table_function = _table_name
        legacy_table_names = False


class RepoRow(Table):
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
    last_error = TextField(null=True)
    approved_by = TextField(null=True)
    created_ms = BigIntegerField()
    claimed_ms = BigIntegerField(null=True)
    started_ms = BigIntegerField(null=True)
    completed_ms = BigIntegerField(null=True)
    moved_ms = BigIntegerField()


TaskRow.add_index(TaskRow.repo, TaskRow.key_folded, unique=True, name="task_repo_key")
TaskRow.add_index(TaskRow.repo, TaskRow.status, TaskRow.position, name="task_repo_column")
TaskRow.add_index(
    TaskRow.index(
        TaskRow.repo, TaskRow.priority, TaskRow.position, TaskRow.id, name="task_ready"
    ).where(SQL("status = 'backlog'"))
)


class TaskDependencyRow(Table):
    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    needs = ForeignKeyField(TaskRow, on_delete="CASCADE")

    class Meta:
        primary_key = CompositeKey("task", "needs")


class TaskPathRow(Table):
    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    pattern = TextField()

    class Meta:
        primary_key = CompositeKey("task", "pattern")


class TaskSkillRow(Table):
    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    skill = TextField()

    class Meta:
        primary_key = CompositeKey("task", "skill")


class WorkerRow(Table):
    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE", index=False)
    name = TextField()
    name_folded = TextField()
    type = TextField()
    agent = TextField(null=True)
    heartbeat_ms = BigIntegerField(null=True)
    registered_ms = BigIntegerField()


WorkerRow.add_index(WorkerRow.repo, WorkerRow.name_folded, unique=True, name="worker_repo_name")


class WorkerSkillRow(Table):
    worker = ForeignKeyField(WorkerRow, on_delete="CASCADE", index=False)
    skill = TextField()

    class Meta:
        primary_key = CompositeKey("worker", "skill")


class ClaimRow(Table):
    task = ForeignKeyField(TaskRow, primary_key=True, on_delete="CASCADE")
    worker = ForeignKeyField(WorkerRow, unique=True, on_delete="RESTRICT")
    fence = IntegerField()
    claimed_ms = BigIntegerField()
    lease_expires_ms = BigIntegerField(null=True, index=True)


class RunRow(Table):
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


RunRow.add_index(RunRow.repo, RunRow.status, name="run_repo_status")
RunRow.add_index(RunRow.repo, RunRow.started_ms, name="run_repo_started")


class ControlRow(Table):
    id = AutoField()
    run = ForeignKeyField(RunRow, on_delete="CASCADE")
    verb = TextField()
    text = TextField(default="")
    actor = TextField()
    asked_ms = BigIntegerField()
    taken_ms = BigIntegerField(null=True)


class WorktreeRow(Table):
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
    repo = ForeignKeyField(RepoRow, primary_key=True, on_delete="CASCADE")
    digest = TextField()
    actor = TextField()
    at_ms = BigIntegerField()


class SettingRow(Table):
    name = TextField(primary_key=True)
    value = TextField()


class LeaderRow(Table):
    name = TextField(primary_key=True)
    pid = IntegerField()
    pid_started_ms = BigIntegerField()
    expires_ms = BigIntegerField()


class EventRow(Table):
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

TABLES = (
    RepoRow,
    TaskRow,
    TaskDependencyRow,
    TaskPathRow,
    TaskSkillRow,
    WorkerRow,
    WorkerSkillRow,
    ClaimRow,
    RunRow,
    ControlRow,
    WorktreeRow,
    MergeRunRow,
    MergeStepRow,
    TrustRow,
    SettingRow,
    LeaderRow,
    EventRow,
)


def up(migrator, db):
    """Make every table."""
    database.initialize(db)
    db.create_tables(TABLES)


def down(migrator, db):
    """Drop every table."""
    database.initialize(db)
    db.drop_tables(TABLES)
