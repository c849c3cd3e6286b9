"""What an agent asks is answered on its card, in the transcript, by button or in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from core.domain.question import OptionKind, Question, QuestionKind, QuestionOption
from core.domain.run import RunStatus
from gui.task_drag import DragSession
from gui.widgets.button import Button
from gui.workers.answer_bar import AnswerBar
from gui.workers.strip import WorkerStrip
from gui.workers.worker_facts import amount
from tests.gui.fakes import NOW, make_worker, sample_board

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

OPTIONS = (
    QuestionOption("allow", "Allow once", OptionKind.ALLOW_ONCE),
    QuestionOption("always", "Always for this run", OptionKind.ALLOW_ALWAYS),
    QuestionOption("deny", "Deny", OptionKind.DENY),
)


def question(run: str = "run-2", *, options: tuple[QuestionOption, ...] = OPTIONS) -> Question:
    return Question(
        id=7,
        run=run,
        task="issue-7",
        worker="agent-codex-1",
        kind=QuestionKind.PERMISSION if options else QuestionKind.QUESTION,
        title="Run “npm install zod”?",
        detail="npm install zod",
        options=options,
        asked_at=NOW,
    )


def asking_run() -> str:
    view = sample_board()
    return next(run.id for run in view.runs if run.status is RunStatus.WAITING)


@pytest.fixture
def strip(qtbot: QtBot) -> WorkerStrip:
    made = WorkerStrip(DragSession())
    qtbot.addWidget(made)
    made.resize(1300, 120)
    made.show_board(sample_board(questions=(question(asking_run()),)))
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_card_shows_the_question_and_its_answers(strip: WorkerStrip) -> None:
    card = strip.cards["agent-codex-1"]

    assert card.line() == "Run “npm install zod”?"
    assert card.answers.isVisible()
    assert [button.text() for button in card.answers.buttons] == ["Allow", "Always", "Deny"]
    assert not strip.cards["agent-claude-1"].answers.isVisible()


def test_an_answer_goes_out_once(strip: WorkerStrip, qtbot: QtBot) -> None:
    given: list[tuple[Question, str]] = []
    strip.answered.connect(lambda asked, answer: given.append((asked, answer)))
    deny = strip.cards["agent-codex-1"].answers.buttons[2]

    QTest.mouseClick(deny, Qt.MouseButton.LeftButton)
    QTest.mouseClick(deny, Qt.MouseButton.LeftButton)

    assert [(asked.id, answer) for asked, answer in given] == [(7, "deny")]


def test_an_answer_that_could_not_be_taken_can_be_given_again(strip: WorkerStrip) -> None:
    answers = strip.cards["agent-codex-1"].answers
    answers.buttons[0].click()

    strip.answer_again(question(asking_run()))

    assert all(button.isEnabled() for button in answers.buttons)


def test_once_it_is_answered_the_card_is_as_before(strip: WorkerStrip) -> None:
    strip.show_board(sample_board())

    card = strip.cards["agent-codex-1"]
    assert not card.answers.isVisible()
    assert card.answers.question is None


def test_words_answer_a_question_without_options(qtbot: QtBot) -> None:
    bar = AnswerBar()
    qtbot.addWidget(bar)
    bar.show_question(question(options=()))
    bar.show()
    given: list[str] = []
    bar.answered.connect(lambda _asked, answer: given.append(answer))

    QTest.keyClicks(bar.field, "   ")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    QTest.keyClicks(bar.field, "use pnpm")
    QTest.keyClick(bar.field, Qt.Key.Key_Return)

    assert given == ["use pnpm"]


def test_a_half_written_answer_survives_news_of_the_board(qtbot: QtBot) -> None:
    bar = AnswerBar()
    qtbot.addWidget(bar)
    bar.show_question(question(options=()))
    QTest.keyClicks(bar.field, "use pn")

    bar.show_question(question(options=()))

    assert bar.field.text() == "use pn"


def test_the_keyboard_reaches_the_answers_and_the_other_buttons(strip: WorkerStrip) -> None:
    card = strip.cards["agent-codex-1"]
    card.answers.take_focus(Qt.FocusReason.TabFocusReason)

    assert card.answers.has_focus()
    card.buttons.take_focus(Qt.FocusReason.TabFocusReason)
    assert not card.answers.isVisible()  # the buttons are painted in its place


@pytest.mark.parametrize(
    ("number", "words"), [(0, "0"), (999, "999"), (12_400, "12k"), (1_250_000, "1.2M")]
)
def test_amounts_are_short(number: int, words: str) -> None:
    assert amount(number) == words


def test_a_question_that_comes_under_the_pointer_takes_no_click_meant_for_another(
    strip: WorkerStrip, qtbot: QtBot
) -> None:
    given: list[tuple[Question, str]] = []
    strip.answered.connect(lambda asked, answer: given.append((asked, answer)))
    card = strip.cards["agent-codex-1"]
    spot = card.mapTo(strip, card.rect().center())
    QTest.mouseMove(strip.windowHandle(), spot)
    qtbot.waitUntil(card.underMouse)
    other = replace(question(asking_run()), id=8, title="Run “rm -rf node_modules”?")

    strip.show_board(sample_board(questions=(other,)))
    allow = card.answers.buttons[0]
    QTest.mouseClick(allow, Qt.MouseButton.LeftButton)

    assert given == []
    qtbot.waitUntil(allow.isEnabled)
    QTest.mouseClick(allow, Qt.MouseButton.LeftButton)
    assert [asked.id for asked, _ in given] == [8]


def test_the_tip_of_the_card_has_the_whole_question(strip: WorkerStrip) -> None:
    told = strip.cards["agent-codex-1"].toolTip().splitlines()

    assert told[:2] == ["Run “npm install zod”?", "npm install zod"]


def test_tab_comes_to_each_answer_before_the_buttons_of_the_card(strip: WorkerStrip) -> None:
    cards = strip.cards
    cards["agent-claude-1"].buttons.take_focus(Qt.FocusReason.TabFocusReason)
    asking = cards["agent-codex-1"]
    passed: list[str] = []

    for _ in range(5):
        strip.focusNextPrevChild(True)
        focused = strip.focusWidget()
        assert isinstance(focused, Button)
        passed.append(focused.accessibleName() or focused.text())

    assert passed == ["Allow", "Always", "Deny", "View", "View"]
    assert cards["agent-gemini-1"].buttons.has_focus()
    for _ in range(2):
        strip.focusNextPrevChild(False)
    assert asking.answers.buttons[2].hasFocus()
    assert asking.answers.isVisible()


def test_an_answer_by_key_leaves_the_keyboard_at_its_card(strip: WorkerStrip) -> None:
    card = strip.cards["agent-codex-1"]
    card.answers.take_focus(Qt.FocusReason.TabFocusReason)

    QTest.keyClick(card.answers.buttons[0], Qt.Key.Key_Space)
    strip.show_board(sample_board())

    assert card.buttons.has_focus()


def test_the_next_question_is_not_hidden_by_the_buttons_of_its_card(qtbot: QtBot) -> None:
    strip = WorkerStrip(DragSession())
    qtbot.addWidget(strip)
    strip.resize(1300, 120)
    in_words = question(asking_run(), options=())
    strip.show_board(sample_board(questions=(in_words,)))
    with qtbot.waitExposed(strip):
        strip.show()
    strip.activateWindow()
    answers = strip.cards["agent-codex-1"].answers
    answers.field.setFocus(Qt.FocusReason.MouseFocusReason)

    QTest.keyClicks(answers.field, "half even")
    QTest.keyClick(answers.field, Qt.Key.Key_Return)
    strip.show_board(sample_board())
    strip.show_board(sample_board(questions=(replace(in_words, id=8),)))

    assert strip.cards["agent-codex-1"].buttons.has_focus()
    assert answers.isVisible()


def test_a_right_click_offers_what_the_answers_have_taken_the_place_of(
    strip: WorkerStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMenu, "popup", lambda *_: None)  # no screen to grab the keyboard of
    asked: list[tuple[str, str]] = []
    strip.asked.connect(lambda worker, action: asked.append((worker, action)))
    card = strip.cards["agent-codex-1"]
    spot = card.rect().center()

    QApplication.sendEvent(
        card,
        QContextMenuEvent(QContextMenuEvent.Reason.Mouse, spot, card.mapToGlobal(spot)),
    )

    menu = card.menu()
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["View", "Pause", "Abort", "Merge"]
    menu.actions()[2].trigger()
    assert asked == [("agent-codex-1", "Abort")]


def test_answers_that_move_under_the_pointer_take_no_click_at_first(
    strip: WorkerStrip, qtbot: QtBot
) -> None:
    card = strip.cards["agent-codex-1"]
    QTest.mouseMove(strip.windowHandle(), card.mapTo(strip, card.rect().center()))
    qtbot.waitUntil(strip.underMouse)
    view = sample_board(questions=(question(asking_run()),))

    strip.show_board(replace(view, workers=(make_worker("agent-new"), *view.workers)))

    assert not any(button.isEnabled() for button in card.answers.buttons)
    qtbot.waitUntil(lambda: all(button.isEnabled() for button in card.answers.buttons))
