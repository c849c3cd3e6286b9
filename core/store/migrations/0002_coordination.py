"""Questions, stages, approvals, locks, touched files, proposals and seals; more facts of a run."""

from __future__ import annotations

from peewee import (
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


# Tables of 0001, as far as the new ones refer to them.
class RepoRow(Table):
    id = AutoField()


class TaskRow(Table):
    id = AutoField()


class WorkerRow(Table):
    id = AutoField()


class RunRow(Table):
    id = TextField(primary_key=True)


class QuestionRow(Table):
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
    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE", index=False)
    task = ForeignKeyField(TaskRow, on_delete="CASCADE")
    subject = TextField()
    guardian = TextField()
    approved = BooleanField()
    reason = TextField(default="")
    at_ms = BigIntegerField()


class PathLockRow(Table):
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
    task = ForeignKeyField(TaskRow, on_delete="CASCADE", index=False)
    path = TextField()
    declared = BooleanField()
    committed = BooleanField(default=False)
    first_ms = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("task", "path")


class ProposalRow(Table):
    id = AutoField()
    repo = ForeignKeyField(RepoRow, on_delete="CASCADE")
    task = ForeignKeyField(TaskRow, on_delete="CASCADE")
    worker = ForeignKeyField(WorkerRow, on_delete="CASCADE")
    why = TextField(default="")
    at_ms = BigIntegerField()


class SealRow(Table):
    id = AutoField()
    first_event = IntegerField()
    last_event = IntegerField(unique=True)
    previous = TextField()
    digest = TextField()
    at_ms = BigIntegerField()


TABLES = (
    QuestionRow,
    StageRow,
    ApprovalRow,
    PathLockRow,
    TouchedPathRow,
    ProposalRow,
    SealRow,
)

COLUMNS = (
    ("run", "permissions", "TEXT NOT NULL DEFAULT 'watched'"),
    ("run", "model", "TEXT NOT NULL DEFAULT ''"),
    ("run", "cached_tokens", "INTEGER"),
    ("run", "cost_source", "TEXT NOT NULL DEFAULT ''"),
    ("run", "tool", "TEXT NOT NULL DEFAULT ''"),
    ("run", "plan_done", "INTEGER NOT NULL DEFAULT 0"),
    ("run", "plan_total", "INTEGER NOT NULL DEFAULT 0"),
    ("run", "activity", "TEXT NOT NULL DEFAULT '[]'"),
    ("run", "retry_ms", "BIGINT"),
    ("worker", "paused", "INTEGER NOT NULL DEFAULT 0"),
    ("worker", "idle_since_ms", "BIGINT"),
    ("claim", "notice_ms", "BIGINT"),
    ("task", "budget_micro", "BIGINT"),
    ("trust", "drivers", "TEXT NOT NULL DEFAULT '[]'"),
    ("task", "waits", "TEXT NOT NULL DEFAULT ''"),
    ("task", "ready_ms", "BIGINT"),
    ("task", "stack_problem", "TEXT NOT NULL DEFAULT ''"),
    ("task", "stopped", "INTEGER NOT NULL DEFAULT 0"),
)


def up(migrator, db):
    """Add columns and tables; nothing that is there changes."""
    database.initialize(db)
    for table, column, kind in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{column}" {kind}')
    db.create_tables(TABLES)
    db.execute_sql('CREATE INDEX "event_repo_at" ON "event" ("repo_path", "at_ms")')


def down(migrator, db):
    """Drop them again."""
    database.initialize(db)
    db.execute_sql('DROP INDEX "event_repo_at"')
    db.drop_tables(TABLES)
    for table, column, _ in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
