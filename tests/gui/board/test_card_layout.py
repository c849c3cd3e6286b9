"""A card's parts stay inside it and beside each other, whatever they hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QRect

from core.domain.task import TaskStatus
from gui.board.badges import lands_clean, meets
from gui.board.card_layout import GAP, CardLayout
from gui.board.cards import Card
from gui.theme.fonts import LINE_HEIGHTS, TextStyle, metrics
from gui.widgets.wrapping import wrap
from tests.gui.fakes import make_task

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

LONG = "A title that goes on and on, far beyond the two lines that a card has for it, " * 3
pytestmark = pytest.mark.usefixtures("qapp")


def make_card(title: str = "Short", *reasons: str, badges: int = 0, key: str = "task-1") -> Card:
    known = (meets("task-22"), lands_clean(), meets("a-very-long-key-of-a-task"))
    task = make_task(key, title, TaskStatus.BACKLOG, worker="agent-1")
    return Card(task, badges=known[:badges], reasons=reasons)


CARDS = [
    make_card(),
    make_card(LONG),
    make_card(LONG, "Waits for task-2 (agent-claude-1, in progress) and then for a good while."),
    make_card("Two badges", "Needs a guardian's approval.", badges=3),
    make_card("x" * 300, "y" * 300, badges=1, key="k" * 64),
    make_card(""),
]


def lay_out(card: Card, width: int) -> tuple[QRect, CardLayout]:
    row = QRect(5, 100, width, CardLayout.height_of(card, width))
    return row, CardLayout.fit(row, card)


@pytest.mark.parametrize("width", [150, 206, 240, 400])
@pytest.mark.parametrize("card", CARDS)
def test_no_part_overlaps_another_or_leaves_the_card(card: Card, width: int) -> None:
    row, layout = lay_out(card, width)
    parts = [layout.key, layout.avatar, layout.title, layout.meta, layout.mark, layout.reason]
    parts += [place for _, place in layout.badges]
    shown = [part for part in parts if not part.isEmpty()]

    assert all(layout.card.contains(part) for part in shown)
    assert not [pair for pair in combinations(shown, 2) if pair[0].intersects(pair[1])]
    assert row.bottom() - layout.card.bottom() == GAP


def test_a_long_title_has_two_lines_and_an_ellipsis(qapp: QApplication) -> None:
    _, layout = lay_out(make_card(LONG), 220)

    assert len(layout.title_lines) == 2
    assert layout.title_lines[1].endswith("…")


def test_every_line_fits_its_width(qapp: QApplication) -> None:
    for line in wrap(LONG, TextStyle.TEXT, 180, 2):
        assert metrics(TextStyle.TEXT).horizontalAdvance(line) <= 180


def test_a_short_title_is_whole(qapp: QApplication) -> None:
    assert wrap("Short", TextStyle.TEXT, 180, 2) == ("Short",)


def test_a_badge_beside_whom_the_key_would_be_cut_gets_a_row_of_its_own() -> None:
    card = make_card("Short", badges=1, key="PROJECT-1")
    wide, narrow = lay_out(card, 400)[1], lay_out(card, 190)[1]

    assert wide.badges[0][1].left() > wide.key.right()
    assert narrow.badges[0][1].top() >= narrow.key.bottom()
    assert narrow.badges[0][0].text == "meets task-22"
    assert narrow.card.height() > wide.card.height()


def test_a_badge_keeps_the_key_it_names_and_drops_the_word_its_glyph_says() -> None:
    badge = meets("a-key-of-24-characters-x")
    task = make_task("task-1", "Short", TaskStatus.BACKLOG)

    _, layout = lay_out(Card(task, badges=(badge,)), 200)

    assert layout.badges[0][0].text == "a-key-of-24-characters-x"


def test_a_card_with_nothing_to_say_keeps_no_line_for_it() -> None:
    with_meta = replace(make_card().task, estimate_minutes=30)
    plain = CardLayout.height_of(make_card(), 220)

    assert CardLayout.height_of(Card(with_meta), 220) - plain == LINE_HEIGHTS[TextStyle.META] + 4
    assert CardLayout.fit(QRect(0, 0, 220, plain), make_card()).meta.isEmpty()


def test_a_reason_makes_the_card_higher_and_its_absence_leaves_no_gap() -> None:
    without = CardLayout.height_of(make_card(), 220)

    assert CardLayout.height_of(make_card("Short", "Waits."), 220) > without
    assert CardLayout.height_of(make_card(), 400) == without
