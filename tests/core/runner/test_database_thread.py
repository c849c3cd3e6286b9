"""A runner hears of what others have committed, and is left alone by what it commits itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from core.runner.database_thread import DatabaseThread
from core.store.plain import change
from core.store.transactions import transaction
from tests.waiting import wait_until_async

if TYPE_CHECKING:
    from pathlib import Path

_KEEP = "INSERT OR REPLACE INTO setting (name, value) VALUES ('a', ?)"


def keep(value: str) -> None:
    with transaction():
        change(_KEEP, value)


async def test_each_commit_of_another_process_is_news_once(store: Path) -> None:
    database = DatabaseThread(store)
    try:
        with closing(sqlite3.connect(store, isolation_level=None)) as other:
            await database.has_news()
            for value in "abc":  # at once one after the other: their times may be the same
                other.execute(_KEEP, (value,))
                await wait_until_async(database.has_news)
            assert not await database.has_news()
    finally:
        database.close()


async def test_a_commit_of_its_own_is_no_news(store: Path) -> None:
    database = DatabaseThread(store)
    try:
        await database.has_news()

        await database.call(keep, "mine")

        assert not await database.has_news()
    finally:
        database.close()
