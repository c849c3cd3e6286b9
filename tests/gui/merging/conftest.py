from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.async_slots import cancel_all
from gui.merging.page import MergePage
from gui.widgets.message_bar import MessageBar
from tests.gui.merging import samples
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from core.domain.plan import MergePlan
    from gui.merging.requests import Wish
    from tests.gui.conftest import Complete


def _planned(wish: Wish, *, progress: object) -> MergePlan:
    del progress
    return samples.plan(*(wish.keys if wish.ordered else ()))


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(
        answers={
            "read_start": samples.START,
            "plan_merge": _planned,
            "read_stamp": "as it was",
            "merge": samples.RESULT,
            "undo_merge": samples.UNDONE,
            "read_log": samples.LOG,
            "read_tidy": samples.LANDED_WORKTREES,
            "tidy_up": samples.TIDIED,
        }
    )


@pytest.fixture
def message_bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def page(
    qtbot: QtBot,
    qt_loop: QEventLoop,
    complete: Complete,
    client: RecordingClient,
    message_bar: MessageBar,
) -> Iterator[MergePage]:
    """The wizard on its first page, shown, with the board read."""
    made = MergePage(client, message_bar)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    complete(made.refresh())
    made.conductor.pacer.stop()
    yield made
    made.hide()
    made.conductor.pacer.stop()
    complete(cancel_all())
