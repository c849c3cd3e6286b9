"""The table of workers is readable in every width: *Now* first, then the rest from its content."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gui.workers.columns import LEAST_NOW, WorkersTable
from gui.workers.table import COLUMNS, LAST_SIGN, NOW, SKILLS, TIME, WORKER, WorkersModel
from gui.workers.worker_facts import facts_of
from tests.gui.fakes import make_worker, sample_board

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def table(qtbot: QtBot) -> WorkersTable:
    made = WorkersTable()
    qtbot.addWidget(made)
    model = WorkersModel()
    model.setParent(made)
    made.setModel(model)
    made.follow_model()
    model.show_rows(facts_of(sample_board()))
    made.show()
    return made


def shown(table: WorkersTable) -> list[int]:
    return [column for column in range(len(COLUMNS)) if not table.isColumnHidden(column)]


@pytest.mark.parametrize("width", [720, 884, 1096, 1736])
def test_what_a_worker_does_now_always_has_room(table: WorkersTable, width: int) -> None:
    table.resize(width, 400)

    assert table.columnWidth(NOW) >= LEAST_NOW
    assert {WORKER, TIME} <= set(shown(table))
    assert sum(table.columnWidth(column) for column in shown(table)) <= width


def test_the_last_sign_goes_first_and_comes_back(table: WorkersTable) -> None:
    table.resize(1736, 400)
    assert shown(table) == list(range(len(COLUMNS)))

    for width in range(1400, 600, -20):
        table.resize(width, 400)
        if table.isColumnHidden(SKILLS):
            assert table.isColumnHidden(LAST_SIGN)
    table.resize(1736, 400)

    assert shown(table) == list(range(len(COLUMNS)))


def test_a_longer_text_widens_its_column(table: WorkersTable) -> None:
    table.resize(1736, 400)
    before = table.columnWidth(SKILLS)
    view = sample_board()
    skilled = replace(view.workers[0], skills=("rust", "kubernetes"))

    model = table.model()
    assert isinstance(model, WorkersModel)
    model.show_rows(facts_of(replace(view, workers=(skilled, make_worker("agent-x")))))

    assert table.columnWidth(SKILLS) > before


def test_what_changed_out_of_sight_is_measured_when_it_is_shown(table: WorkersTable) -> None:
    table.resize(1736, 400)
    before = table.columnWidth(SKILLS)
    table.hide()
    worker = make_worker("agent-x", skills=("a-skill-with-a-long-name", "and-another"))
    model = table.model()
    assert isinstance(model, WorkersModel)

    model.show_rows(facts_of(sample_board(workers=(worker,))))
    out_of_sight = table.columnWidth(SKILLS)
    table.show()

    assert out_of_sight == before
    assert table.columnWidth(SKILLS) > before
