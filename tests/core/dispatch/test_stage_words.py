"""What follows from the last words of a stage: files, verdicts, where the work goes back to."""

from __future__ import annotations

from typing import Any

import pytest

from core.dispatch.stages import Then, Verdict, files_named, judge, verdict_of
from core.domain.stage import STAGE_MOVES, Stage, StageStatus, check_stage_move
from core.errors import IllegalTransition


def stage(position: int, name: str, **more: Any) -> Stage:
    plain = {
        "status": StageStatus.RUNNING, "run": "run-1", "attempts": 1, "sent_back": 0, "note": "",
        "artifact": "", "started_at": None, "ended_at": None,
    }  # fmt: skip
    return Stage(task="task-1", position=position, name=name, **{**plain, **more})


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("FILES:\n- a.py\n- src/*.py", ("a.py", "src/*.py")),
        ("## Files\n\n- `a.py`\n* b.py\nThat is all.\n- c.py", ("a.py", "b.py")),
        ("**Files:**\n- a.py\n\n- a.py", ("a.py",)),
        ("FILES:\n- old.py\n\nNo:\n\nfiles\n  - new.py", ("new.py",)),
        ("FILES:\n- ../out.py\n- /etc/passwd\n- fine.py", ("fine.py",)),
        ("FILES:\n- `a.py` the entry\n- `b c.py`: new", ("a.py", "b c.py")),
        ("The files:\n- a.py", ()),
        ("", ()),
    ],
)
def test_a_plan_names_files_below_its_last_heading(text: str, files: tuple[str, ...]) -> None:
    assert files_named(text) == files


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Fine.\nVERDICT: APPROVE", Verdict.APPROVE),
        ("**Verdict:** rejected, see above", Verdict.REJECT),
        ("VERDICT: APPROVE\nNo, wait.\n> verdict: `escalate`", Verdict.ESCALATE),
        ("I approve.", None),
        ("My verdict: approve", None),
    ],
)
def test_the_last_verdict_counts(text: str, verdict: Verdict | None) -> None:
    assert verdict_of(text) is verdict


def test_rejected_work_goes_to_the_last_stage_that_builds_until_it_was_sent_back_enough() -> None:
    known = [stage(0, "analyze"), stage(1, "build"), stage(2, "polish"), stage(3, "review")]

    judged = judge(known[3], known, "VERDICT: REJECT", gates=(), returns=1)
    assert (judged.then, judged.to) == (Then.BACK, known[2])

    known[2] = stage(2, "polish", sent_back=1)
    judged = judge(known[3], known, "VERDICT: REJECT", gates=(), returns=1)
    assert judged.then is Then.GATE


def test_a_stage_goes_on_by_itself_unless_it_has_a_gate() -> None:
    known = [stage(0, "build"), stage(1, "review")]

    assert judge(known[0], known, "done", gates=(), returns=2).then is Then.DONE
    assert judge(known[0], known, "done", gates=("build",), returns=2).then is Then.GATE
    assert judge(known[1], known, "hm", gates=(), returns=2).then is Then.GATE
    approved = "VERDICT: APPROVE"
    assert judge(known[1], known, approved, gates=(), returns=2).then is Then.DONE
    assert judge(known[1], known, approved, gates=("review",), returns=2).then is Then.GATE


@pytest.mark.parametrize("old", StageStatus)
@pytest.mark.parametrize("new", StageStatus)
def test_stages_move_as_their_table_says(old: StageStatus, new: StageStatus) -> None:
    if new in STAGE_MOVES[old]:
        check_stage_move("task-1", "build", old, new)
    else:
        with pytest.raises(IllegalTransition):
            check_stage_move("task-1", "build", old, new)
