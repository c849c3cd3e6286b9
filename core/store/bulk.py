"""Insert many rows by one prepared statement: peewee builds its SQL anew for every row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.store.link import in_transaction
from core.store.plain import add_all

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.store.schema import Table


def insert_rows(table: type[Table], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert *rows*, all with the same fields by name; fields left out get their defaults."""
    assert in_transaction(), "many rows belong to one transaction"
    if not rows:
        return
    meta: Any = table._meta
    plain = {field.name: value for field, value in meta.defaults.items()}
    names = [name for name in meta.fields if name in plain or name in rows[0]]
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in names)
    marks = ", ".join("?" * len(names))
    sql = f'INSERT INTO "{meta.table_name}" ({columns}) VALUES ({marks})'  # noqa: S608  our names
    values = [[{**plain, **row}[name] for name in names] for row in rows]
    add_all(sql, values)
