"""The README's quick start, typed in as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.black_box import ENDS_S, Weft, command

if TYPE_CHECKING:
    from tests.scenarios import Repo

README = Path(__file__).parents[2] / "README.md"
AT_A_TERMINAL = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
QUESTIONS = 2


@pytest.mark.skipif(os.name == "nt", reason="written for sh, at a terminal")
def test_the_quick_start_works_as_it_is_written(repo: Repo, tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", README.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    script = tmp_path / "quick-start.sh"
    script.write_text("set -e\n" + "\n".join(blocks), encoding="utf-8")
    before = repo.head("main")

    done = subprocess.run(
        [sys.executable, "-c", AT_A_TERMINAL, "sh", str(script)],
        cwd=repo.path,
        env=os.environ | {"PATH": f"{Path(command()[0]).parent}:{os.environ['PATH']}"},
        input="y\n" * QUESTIONS,
        capture_output=True,
        encoding="utf-8",
        timeout=ENDS_S,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "1 conflict" in done.stdout
    assert re.search(r"task-1.*merged", done.stdout)
    weft = Weft(repo.path)
    assert {task["status"] for task in weft.json("task", "list")} == {"review"}
    assert repo.head("main^") == before
    assert repo.git("status", "--porcelain") == ""
