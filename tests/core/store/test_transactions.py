"""The write lock first, all or nothing, and news only after the commit."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from core.errors import EnvironmentFault
from core.store import transactions
from core.store.connection import close_database, open_database
from core.store.schema import SettingRow, database
from core.store.transactions import after_commit, transaction

if TYPE_CHECKING:
    from pathlib import Path


def test_an_exception_leaves_nothing_behind(store: Path) -> None:
    told: list[str] = []

    def change_and_fail() -> None:
        with transaction():
            SettingRow.create(name="a", value="1")
            after_commit(lambda: told.append("a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()

    assert SettingRow.select().count() == 0
    assert told == []


def test_listeners_hear_of_it_only_when_it_is_committed(store: Path) -> None:
    seen_by_others: list[int] = []

    def look() -> None:
        other = sqlite3.connect(store)
        seen_by_others.append(other.execute("select count(*) from setting").fetchone()[0])
        other.close()

    with transaction():
        SettingRow.create(name="a", value="1")
        after_commit(look)
        look()

    assert seen_by_others == [0, 1]


def test_a_listener_that_writes_itself_keeps_nobody_from_hearing(store: Path) -> None:
    told: list[str] = []

    def write() -> None:
        with transaction():
            SettingRow.create(name="b", value="2")

    with transaction():
        SettingRow.create(name="a", value="1")
        after_commit(write)
        after_commit(lambda: told.append("a"))

    assert told == ["a"]
    assert SettingRow.select().count() == 2


def test_an_inner_transaction_joins_the_outer_one(store: Path) -> None:
    def change_inside_and_fail() -> None:
        with transaction():
            with transaction():
                SettingRow.create(name="inner", value="1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_inside_and_fail()

    assert SettingRow.select().count() == 0


def test_a_writer_waits_for_another_one(store: Path) -> None:
    other = sqlite3.connect(store, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    waiting = threading.Event()

    def give_way() -> None:
        waiting.wait()
        other.execute("ROLLBACK")
        other.close()

    thread = threading.Thread(target=give_way)
    thread.start()
    waiting.set()
    with transaction():
        SettingRow.create(name="a", value="1")
    thread.join()

    assert SettingRow.select().count() == 1


def test_a_lock_that_is_never_given_back_is_told(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "BUSY_TIMEOUT_S", 0.05)
    database.pragma("busy_timeout", 10)
    other = sqlite3.connect(store, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(EnvironmentFault, match="locked by other processes"), transaction():
        SettingRow.create(name="a", value="1")

    other.close()


def _count_up(file: Path, times: int) -> None:
    open_database(file)
    for _ in range(times):
        with transaction():
            row = SettingRow.get_by_id("n")
            SettingRow.update(value=str(int(row.value) + 1)).where(SettingRow.name == "n").execute()
    close_database()


def test_processes_that_count_at_once_lose_no_step(store: Path) -> None:
    SettingRow.create(name="n", value="0")
    context = multiprocessing.get_context("spawn")
    counters = [context.Process(target=_count_up, args=(store, 50)) for _ in range(4)]

    for counter in counters:
        counter.start()
    for counter in counters:
        counter.join()

    assert [counter.exitcode for counter in counters] == [0, 0, 0, 0]
    assert SettingRow.get_by_id("n").value == "200"


def _fill() -> None:
    with transaction():
        for number in range(1000):
            SettingRow.create(name=f"n{number}", value="x" * 1000)


def test_a_full_disk_is_told_as_what_it_is_and_nothing_is_half_written(store: Path) -> None:
    real = database
    real.pragma("max_page_count", int(real.pragma("page_count")) + 2)

    with pytest.raises(EnvironmentFault, match="is full") as told:
        _fill()

    assert told.value.hint
    assert SettingRow.select().count() == 0
    with transaction():
        SettingRow.create(name="small", value="1")
