"""The board is read after news, once at a time, and not forgotten when news comes meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from core.errors import UserError
from gui.event_bridge import BoardFeed
from gui.widgets.message_bar import MessageBar
from tests.gui.fakes import sample_board
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(answers={"board": sample_board(), "_cards": {}})


@pytest.fixture
def message_bar(qtbot: QtBot) -> MessageBar:
    made = MessageBar()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def feed(
    qt_loop: QEventLoop, client: RecordingClient, message_bar: MessageBar
) -> Iterator[BoardFeed]:
    made = BoardFeed(client, message_bar)
    yield made
    made.stop()


@pytest.mark.parametrize("refresh", ["refresh", "refresh_calmly", "refresh_now"])
def test_the_board_is_read_after_news(
    feed: BoardFeed, client: RecordingClient, qtbot: QtBot, refresh: str
) -> None:
    getattr(feed, refresh)()

    qtbot.waitUntil(lambda: feed.view is not None)
    assert len(client.named("board")) == 1


def test_words_do_not_put_off_what_is_news(
    feed: BoardFeed, client: RecordingClient, qtbot: QtBot
) -> None:
    for _ in range(3):
        feed.refresh_calmly()
        feed.refresh()
        feed.refresh_calmly()

    qtbot.waitUntil(lambda: feed.view is not None)
    assert len(client.named("board")) == 1


def test_news_while_the_board_is_read_is_read_afterwards(
    feed: BoardFeed, client: RecordingClient, qtbot: QtBot
) -> None:
    def while_it_is_read(*_: Any) -> Any:
        if len(client.named("board")) == 1:
            feed.refresh_calmly()
            feed.refresh()
        return sample_board()

    client.answers["board"] = while_it_is_read
    feed.refresh_now()

    qtbot.waitUntil(lambda: len(client.named("board")) == 2)


def test_after_a_failure_it_goes_on(
    feed: BoardFeed, client: RecordingClient, message_bar: MessageBar, qtbot: QtBot
) -> None:
    client.answers["board"] = UserError("The disk is gone.")
    feed.refresh_now()
    qtbot.waitUntil(lambda: not message_bar.isHidden())
    client.answers["board"] = sample_board()

    feed.refresh()

    qtbot.waitUntil(lambda: feed.view is not None)


def test_a_failure_is_told_once_and_taken_back_when_it_is_over(
    feed: BoardFeed, client: RecordingClient, message_bar: MessageBar, qtbot: QtBot
) -> None:
    client.answers["board"] = UserError("The disk is gone.")
    feed.refresh_now()
    qtbot.waitUntil(lambda: not message_bar.isHidden())
    message_bar.dismiss()

    feed.refresh_now()
    qtbot.waitUntil(lambda: len(client.named("board")) == 2)
    qtbot.waitUntil(lambda: not feed.is_reading)
    assert message_bar.isHidden()

    client.answers["board"] = UserError("The folder is gone.")
    feed.refresh_now()
    qtbot.waitUntil(lambda: not message_bar.isHidden())
    client.answers["board"] = sample_board()
    feed.refresh_now()
    qtbot.waitUntil(lambda: feed.view is not None)
    qtbot.waitUntil(message_bar.isHidden)


def test_what_somebody_else_said_stays_when_a_failure_is_over(
    feed: BoardFeed, client: RecordingClient, message_bar: MessageBar, qtbot: QtBot
) -> None:
    client.answers["board"] = UserError("The disk is gone.")
    feed.refresh_now()
    qtbot.waitUntil(lambda: not message_bar.isHidden())
    message_bar.show_message("Remove issue-4?", "It leaves the board.")

    client.answers["board"] = sample_board()
    feed.refresh_now()

    qtbot.waitUntil(lambda: feed.view is not None and not feed.is_reading)
    assert message_bar.text() == "Remove issue-4?"
    assert not message_bar.isHidden()
