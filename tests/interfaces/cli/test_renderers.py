"""From records to blocks, where a whole situation would be long to make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from core.domain.conflict import (
    AgainstBase,
    BranchState,
    ConflictedFile,
    ConflictMatrix,
    HotFile,
    Hunk,
    LandingMode,
    PairVerdict,
)
from core.domain.overview import Finding, Severity, StatusView, Waiting
from core.domain.plan import MergeResult
from core.domain.run import Run, RunStatus
from core.interfaces.cli.blocks import Remark
from core.interfaces.cli.render import conflicts, doctor, merging, overview, runs, workers
from core.interfaces.cli.render.words import count, duration, minutes
from core.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.interfaces.cli.blocks import Block

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def text(blocks: Iterable[Block]) -> str:
    """Return what a pipe gets; remarks are marked."""
    plain = Terminal(unicode=False)
    return "".join(
        f"({block.text})\n" if isinstance(block, Remark) else plain.text_of(block)
        for block in blocks
    )


def run(status: RunStatus, *, reason: str = "", ended: bool = True) -> Run:
    return Run(
        id="r1",
        task="task-1",
        worker="agent-a",
        agent="quick",
        stage="work",
        status=status,
        pid=None,
        runner_pid=None,
        started_at=NOON,
        ended_at=NOON + timedelta(seconds=200) if ended else None,
        exit_code=None,
        session=None,
        input_tokens=None,
        output_tokens=None,
        cost_usd=None,
        last_message="reading",
        transcript="/t",
        heartbeat_at=None,
        reason=reason,
    )


def test_a_matrix_tells_of_odd_branches_hunks_and_hot_files() -> None:
    states = (
        BranchState("t1", "ana", "b1", "c1", True, ("a",), ()),
        BranchState("t2", "bob", "b2", "c2", False, ("a",), (), problem="its worktree is gone"),
        BranchState("t3", None, "b3", "c3", False, (), (), resolving=True),
    )
    file = ConflictedFile("a", "contents", (Hunk((3, 2), (5, 0)),))
    matrix = ConflictMatrix(
        base="main",
        base_sha="0123456789abcdef",
        mode=LandingMode.SQUASH,
        branches=states,
        against_base=(AgainstBase("t1", True, ("a",), (file,)),),
        pairs=(PairVerdict("t1", "t2", True, ("a",), (file,)),),
        hot_files=(HotFile("a", ("t1", "t2")),),
        took_ms=12.4,
        snapshot_ms=3.0,
        cached=False,
    )

    assert text(conflicts.matrix(matrix)).splitlines() == [
        "2 conflicts among 3 branches onto main 0123456789ab (squash, 12 ms)",
        "  t1: uncommitted changes included",
        "  t2: its worktree is gone",
        "  t3: in the middle of a merge, only its commit was looked at",
        "t1 x main: conflict, 1 file",
        "  a  contents",
        "    t1 lines 3-4 x main nothing after line 5",
        "t1 x t2: conflict, 1 file",
        "  a  contents",
        "    t1 lines 3-4 x t2 nothing after line 5",
        "hot files:",
        "  a  t1, t2",
    ]


def test_a_merge_that_moved_nothing_says_so_with_its_notes() -> None:
    result = MergeResult((), (), "main", "c1", "c1", "", ("The checkout is not clean.",))

    assert text(merging.merged(result)) == "main has not moved\n(The checkout is not clean.)\n"


def test_a_run_is_told_with_its_time_and_what_went_wrong() -> None:
    failed = run(RunStatus.FAILED, reason="exit status 3")

    assert text([runs.ended_line(failed)]) == (
        "task-1  agent-a  failed after 3m 20s: exit status 3\n"
    )
    assert text(runs.launched((run(RunStatus.WORKING, ended=False),))).endswith("\t-\treading\n")
    assert "weft status" in text(runs.launched(()))


def test_a_status_shows_live_runs_and_each_reason() -> None:
    view = StatusView(
        workers=(),
        runs=(run(RunStatus.WORKING, ended=False),),
        queue={"backlog": 1, "claimed": 0},
        waiting=(Waiting("task-2", ("one reason", "another")),),
    )

    told = text(overview.status(view))

    assert told.startswith("backlog 1   claimed 0\n(No workers.")
    assert "task-1\tagent-a\tworking\t" in told
    assert told.endswith("task-2\tone reason\ntask-2\tanother\n")


def test_the_doctors_hints_follow_what_is_wrong() -> None:
    found = (
        Finding("git", Severity.OK, "git 2.47 is new enough.", "no hint for what is well"),
        Finding("base", Severity.ERROR, "The base is gone.", "weft init --base BRANCH"),
        Finding("recovery", Severity.WARNING, "r1 was lost.", "none", fixed=True),
    )

    assert text(doctor.findings(found)).splitlines() == [
        "ok\tgit\tgit 2.47 is new enough.",
        "error\tbase\tThe base is gone.",
        "fixed\trecovery\tr1 was lost.",
        "base: weft init --base BRANCH",
    ]


def test_empty_answers_say_what_to_do() -> None:
    assert "weft worker add" in text(workers.listed(()))
    assert text(runs.steered(())) == "(No run is under way.)\n"
    assert text(overview.events(())) == "(No events.)\n"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-1, "0s"), (59.4, "59s"), (60, "1m 00s"), (7500, "2h 05m")]
)
def test_durations_read_at_a_glance(seconds: float, shown: str) -> None:
    assert duration(NOON, NOON + timedelta(seconds=seconds)) == shown


def test_amounts_are_in_words() -> None:
    assert [minutes(amount) for amount in (None, 45, 120, 150)] == ["", "45m", "2h", "2h 30m"]
    assert (count(1, "branch", "branches"), count(2, "branch", "branches")) == (
        "1 branch",
        "2 branches",
    )
