"""Code is read with its numbers, its tints and colours, and only what is in sight costs."""

import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.theme.theme import Theme
from gui.theme.tokens import DARK, LIGHT, Tone
from gui.widgets.code_view import LINE_HEIGHT, STRETCH, CodeLine, CodeView
from gui.widgets.syntax import colored_spans, lexer_for

CODE = ["def total(cart):", "    return 3  # all", "", "class Tax: pass"]


@pytest.fixture
def view(qtbot: QtBot) -> CodeView:
    made = CodeView("Ours")
    made.resize(500, 200)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def colored_lines(view: CodeView) -> int:
    document = view.document()
    blocks = [document.findBlockByNumber(i) for i in range(document.blockCount())]
    return sum(bool(block.layout().formats()) for block in blocks)


def test_lines_stand_at_one_distance_and_tints_reach_across(view: CodeView) -> None:
    tints = [None, Tone.OK, None, Tone.BAD]
    numbered = zip(CODE, tints, strict=True)
    view.show_lines([CodeLine(t, 40 + i, tint) for i, (t, tint) in enumerate(numbered)], "a.py")

    rects = [rect for _, rect in view.visible_lines()]
    image = view.viewport().grab().toImage()

    assert [b.top() - a.top() for a, b in itertools.pairwise(rects)] == [LINE_HEIGHT] * 3
    assert image.pixelColor(450, rects[1].center().y()) == LIGHT.ok_ground
    assert image.pixelColor(450, rects[3].center().y()) == LIGHT.bad_ground
    assert image.pixelColor(450, rects[0].center().y()) == LIGHT.bg


def test_a_view_of_its_content_height_need_not_scroll(view: CodeView, qtbot: QtBot) -> None:
    view.show_lines([CodeLine(text, number) for number, text in enumerate(CODE, start=1)])

    view.setFixedHeight(view.content_height())

    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() == 0)


def test_only_what_is_in_sight_is_coloured(view: CodeView) -> None:
    view.show_text("\n".join(f"value_{i} = {i}" for i in range(2_000)), "a.py")
    assert colored_lines(view) == STRETCH

    view.verticalScrollBar().setValue(1_550)

    assert colored_lines(view) == 2 * STRETCH


def test_lines_without_numbers_have_no_gutter(view: CodeView) -> None:
    view.show_lines([CodeLine("diff")])
    assert view.gutter_width() == 0

    view.show_text("one\ntwo", first_number=998)
    assert view.gutter_width() > 0


def test_a_scheme_change_colours_the_code_anew(
    view: CodeView, dressed: Theme, qtbot: QtBot
) -> None:
    view.show_text("return 3", "a.py")

    dressed.choose("dark")
    qtbot.waitUntil(lambda: dressed.is_worn)

    first = view.document().firstBlock().layout().formats()[0]
    assert first.format.foreground().color() == DARK.wait


def test_the_text_can_be_copied_but_not_changed(view: CodeView) -> None:
    view.show_text("\n".join(CODE), "a.py")

    QTest.keyClicks(view, "x")

    assert view.toPlainText() == "\n".join(CODE)
    assert view.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse


def test_spans_tell_line_column_and_colour() -> None:
    spans = colored_spans(lexer_for("a.py"), CODE, LIGHT)

    named = [[(start, length, QColor.name(color)) for start, length, color in row] for row in spans]
    assert (0, 3, LIGHT.wait.name()) in named[0]
    assert (4, 5, LIGHT.accent.name()) in named[0]
    assert (11, 1, LIGHT.warn.name()) in named[1]
    assert (14, 5, LIGHT.muted.name()) in named[1]
    assert named[2] == []


def test_an_unknown_kind_of_file_is_plain_text() -> None:
    assert colored_spans(lexer_for("notes.unheard-of"), ["return 3"], LIGHT) == [[]]


def test_spans_count_as_qt_counts() -> None:
    spans = colored_spans(lexer_for("a.py"), ['x = "\N{PARTY POPPER}"  # why'], LIGHT)

    assert [(start, length) for start, length, _ in spans[0]] == [(4, 1), (5, 2), (7, 1), (10, 5)]
