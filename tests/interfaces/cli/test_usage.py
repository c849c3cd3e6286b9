"""`weft usage`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.domain.usage import Usage, UsageReport, UsageShare
from core.interfaces.cli.blocks import Remark
from core.interfaces.cli.render.usage import report

if TYPE_CHECKING:
    from tests.interfaces.cli.conftest import Cli


def test_without_a_run_it_says_so_and_the_json_knows_no_cost(weft: Cli) -> None:
    assert weft("usage").out + weft("usage").err
    assert weft.json("usage")["total"] == {
        "runs": 0,
        "input_tokens": 0,
        "output_tokens": 0,
        "cached_tokens": 0,
        "cost_usd": None,
        "unknown_runs": 0,
    }


def test_what_cannot_be_is_refused_in_a_sentence(weft: Cli) -> None:
    assert "'soon' is no day" in weft("usage", "--day", "soon", status=2).err
    assert "lies ahead" in weft("usage", "--day", "9999-12-31", status=2).err
    assert "task-9" in weft("usage", "--task", "task-9", status=1).err


def test_an_unknown_cost_is_told_beside_the_known_one() -> None:
    used = Usage(2, 1500, 70, 0, 0.0125, 1)
    share = (UsageShare("task-1", used),)

    blocks = report(UsageReport(used, share, share, share))

    assert "$0.0125 and 1 unknown" in str(blocks)
    assert report(UsageReport(Usage(), (), (), ())) == [Remark("No run has used anything.")]
