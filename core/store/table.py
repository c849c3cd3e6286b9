"""What every table is made of, and the proxy that `open_database` points to the real database."""

from __future__ import annotations

from peewee import DatabaseProxy, Model

database = DatabaseProxy()


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
