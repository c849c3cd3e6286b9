"""Import: what a check list and JSON give, and an account of what they do not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from core.domain.task import NewTask, Priority
from core.errors import UsageError
from core.events import bus, log
from core.store.schema import TaskPathRow, database
from core.tasks import board
from core.tasks.importing import ImportReport, import_tasks, parse_minutes

if TYPE_CHECKING:
    from core.domain.repo import Repo
    from tests.core.conftest import SteadyClock

LIST = """\
# Sprint

- [ ] [login] Session expiry (high) @1.5h #backend files: src/auth.py, src/**/session.py
  Log out on all devices.

  And say so.
- [x] Old thing
* [ ] Search after: login, nowhere
- [] broken
- [ ] [bad key!] Something else
- [ ]
Some prose.
"""


def take(repo: Repo, clock: SteadyClock, text: str, name: str = "list.md") -> ImportReport:
    return import_tasks(repo, text, name=name, now=clock.now(), actor="person")


def test_a_check_list_becomes_tasks_with_an_account_of_each_line(
    board_repo: Repo, clock: SteadyClock
) -> None:
    report = take(board_repo, clock, LIST)

    login = board.get_task(board_repo, "login")
    assert (login.title, login.priority, login.estimate_minutes) == (
        "Session expiry",
        Priority.HIGH,
        90,
    )
    assert (login.files, login.skills) == (("src/**/session.py", "src/auth.py"), ("backend",))
    assert login.description == "Log out on all devices.\n\nAnd say so."
    account = {line.line: (line.key, line.problem) for line in report.lines}
    assert account[3] == ("login", "")
    assert account[7] == (None, "already done")
    assert account[8][0] == "task-1"
    assert "added without dependencies" in account[8][1]
    assert "no task 'nowhere'" in account[8][1]
    assert "not a check list item" in account[9][1]
    assert account[10][0] == "task-2"


def test_dependencies_may_come_later_in_the_file(board_repo: Repo, clock: SteadyClock) -> None:
    take(board_repo, clock, "- [ ] [b] Second after: a\n- [ ] [a] First\n")

    assert board.get_task(board_repo, "b").depends_on == ("a",)


def test_json_gives_the_same_fields(board_repo: Repo, clock: SteadyClock) -> None:
    entries = [
        {"title": "One", "key": "k1", "priority": "low", "files": ["a"], "estimate_minutes": 5},
        {"title": "Two", "depends_on": ["k1"], "colour": "red"},
        {"title": 3},
        "nonsense",
        {"title": "Three", "priority": "urgent"},
    ]

    report = take(board_repo, clock, json.dumps({"tasks": entries}), "x.json")

    assert report.taken == 2
    assert [line.problem for line in report.lines] == [
        "",
        "not taken over: colour",
        "'title' must be a text.",
        "not an object",
        "'urgent' is not a priority.",
    ]
    assert board.get_task(board_repo, "task-1").depends_on == ("k1",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("prose only", "a.md"),
        ("", "a.md"),
        ("[", "a.json"),
        ("[]", "a.json"),
        ('{"a": 1}', "a.json"),
    ],
)
def test_a_file_with_nothing_in_it_is_refused(
    board_repo: Repo, clock: SteadyClock, text: str, name: str
) -> None:
    with pytest.raises(UsageError):
        take(board_repo, clock, text, name)


@pytest.mark.parametrize(("text", "minutes"), [("45m", 45), ("2h", 120), ("1.5h", 90), ("30", 30)])
def test_durations_are_minutes(text: str, minutes: int) -> None:
    assert parse_minutes(text) == minutes


def test_other_durations_are_refused() -> None:
    with pytest.raises(UsageError, match="not a duration"):
        parse_minutes("soon")


@pytest.mark.parametrize(
    "entry",
    [
        '{"title": "a", "issue_number": 99999999999999999999}',
        '{"title": "a", "issue_number": 0}',
        '{"title": "a", "estimate_minutes": 1e400}',
        r'{"title": "a", "depends_on": ["\ud800"], "files": ["\udcff"]}',
    ],
)
def test_what_cannot_be_stored_is_told_of_and_the_rest_is_taken(
    board_repo: Repo, clock: SteadyClock, entry: str
) -> None:
    report = take(board_repo, clock, f'[{entry}, {{"title": "fine"}}]', "x.json")

    assert [bool(line.key) for line in report.lines] == [False, True]
    assert report.lines[0].problem


def test_numbers_beyond_all_measure_are_refused(board_repo: Repo, clock: SteadyClock) -> None:
    with pytest.raises(UsageError, match="not valid JSON"):
        take(board_repo, clock, '[{"title": "a", "issue_number": ' + "9" * 10_000 + "}]", "x.json")
    with pytest.raises(UsageError, match="not a duration"):
        parse_minutes("9" * 400 + "h")


def test_many_entries_share_few_transactions_and_each_has_its_event(
    board_repo: Repo, clock: SteadyClock
) -> None:
    board.add_task(board_repo, NewTask("First", key="task-2"), now=clock.now(), actor="person")
    commits: list[str] = []
    database.connection().set_trace_callback(
        lambda sql: commits.append(sql) if sql.startswith("COMMIT") else None
    )
    seen: list[str | None] = []
    stop = bus.subscribe(lambda event: seen.append(event.task))

    report = take(board_repo, clock, "".join(f"- [ ] Task {n} #py\n" for n in range(1200)))

    stop()
    database.connection().set_trace_callback(None)
    keys = [line.key for line in report.lines]
    assert keys[:3] == ["task-1", "task-3", "task-4"]
    assert len(commits) == 3
    assert seen == keys
    added = [event for event in log.read(limit=5000) if event.kind == "task.added"]
    assert [event.task for event in added] == ["task-2", *keys]
    last = board.get_task(board_repo, keys[-1] or "")
    assert (last.title, last.skills, last.attempts) == ("Task 1199", ("py",), 0)
    new = board.add_task(board_repo, NewTask("Next"), now=clock.now(), actor="person")
    assert new.key == "task-1202"
    assert new.position > last.position


def test_an_entry_that_cannot_be_taken_leaves_nothing_behind(
    board_repo: Repo, clock: SteadyClock
) -> None:
    report = take(board_repo, clock, "- [ ] [a] One\n- [ ] [A] Two\n- [ ] Three files: ../x\n")

    assert [line.key for line in report.lines] == ["a", None, None]
    assert "already a task" in report.lines[1].problem
    assert [task.key for task in board.list_tasks(board_repo)] == ["a"]
    assert TaskPathRow.select().count() == 0
