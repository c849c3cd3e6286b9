from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gui.async_slots import cancel_all
from gui.conflicts.page import ConflictsPage
from gui.widgets.message_bar import MessageBar
from tests.gui.conflicts import samples
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from core.domain.conflict import FileSides
    from tests.gui.conftest import Complete


def _sides(a: str, b: str | None, path: str) -> FileSides:
    del a, b
    return samples.sides(path)


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(
        answers={
            "compute_matrix": (samples.storefront(), samples.board()),
            "read_sides": _sides,
            "ask_branch_agent": True,
            "follow_matrix": None,
            "predict": {"issue-12": (samples.AHEAD,)},
            "read_dependencies": (),
            "set_dependencies": None,
            "open_dispute": samples.dispute,
            "bring_base_in": samples.brought("issue-3"),
            "take_back": samples.taken_back("issue-3"),
            "commit_decisions": samples.brought("issue-4", "issue-5"),
            "resolve_in_tool": samples.brought("issue-4", "issue-5"),
        }
    )


@pytest.fixture
def message_bar(qtbot: QtBot) -> MessageBar:
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def empty_page(
    qtbot: QtBot,
    qt_loop: QEventLoop,
    complete: Complete,
    client: RecordingClient,
    message_bar: MessageBar,
) -> Iterator[ConflictsPage]:
    """The page, shown, before anything was computed."""
    made = ConflictsPage(client, message_bar)
    qtbot.addWidget(made)
    made.resize(1100, 760)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    made.feed.pacer.stop()
    yield made
    made.hide()
    made.feed.pacer.stop()
    made.forecast.pacer.stop()
    complete(cancel_all())


@pytest.fixture
def page(qtbot: QtBot, empty_page: ConflictsPage) -> ConflictsPage:
    """The page with the storefront's matrix and the worst pair's first file."""
    empty_page.recheck.click()
    qtbot.waitUntil(lambda: "Hunk" in empty_page.pair.hunk_text())
    empty_page.feed.pacer.stop()
    return empty_page
