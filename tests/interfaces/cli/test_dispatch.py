"""The dispatcher on the command line: suggestions, proposals, controls, gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.interfaces.cli.blocks import Line
from core.interfaces.cli.render import dispatch

if TYPE_CHECKING:
    from tests.interfaces.cli.conftest import Cli


def prepared(weft: Cli) -> None:
    """Two people, one with a skill of her own, and tasks of three kinds."""
    weft("worker", "add", "ana", "--type", "human", "--skill", "db")
    weft("worker", "add", "ben", "--type", "human")
    weft("task", "add", "Any")
    weft("task", "add", "Query", "--skill", "db")
    weft("task", "add", "First of a chain", "--estimate", "2h")
    weft("task", "add", "Second of a chain", "--estimate", "3h", "--depends", "task-3")


def test_suggestions_say_why_and_who_cannot_says_why_not(weft: Cli) -> None:
    prepared(weft)

    best = weft.json("suggest", "--worker", "ana")
    assert [one["task"] for one in best] == ["task-2", "task-3", "task-1"]
    assert best[0]["why"] == "nobody else has skill db"
    assert best[1]["why"] == "critical path 5 h"

    takers = weft.json("suggest", "task-2")
    assert [(one["worker"], one["reasons"]) for one in takers] == [
        ("ana", []),
        ("ben", ["ben lacks the skill db."]),
    ]
    pairs = {one["worker"]: one["task"] for one in weft.json("suggest")}
    assert set(pairs) == {"ana", "ben"}
    assert len(set(pairs.values())) == 2
    assert weft("suggest", "task-2").rows[1][3] == "ben lacks the skill db."


def test_a_claim_without_a_key_takes_what_suits_best(weft: Cli) -> None:
    prepared(weft)

    assert weft.json("claim", "--worker", "ana")["task"] == "task-2"
    assert weft.json("claim", "--worker", "ben")["task"] == "task-3"


def test_proposals_are_worked_out_and_accepted(weft: Cli) -> None:
    prepared(weft)

    proposed = {one["worker"]: one["task"] for one in weft.json("proposals")}
    assert weft("proposals").err == "Assign one: weft accept TASK; everything: weft accept --all\n"

    claim = weft.json("accept", proposed["ben"])[0]
    assert (claim["worker"], claim["task"]) == ("ben", proposed["ben"])
    assert [one["worker"] for one in weft.json("proposals")] == ["ana"]
    assert "Nothing is proposed for task-99" in weft("accept", "task-99", status=1).err
    assert "Name a task or a worker" in weft("accept", status=2).err
    assert weft("accept", "--all").out.startswith(
        weft.json("task", "list", "--worker", "ana")[0]["key"]
    )
    assert weft("proposals").err == "Nothing is proposed. What waits, and why: weft status\n"


def test_the_dispatcher_is_shown_paused_and_set(weft: Cli) -> None:
    prepared(weft)

    shown = weft("dispatch", "show")
    assert shown.out.splitlines()[:2] == ["mode   supervisor", "ready  3 tasks"]
    assert "No process runs the loops" in shown.err
    assert weft.json("dispatch", "pause")["paused_by"] == "person"
    assert "paused  by person" in weft("dispatch", "pause").out
    assert weft.json("dispatch", "resume")["paused_by"] == ""
    assert weft.json("dispatch", "mode", "hybrid")["mode"] == "hybrid"
    weft("dispatch", "mode", "chaos", status=2)
    kinds = [event["kind"] for event in weft.json("events")]
    assert kinds.count("dispatch.paused") == 1
    assert kinds.count("dispatch.resumed") == 1


def test_the_order_of_tasks_is_set_and_in_hybrid_mode_is_all_that_counts(weft: Cli) -> None:
    prepared(weft)
    weft("dispatch", "mode", "hybrid")
    weft("task", "add", "Small thing", "--priority", "low", "--key", "small")

    said = weft("task", "order", "small", "--first").out
    assert said == "small has its new place in Backlog: Small thing\n"
    assert weft.json("task", "list")[0]["key"] == "small"
    assert weft.json("claim", "--worker", "ben")["task"] == "small"

    said = weft("task", "order", "task-2", "--after", "small", status=1).err
    assert "task-2 is backlog, small is claimed." in said
    assert "Name one place." in weft("task", "order", "task-2", status=2).err
    weft("task", "order", "task-1", "--last")
    assert weft.json("task", "list", "--status", "backlog")[-1]["key"] == "task-1"


def test_a_worker_that_is_idle_is_paused_and_resumed(weft: Cli) -> None:
    prepared(weft)

    assert weft("pause", "ben").out == "ben takes nothing new until it is resumed.\n"
    assert "ben is paused." in weft("claim", "task-1", "--worker", "ben", status=1).err
    assert "ben is paused already." in weft("pause", "ben", status=1).err
    assert weft("resume", "ben").out == "ben takes tasks again.\n"
    weft("claim", "task-1", "--worker", "ben")


def test_a_stage_that_does_not_wait_takes_no_word(weft: Cli) -> None:
    prepared(weft)

    for verb, *words in (("approve",), ("reject", "No."), ("escalate",)):
        said = weft("stage", verb, "task-1", *words, status=1).err
        assert "No stage of task-1 waits for your word." in said
    assert "Say what has to be changed." in weft("stage", "reject", "task-1", " ", status=2).err
    refused = weft("task", "retry", "task-1", "--from", "build", status=1).err
    assert "task-1 has no stage 'build'." in refused


def test_nothing_to_suggest_is_a_remark() -> None:
    (remark,) = dispatch.suggested(())
    assert not isinstance(remark, Line)
