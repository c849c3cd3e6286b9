"""Every event of coordination has a sentence; none shows a hole where a fact is missing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import core
from core.domain.event import Event
from gui.coordination_sentences import SENTENCES
from gui.event_sentences import tell
from tests.gui.fakes import NOW


def event(kind: str, **data: Any) -> Event:
    return Event(1, NOW, kind, "/r", "task-4", "agent-ada", "run-1", "person", data)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (event("lock.taken", paths=["a.py", "b.py"]), "agent-ada locked a.py and b.py for task-4"),
        (
            event("task.overlap", sentence="ana changes a.py for task-5 too."),
            "task-4: ana changes a.py for task-5 too.",
        ),
        (
            event("task.stolen", owner="agent-bo", why="agent-bo did not start it for 9 min."),
            "task-4 went from agent-bo to agent-ada: agent-bo did not start it for 9 min.",
        ),
        (event("question.asked", title="Run npm?"), "agent-ada asks: Run npm?"),
        (event("dispatch.paused"), "You paused the dispatcher"),
        (
            event("lock.taken", paths=[f"{n}.py" for n in range(9)]),
            "agent-ada locked 0.py, 1.py, 2.py and 6 more for task-4",
        ),
        (event("task.waits"), "task-4 waits"),
    ],
)
def test_facts_are_filled_in(told: Event, sentence: str) -> None:
    assert tell(told).sentence == sentence


@pytest.mark.parametrize("kind", sorted(SENTENCES))
def test_without_its_facts_a_sentence_is_still_one(kind: str) -> None:
    said = tell(event(kind)).sentence

    assert "{" not in said
    assert "None" not in said


def test_each_sentence_is_of_a_kind_that_the_engine_records() -> None:
    text = "".join(
        file.read_text(encoding="utf-8") for file in Path(core.__file__).parent.rglob("*.py")
    )
    known = set(re.findall(r'"([a-z]+\.[a-z_]+)"', text))
    built = {"task.undeclared", "task.overlap", "task.unguarded", "run.retry", "stage.started"}

    assert set(SENTENCES) - known - built == set()
