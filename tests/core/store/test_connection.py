"""Opening a database: made, migrated, refused, and never half-done."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from peewee import SqliteDatabase
from playhouse.migrations import Runner
from playhouse.schema_diff import diff_models

from core.errors import EnvironmentFault, UserError
from core.store import connection, schema
from core.store.connection import close_database, open_database
from core.store.migrate import migrations_folder

if TYPE_CHECKING:
    from pathlib import Path


def test_the_migrations_give_exactly_the_declared_tables(store: Path) -> None:
    difference = diff_models(schema.database, schema.TABLES)

    assert not difference, str(difference)


def test_the_newest_migration_is_the_one_that_is_declared() -> None:
    numbers = [int(file.name[:4]) for file in migrations_folder().glob("[0-9]*.py")]

    assert max(numbers) == connection.LATEST


def test_opening_again_keeps_what_is_there(store: Path) -> None:
    schema.SettingRow.create(name="a", value="1")
    close_database()

    open_database(store)

    assert schema.SettingRow.get_by_id("a").value == "1"


def test_commits_survive_a_power_cut(store: Path) -> None:
    assert schema.database.pragma("journal_mode") == "wal"
    assert schema.database.pragma("synchronous") == 2  # FULL
    assert schema.database.pragma("foreign_keys") == 1


def test_a_newer_file_is_refused_and_left_alone(store: Path) -> None:
    schema.database.pragma("user_version", 99)
    close_database()
    before = store.read_bytes()

    with pytest.raises(UserError, match="newer Weft"):
        open_database(store)

    assert store.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "weft.db"
    file.write_text("these are my notes, do not lose them\n" * 100)

    with pytest.raises(EnvironmentFault, match="damaged"):
        open_database(file)

    assert file.read_text().startswith("these are my notes")


def test_an_older_file_is_copied_before_it_is_migrated(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = connection.LATEST
    schema.SettingRow.create(name="old", value="kept")
    close_database()
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder)
    (folder / f"{connection.LATEST + 1:04}_more.py").write_text(
        "def up(migrator, db):\n    db.execute_sql('CREATE TABLE more (id INTEGER)')\n"
    )
    monkeypatch.setattr("core.store.migrate.migrations_folder", lambda: folder)
    monkeypatch.setattr(connection, "LATEST", known + 1)

    open_database(store)

    assert "more" in schema.database.get_tables()
    assert schema.SettingRow.get_by_id("old").value == "kept"
    copy = sqlite3.connect(store.with_name(f"weft.db.before-{known}"))
    assert copy.execute("select value from setting").fetchall() == [("kept",)]
    copy.close()


def test_a_migration_that_fails_changes_nothing(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = connection.LATEST
    close_database()
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder)
    (folder / f"{connection.LATEST + 1:04}_bad.py").write_text(
        "def up(migrator, db):\n"
        "    db.execute_sql('CREATE TABLE half (id INTEGER)')\n"
        "    db.execute_sql('CREATE TABLE half (id INTEGER)')\n"
    )
    monkeypatch.setattr("core.store.migrate.migrations_folder", lambda: folder)
    monkeypatch.setattr(connection, "LATEST", known + 1)
    with pytest.raises(EnvironmentFault):
        open_database(store)
    monkeypatch.setattr(connection, "LATEST", known)

    open_database(store)

    assert "half" not in schema.database.get_tables()


def test_a_file_of_the_first_shape_keeps_its_rows_when_it_is_brought_up_to_date(
    tmp_path: Path,
) -> None:
    file = tmp_path / "old" / "weft.db"
    file.parent.mkdir()
    _make_first_shape(file)

    open_database(file)

    kept = schema.WorkerRow.get(schema.WorkerRow.name == "human-ana")
    assert (kept.name_folded, kept.paused, kept.idle_since_ms) == ("human-ana", False, None)
    assert not diff_models(schema.database, schema.TABLES)
    assert file.with_name("weft.db.before-1").exists()


def _make_first_shape(file: Path) -> None:
    with closing(SqliteDatabase(str(file))) as first:
        Runner(first, str(migrations_folder())).up(target="0001_initial")
        first.pragma("user_version", 1)
    with closing(sqlite3.connect(file)) as old, old:
        old.execute(
            "INSERT INTO repo VALUES (1, 'shop', '/shop', '/shop/.git', 'main', 'sibling', 1, 0, 0)"
        )
        old.execute(
            "INSERT INTO worker VALUES (1, 1, 'human-ana', 'human-ana', 'human', NULL, NULL, 0)"
        )
