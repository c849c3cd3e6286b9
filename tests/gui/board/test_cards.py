"""What a card says in its small line."""

from __future__ import annotations

import pytest

from core.domain.task import TaskStatus
from gui.board.cards import Card, meta_line
from tests.gui.fakes import NOW, make_task, minutes


@pytest.mark.parametrize(
    ("landed", "line"),
    [("f" * 40, "merged 2 min ago"), (None, "done 19 min ago")],
)
def test_the_end_of_the_work_is_not_called_the_time_of_the_merge(
    landed: str | None, line: str
) -> None:
    task = make_task(
        "issue-2",
        "Logs",
        TaskStatus.DONE,
        completed_at=minutes(19),
        landed_commit=landed,
        landed_at=minutes(2) if landed else None,
    )

    assert meta_line(Card(task), NOW) == line
