"""What every table is made of: peewee's row classes over the connections of `core.store.link`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peewee import Model, SqliteDatabase

from core.store import link

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence


class _Queries(SqliteDatabase):
    """peewee as a writer of SQL alone: connections, transactions and errors are the link's.

    So statements of row classes and of `core.store.plain` share a transaction, and what fails
    raises the errors of `sqlite3` everywhere. Transactions are begun in `transactions.py` only;
    inside one peewee makes savepoints.
    """

    def connection(self) -> sqlite3.Connection:
        return link.connection()

    def cursor(self, named_cursor: str | None = None) -> sqlite3.Cursor:
        del named_cursor  # SQLite has none
        return link.connection().cursor()

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> sqlite3.Cursor:
        return link.execute(sql, params or ())

    def is_closed(self) -> bool:
        return not link.is_open()

    def in_transaction(self) -> bool:
        return link.in_transaction()

    def transaction_depth(self) -> int:
        return int(link.in_transaction())

    def begin(self, lock_type: str | None = None) -> None:
        raise RuntimeError("transactions are begun by core.store.transactions")


database = _Queries("weft")  # the name is never opened


def _table_name(model: type[Model]) -> str:
    words: list[str] = []
    for letter in model.__name__.removesuffix("Row"):
        words.append(("_" if words and letter.isupper() else "") + letter.lower())
    return "".join(words)


class Table(Model):
    """Base of all tables: one database, `TaskPathRow` is stored as `task_path`."""

    class Meta:
        """Shared by every table."""

        database = database
        table_function = _table_name
        legacy_table_names = False
