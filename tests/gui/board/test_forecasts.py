from __future__ import annotations

from core.domain.overview import Waiting
from core.domain.task import TaskStatus
from gui.board.cards import make_cards
from tests.gui.fakes import make_task, sample_board

AHEAD = "Likely to meet shop-2 in cart.py (0.8)"


def test_what_a_task_may_meet_is_its_line_unless_it_waits_for_something() -> None:
    free = make_task("shop-1", "Free", TaskStatus.BACKLOG)
    held = make_task("shop-3", "Held", TaskStatus.BACKLOG)
    begun = make_task("shop-4", "Begun", TaskStatus.CLAIMED)
    waiting = (Waiting("shop-3", ("Waits for shop-1.",)),)
    view = sample_board(tasks=(free, held, begun), waiting=waiting, runs=())

    cards = make_cards(view, {}, {task.key: (AHEAD,) for task in (free, held, begun)})

    first, second = cards[TaskStatus.BACKLOG]
    assert (first.reason, first.mark) == (AHEAD, "warning")
    assert second.reasons == ("Waits for shop-1.", AHEAD)
    assert second.mark == "wait"
    assert cards[TaskStatus.CLAIMED][0].reasons == ()
