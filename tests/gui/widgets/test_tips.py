"""What others wrote is shown in tool tips as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument

from core.domain.task import TaskStatus
from gui.board.cards import Card
from gui.board.column_model import ColumnModel
from gui.widgets.label import ElidedLabel
from gui.widgets.tips import plain_tip
from tests.gui.fakes import make_task

if TYPE_CHECKING:
    from tests.gui.widgets.conftest import Show

TITLE = 'Fix <b>bold</b> & <img src="/etc/passwd">'


def shown(tip: str) -> str:
    """Return what a tool tip shows: it is HTML where Qt takes it for some."""
    document = QTextDocument()
    document.setHtml(tip)
    return document.toPlainText()


def test_markup_is_words_and_lines_stay_lines() -> None:
    assert shown(plain_tip(f"issue-1  {TITLE}\n• waits")) == f"issue-1  {TITLE}\n• waits"
    assert plain_tip("1 < 2 & 3 > 2") == "1 < 2 & 3 > 2"


def test_a_label_that_is_cut_off_tells_the_whole_of_it(show: Show) -> None:
    label = ElidedLabel(TITLE)
    show(label, width=90)

    assert shown(label.toolTip()) == TITLE


def test_a_card_tells_its_whole_title() -> None:
    model = ColumnModel(TaskStatus.BACKLOG)
    model.show_cards([Card(make_task("issue-1", TITLE, TaskStatus.BACKLOG))])

    tip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)

    assert TITLE in shown(tip)
