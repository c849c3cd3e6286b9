"""Statements whose text is made once, for what happens often under the write lock.

peewee builds the SQL of a query anew each time, which costs more than SQLite needs for the
answer (docs/decisions). Here the text is made once for each table and condition; rows come as the
same row classes. Placeholders are `?`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from core.store.link import connection, execute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.store.schema import Table

R = TypeVar("R", bound="Table")


def fetch(table: type[R], where: str, *values: Any) -> list[R]:
    """Return the rows of *table* for which *where* holds; ORDER BY and LIMIT may follow in it."""
    sql, names, flags = _select(table, where)
    found = []
    for values_of_row in execute(sql, values).fetchall():
        row: Any = table(__no_default__=1)
        row.__data__ = dict(zip(names, values_of_row, strict=True))
        for name in flags:  # SQLite has no truth of its own, but 0 and 1
            row.__data__[name] = bool(row.__data__[name])
        row._dirty.clear()
        found.append(row)
    return found


def fetch_one(table: type[R], where: str, *values: Any) -> R | None:
    """Return the first row of *table* for which *where* holds, or None."""
    found = fetch(table, f"{where} LIMIT 1", *values)
    return found[0] if found else None


def select(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """Return what a SELECT gives, as plain tuples."""
    rows: list[tuple[Any, ...]] = execute(sql, values).fetchall()
    return rows


def change(sql: str, *values: Any) -> int:
    """Run an UPDATE or DELETE; return how many rows it met."""
    return int(execute(sql, values).rowcount)


def add(sql: str, *values: Any) -> int:
    """Run an INSERT of one row; return its row id."""
    return execute(sql, values).lastrowid or 0


def add_all(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run an INSERT once for each of *rows*."""
    connection().executemany(sql, rows)


def insert(table: type[Table], values: Mapping[str, Any]) -> int:
    """Insert one row, by field names; fields left out get their defaults. Returns its row id."""
    meta: Any = table._meta
    plain = {field.name: value for field, value in meta.defaults.items()} | dict(values)
    sql = _insert(table, tuple(plain))
    return add(sql, *plain.values())


def save(row: Table) -> None:
    """Write what was changed of a row that is there already.

    SQLite writes an index anew for each of its columns that is named, changed or not.
    """
    meta: Any = type(row)._meta
    key = meta.primary_key.name
    known: Any = row
    data: dict[str, Any] = known.__data__
    names = tuple(name for name in data if name in known._dirty and name != key)
    if names:
        values = *(data[name] for name in names), data[key]
        execute(_update(type(row), names, key), values)
        known._dirty.clear()


@lru_cache(maxsize=256)
def _select(table: type[Table], where: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    meta: Any = table._meta
    names = tuple(meta.fields)
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    flags = tuple(name for name in names if meta.fields[name].field_type == "BOOL")
    sql = f'SELECT {columns} FROM "{meta.table_name}" WHERE {where}'  # noqa: S608  our words
    return sql, names, flags


@lru_cache(maxsize=64)
def _insert(table: type[Table], names: tuple[str, ...]) -> str:
    meta: Any = table._meta
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    marks = ", ".join("?" * len(names))
    return f'INSERT INTO "{meta.table_name}" ({columns}) VALUES ({marks})'  # noqa: S608  our names


@lru_cache(maxsize=64)
def _update(table: type[Table], names: tuple[str, ...], key: str) -> str:
    meta: Any = table._meta
    columns = ", ".join(f'"{meta.fields[name].column_name}" = ?' for name in names)
    where = meta.fields[key].column_name
    return f'UPDATE "{meta.table_name}" SET {columns} WHERE "{where}" = ?'  # noqa: S608  our names
