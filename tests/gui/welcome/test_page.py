"""The first page: a repository to choose, the demo, and which agents are here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton

from core.domain.overview import AgentChoice
from core.errors import UserError
from gui.welcome.page import WelcomePage
from gui.widgets.button import IconButton
from gui.widgets.message_bar import MessageBar
from tests.gui.fakes import sample_repo
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

CHOICES = (
    AgentChoice("scripted", "Scripted", "scripted", ""),
    AgentChoice(
        "claude",
        "Claude Code",
        "claude",
        "The program 'claude' is not installed; get it with: npm install -g claude.",
        install="npm install -g claude",
    ),
)


@pytest.fixture
def client(tmp_path: Path) -> RecordingClient:
    there = replace(sample_repo(), path=tmp_path)
    return RecordingClient(
        answers={
            "list_repos": (there, replace(sample_repo(), name="gone")),
            "agent_choices": CHOICES,
            "init": there,
            "use_repo": there,
            "make_demo": there,
            "forget_repo": None,
        }
    )


@pytest.fixture
def page(qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient) -> WelcomePage:
    bar = MessageBar()
    qtbot.addWidget(bar)
    made = WelcomePage(client, bar, Path("/srv/new-repo"))
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitUntil(lambda: button(made, "Open storefront") is not None)
    return made


def button(page: WelcomePage, name: str) -> QPushButton | None:
    found = page.findChildren(QPushButton)
    return next((one for one in found if name in (one.accessibleName(), one.text())), None)


def press(page: WelcomePage, name: str) -> None:
    found = button(page, name)
    assert found is not None
    found.click()


def test_the_folder_one_is_in_is_offered_first(
    page: WelcomePage, client: RecordingClient, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.repo_chosen):
        press(page, "Use new-repo")

    assert client.named("init")[0].args == ("/srv/new-repo",)


def test_a_recent_repository_opens_and_one_that_is_gone_does_not(
    page: WelcomePage, client: RecordingClient, qtbot: QtBot
) -> None:
    gone = button(page, "Open gone")
    assert gone is not None
    assert not gone.isEnabled()

    with qtbot.waitSignal(page.repo_chosen):
        press(page, "Open storefront")


def test_the_demo_is_made_and_opened(
    page: WelcomePage, client: RecordingClient, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(page.repo_chosen):
        press(page, "See the demo")


def test_a_folder_that_is_no_repository_is_told(
    page: WelcomePage, client: RecordingClient, qtbot: QtBot
) -> None:
    client.answers["init"] = UserError("/tmp is not in a git repository.", hint="git init")

    page.register("/tmp")

    qtbot.waitUntil(lambda: not page.message_bar.isHidden())
    assert page.message_bar.text() == "Open repository: /tmp is not in a git repository."


def test_where_no_agent_is_installed_the_next_step_is_offered(
    page: WelcomePage, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: button(page, "Settings") is not None)

    with qtbot.waitSignal(page.settings_asked):
        press(page, "Settings")


def test_the_folder_dialog_opens_without_blocking(page: WelcomePage, qtbot: QtBot) -> None:
    page.choose_folder()

    dialog = page.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.close()


def test_what_installs_an_agent_is_shown_whole_and_copied_with_one_click(
    page: WelcomePage, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: bool(page.findChildren(IconButton)))
    shown = [
        label for label in page.findChildren(QLabel) if label.text() == "npm install -g claude"
    ]

    copy = next(
        one
        for one in page.findChildren(IconButton)
        if one.accessibleName() == "Copy the command that installs Claude Code"
    )
    copy.click()

    assert len(shown) == 1
    assert QGuiApplication.clipboard().text() == "npm install -g claude"
    assert page.message_bar.text() == "Copied: npm install -g claude"
