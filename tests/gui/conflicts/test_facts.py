from __future__ import annotations

import pytest

from core.domain.conflict import ConflictedFile, FileSides, Hunk, HunkText
from gui.conflicts.cost import cost_of
from gui.conflicts.facts import BoardFacts, MatrixFacts
from gui.conflicts.hunk_lines import FILLER, TINT, columns_of
from gui.conflicts.verdicts import card_verdicts
from gui.conflicts.words import hunk_words, kind_words, place_of, short_labels
from gui.widgets.prose import Strong, Word
from tests.gui.conflicts import samples

STORE = MatrixFacts(samples.storefront())
BOARD = BoardFacts.of(samples.board())


def said(words: tuple[Word, ...]) -> str:
    return "".join(word if isinstance(word, str) else word.text for word in words)


@pytest.mark.parametrize(
    ("keys", "labels"),
    [
        (["issue-4", "issue-10"], ("4", "10")),
        (["issue-4", "task-4", "SD.1"], ("issue-4", "task-4", "1")),
        (["auth", "issue-3"], ("auth", "3")),
    ],
)
def test_short_labels_stay_distinct(keys: list[str], labels: tuple[str, ...]) -> None:
    assert short_labels(keys) == labels


def test_a_pair_is_found_from_both_sides() -> None:
    assert STORE.meeting(1, 2) == STORE.meeting(2, 1)
    assert STORE.meeting(3, 3) is None


def test_the_last_column_is_the_base() -> None:
    meeting = STORE.meeting(5, 7)

    assert meeting is not None
    assert (meeting.a, meeting.b, meeting.b_task, meeting.count) == ("issue-9", "main", None, 1)


def test_collisions_come_worst_first() -> None:
    assert [(m.a, m.b, m.count) for m in STORE.collisions] == [
        ("issue-4", "issue-5", 3),
        ("issue-5", "issue-9", 2),
        ("issue-7", "issue-10", 1),
        ("issue-9", "main", 1),
    ]


def test_a_branch_that_cannot_be_read_has_no_verdict() -> None:
    facts = MatrixFacts(samples.many(10))

    meeting = facts.between("task-2", "task-9")

    assert not meeting.conflict
    assert meeting.problem == "Its worktree is gone."


def test_a_running_agent_is_cheaper_to_redo_than_a_person() -> None:
    cost = cost_of(STORE.between("issue-4", "issue-5"), STORE, BOARD)

    assert cost.cheaper == "issue-4"
    assert Strong("cheaper") in cost.words
    assert said(cost.words).strip() == (
        "If issue-4 lands first, issue-5 has 4 hunks to redo (a person's work, 6 changed lines)."
        " The other way round, issue-4 has 4 hunks (its agent is still at work,"
        " 7 changed lines): cheaper."
    )


def test_stacked_branches_leave_no_choice() -> None:
    cost = cost_of(STORE.between("issue-7", "issue-10"), STORE, BOARD)

    assert cost.cheaper is None
    assert "issue-10 is built on issue-7" in said(cost.words)


def test_a_conflict_with_the_base_is_the_branch_s_alone() -> None:
    cost = cost_of(STORE.with_base("issue-9"), STORE, BOARD)

    assert cost.cheaper is None
    assert said(cost.words).startswith(" main has moved: issue-9 has 1 hunk to redo")


def test_cards_say_whom_they_meet_and_who_lands_clean() -> None:
    verdicts = card_verdicts(STORE, BOARD)

    assert verdicts["issue-4"].text == "meets issue-5"
    assert verdicts["issue-5"].text == "meets issue-4 +1"
    assert verdicts["issue-9"].tip == "meets issue-5: 2 files\nmeets main: 1 file"
    assert verdicts["issue-3"].text == "lands clean"
    assert "issue-12" not in verdicts


def test_tabs_count_hunks_or_name_the_kind() -> None:
    assert kind_words(samples.PAIR_FILES[0]) == "2"
    assert kind_words(ConflictedFile("a", "modify/delete")) == "· changed × deleted"  # noqa: RUF001
    assert kind_words(ConflictedFile("a", "some new kind")) == "· some new kind"


def test_hunks_are_level_and_numbered_by_their_own_files() -> None:
    columns = columns_of(samples.sides(), 0)

    assert columns.a is not None
    assert columns.b is not None
    assert [line.number for line in columns.a] == list(range(36, 47))
    assert [line.number for line in columns.b] == [36, 37, 38, 39, 40, 41, None, 42, 43, 44, 45]
    assert columns.b[6] is FILLER
    assert [line.text for line in columns.a[7:]] == [line.text for line in columns.b[7:]]
    assert [line.number for line in columns.a if line.tint is TINT] == [40, 41, 42]


def test_a_hunk_on_the_first_line_has_no_context_before_it() -> None:
    hunk = HunkText(Hunk((1, 1), (1, 0), (1, 1)), ("left",), (), ("base",))
    sides = FileSides("a.txt", "contents", "left\nend\n", "end\n", (hunk,))

    columns = columns_of(sides, 0)

    assert columns.a is not None
    assert columns.b is not None
    assert [line.text for line in columns.a] == ["left", "end"]
    assert [line.number for line in columns.b] == [None, 1]


def test_a_deleted_side_has_no_lines() -> None:
    columns = columns_of(samples.sides(samples.GONE), 0)

    assert columns.b is None
    assert columns.a is not None
    assert columns.a[0].text == "def test_total():"


def test_a_hunk_is_told_by_what_both_did_and_where() -> None:
    sides = samples.sides()
    place = sides.hunks[0].place
    gone = HunkText(place, (), ("b",), ("base",))
    added = HunkText(place, ("a",), ("b",), ())

    assert hunk_words(sides, sides.hunks[0], "x", "y") == "both rewrote total()"
    assert hunk_words(sides, gone, "x", "y") == "x removed what y rewrote in total()"
    assert hunk_words(sides, added, "x", "y") == "both added lines in total()"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("async def load(x):\n    a", "load()"),
        ("class Cart(Base):\n    a", "Cart"),
        ("export function total() {\n  a", "total()"),
        ("pub fn total() {\n  a", "total()"),
        ("just text\na", ""),
    ],
)
def test_the_place_is_the_definition_above(text: str, place: str) -> None:
    assert place_of(text, 2) == place
