"""The form that registers a worker offers what can run, and says what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from core.domain.overview import AgentChoice
from core.errors import UserError
from gui.widgets.pill import Pill
from gui.workers.form import HUMAN, WorkerForm
from tests.gui.fakes import make_worker
from tests.gui.recording_client import RecordingClient

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot
    from qasync import QEventLoop

    from gui.widgets.message_bar import MessageBar

CHOICES = (
    AgentChoice("scripted", "Scripted", "scripted", ""),
    AgentChoice("claude", "Claude Code", "claude", "The program 'claude' is not installed."),
)


@pytest.fixture
def client() -> RecordingClient:
    return RecordingClient(
        answers={"agent_choices": CHOICES, "worker_add": make_worker("agent-scripted-2")}
    )


@pytest.fixture
def form(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, message_bar: MessageBar
) -> WorkerForm:
    made = WorkerForm(client, message_bar, ["agent-scripted-1", "human-ana"])
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: len(made.profiles.buttons()) == 2)
    return made


def test_what_cannot_run_cannot_be_chosen_and_says_why(form: WorkerForm) -> None:
    ready, missing = form.profiles.buttons()

    assert ready.isChecked()
    assert not missing.isEnabled()
    assert missing.accessibleDescription() == "The program 'claude' is not installed."


def test_a_free_name_is_offered_and_the_worker_registered(
    form: WorkerForm, client: RecordingClient, qtbot: QtBot
) -> None:
    assert form.name.text() == "agent-scripted-2"

    with qtbot.waitSignal(form.finished):
        form.add.click()

    call = client.named("worker_add")[0]
    assert call.args == ("agent-scripted-2",)
    assert call.kwargs == {"type": "agent", "skill": (), "agent": "scripted"}


def test_a_person_needs_no_profile(form: WorkerForm, client: RecordingClient, qtbot: QtBot) -> None:
    form.kind.segment(HUMAN).click()
    form.name.setText("human-bo")
    form.skills.setText("python, docs")

    with qtbot.waitSignal(form.finished):
        form.add.click()

    assert client.named("worker_add")[0].kwargs == {
        "type": "human",
        "skill": ("python", "docs"),
        "agent": None,
    }


@pytest.mark.parametrize("name", ["", "human-ana", "-x", "a b"])
def test_a_name_that_cannot_be_is_refused_at_its_field(
    form: WorkerForm, client: RecordingClient, qtbot: QtBot, name: str
) -> None:
    form.name.setText(name)

    form.add.click()

    qtbot.waitUntil(lambda: form.name.property("invalid") is True)
    assert client.named("worker_add") == []


def test_what_the_engine_refuses_is_told_and_the_form_stays(
    form: WorkerForm, client: RecordingClient, message_bar: MessageBar, qtbot: QtBot
) -> None:
    client.answers["worker_add"] = UserError("There are enough workers.", hint="Remove one.")

    form.add.click()

    qtbot.waitUntil(lambda: not message_bar.isHidden())
    assert message_bar.text() == "Add worker: There are enough workers."


def test_an_open_profile_is_marked_as_such_whether_it_may_run_or_not(
    qtbot: QtBot, qt_loop: QEventLoop, client: RecordingClient, message_bar: MessageBar
) -> None:
    client.answers["agent_choices"] = (
        AgentChoice("bold", "Bold", "command", "", "open"),
        AgentChoice("wild", "Wild", "command", "It is not allowed here.", "open"),
    )
    form = WorkerForm(client, message_bar, [])
    qtbot.addWidget(form)
    qtbot.waitUntil(lambda: len(form.profiles.buttons()) == 2)

    assert [pill.text() for pill in form.findChildren(Pill)] == ["open", "open"]
