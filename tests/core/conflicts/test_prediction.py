"""Before anybody begins: who will meet whom, where, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.conflicts.likely_files import PastWork, words_of
from core.conflicts.matrix import conflict_matrix
from core.conflicts.prediction import LEAST_SURE, expected_files, meetings, predict_meetings
from core.domain.prediction import Intent, Meeting
from core.git.history import PastCommit
from tests.core.conflicts.zoo import contender, registered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scenarios import Repo

PAST = (
    [PastCommit("round invoice totals half up", ("src/totals.py", "tests/test_totals.py"))] * 6
    + [PastCommit("cache the login session", ("src/session.py",))] * 3
    + [PastCommit(f"page {n} of the manual", (f"docs/page{n}.md",)) for n in range(40)]
    + [PastCommit("reformat everything", tuple(f"docs/page{n}.md" for n in range(45)))]
)
PRESENT = frozenset(path for commit in PAST for path in commit.paths)


@pytest.fixture(scope="module")
def past() -> PastWork:
    return PastWork(PAST, PRESENT)


def met(past: PastWork, *intents: Intent) -> Mapping[str, tuple[Meeting, ...]]:
    expected = {one.task: expected_files(one, past, PRESENT) for one in intents}
    return meetings(intents, expected, frozenset(one.task for one in intents if one.changed))


def test_a_declared_file_that_another_changes_now_is_told_in_one_sentence(past: PastWork) -> None:
    waiting = Intent("task-9", "Totals", files=("src/totals.py",))
    running = Intent("task-4", "Rounding", changed=("src/totals.py",))

    found = met(past, waiting, running)

    assert list(found) == ["task-9"]
    (meeting,) = found["task-9"]
    assert meeting.sentence == "Likely to meet task-4 in src/totals.py (0.9)"
    assert meeting.under_way


def test_without_declared_files_past_commits_with_such_words_suggest_them(past: PastWork) -> None:
    waiting = Intent("a", "Invoice totals are rounded wrongly")
    running = Intent("b", "Other", changed=("src/totals.py",))
    apart = Intent("c", "Manual", changed=("docs/page3.md",))

    (meeting,) = met(past, waiting, running, apart)["a"]

    assert (meeting.other, meeting.path) == ("b", "src/totals.py")
    assert LEAST_SURE <= meeting.sure < 0.9
    assert meeting.why == "past commits with such words changed it"


def test_a_file_that_is_often_changed_with_a_declared_one_counts_too(past: PastWork) -> None:
    waiting = Intent("a", "Anything", files=("src/totals.py",))
    running = Intent("b", "Tests", changed=("tests/test_totals.py",))

    (meeting,) = met(past, waiting, running)["a"]

    assert meeting.path == "tests/test_totals.py"
    assert meeting.why == "it is often changed with src/totals.py"


def test_two_that_wait_meet_in_both_directions_and_a_new_file_counts(past: PastWork) -> None:
    one = Intent("a", "One", files=("src/new.py", "src/session.py"))
    other = Intent("b", "Other", files=("src/new.py", "src/session.py"))

    found = met(past, one, other)

    assert [m.other for m in found["a"]] == ["b"]
    assert found["b"][0].sentence == "Likely to meet a in src/new.py and 1 more file (0.8)"
    assert not found["b"][0].under_way


def test_globs_that_may_name_one_file_may_meet(past: PastWork) -> None:
    found = met(past, Intent("a", "A", files=("lib/**",)), Intent("b", "B", files=("lib/*.c",)))

    assert found["a"][0].sentence == "May meet b in lib/** (0.4)"


def test_a_broad_glob_still_meets_what_is_changed_below_it(past: PastWork) -> None:
    running = Intent("b", "B", changed=("docs/page7.md",))

    (meeting,) = met(past, Intent("a", "A", files=("docs/**",)), running)["a"]

    assert meeting.sentence == "May meet b in docs/page7.md (0.3)"


def test_a_task_does_not_meet_what_it_waits_for(past: PastWork) -> None:
    first = Intent("a", "A", files=("src/totals.py",))
    second = Intent("b", "B", files=("src/totals.py",), depends_on=("a",))
    third = Intent("c", "C", files=("src/totals.py",), depends_on=("b",))

    assert met(past, first, second, third) == {"a": (), "b": (), "c": ()}


def test_nothing_is_suggested_from_nothing() -> None:
    empty = PastWork([], frozenset())

    assert expected_files(Intent("a", "Totals"), empty, frozenset()) == {}
    assert words_of("Fix the renderHTMLTables in row_cache") == [
        "render",
        "html",
        "tabl",
        "row",
        "cache",
    ]


def write_history(repo: Repo) -> None:
    """Eight commits about one thing among eighty others, by one process."""
    parent = repo.head()
    stream = ""
    for number in range(88):
        odd = number % 11 == 0
        subject = "exchange rates of the bank" if odd else f"other work {number}"
        paths = ("rates.py", '"b\\303\\244nk\\n.py"') if odd else (f"other{number}.py",)
        stream += f"commit refs/heads/main\ncommitter C <c@d> {number} +0000\n"
        stream += f"data {len(subject)}\n{subject}\n" + f"from {parent}\n" * (not number)
        for path in paths:
            stream += f"M 100644 inline {path}\ndata 3\n{number:03}\n"
    repo.git("switch", "--quiet", "--detach")
    repo.git("fast-import", "--quiet", stdin=stream)
    repo.git("switch", "--quiet", "main")


async def test_it_reads_the_history_of_the_base_and_what_branches_really_change(
    repo: Repo,
) -> None:
    write_history(repo)
    repo.branch("running")
    repo.commit("work", {"rates.py": "mine\n", "bänk\n.py": "mine\n"})
    repo.switch("main")
    matrix = await conflict_matrix(registered(repo), [contender("running")])
    title = "Exchange rates of the bank are stale"

    found = await predict_meetings(
        registered(repo), [Intent("waiting", title), Intent("running", "Anything")], matrix
    )

    (meeting,) = found["waiting"]
    assert (meeting.other, meeting.path, meeting.under_way) == ("running", "rates.py", True)
    assert meeting.more == 1
