"""Genuine agents, driven by Weft from end to end against a scripted model on this machine.

    python -m tests.agents_live FOLDER [--agents claude,codex] [--cases work,deny] [--at-once 2]

FOLDER takes the programs (from their registries, at pinned versions) and all that they write; it
must not lie below a folder that everybody may write to, such as /tmp or /var/tmp: Codex and Gemini
mistrust that. While they are driven they see a network of their own, with nothing in it but this
machine.

Each cell is told when it is there and kept in FOLDER; at the end stands the table of all that was
asked for, with what was skipped and why. The exit status is 0 when all that could be shown was as
it should be. `--table` shows nothing anew and tells the table of what is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import stat
import subprocess
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.agents_live.bench import Bench, Failed, NotThere
from tests.agents_live.cases import CASES
from tests.agents_live.installing import install
from tests.agents_live.programs import GENUINE, Genuine
from tests.agents_live.table import FAILED, NONE, OK, SKIPPED, Seen, keep, kept, table

_ALONE: Final = "WEFT_LIVE_ALONE"
_USUAL: Final = "claude,codex,gemini,opencode,qwen"
_NOT_ALONE: Final = "there is no unshare to keep it alone with"


def main() -> int:
    """Install, show, tell; return 0 when something was shown and nothing failed."""
    given = _arguments()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.table:
        return _told(given)
    if os.environ.get(_ALONE) is None:
        missing = {name: _installed(given.installed or given.folder, name) for name in given.agents}
        return _alone({name: why for name, why in missing.items() if why}, given)
    skipped: dict[str, str] = json.loads(os.environ[_ALONE])
    with ThreadPoolExecutor(given.at_once) as several:
        for done in [several.submit(_show, given, one, skipped) for one in given.agents]:
            done.result()
    return _told(given)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=lambda text: Path(text).absolute())
    parser.add_argument("--agents", type=_names, default=_USUAL, help=f"of {', '.join(GENUINE)}")
    parser.add_argument(
        "--cases", type=_names, default=",".join(CASES), help=f"of {', '.join(CASES)}"
    )
    parser.add_argument("--installed", type=lambda text: Path(text).absolute(), default=None)
    parser.add_argument("--minutes", type=float, default=3.0, help="longest time of one run")
    parser.add_argument("--at-once", type=int, default=1, help="how many programs at once")
    parser.add_argument("--table", action="store_true", help="only tell what is kept")
    given = parser.parse_args()
    if open_to_all := _open_to_all(given.folder):
        parser.error(
            f"everybody may write to {open_to_all}: Codex and Gemini mistrust what is there"
        )
    unknown = [*(set(given.agents) - set(GENUINE)), *(set(given.cases) - set(CASES))]
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}")
    return given


def _open_to_all(folder: Path) -> Path | None:
    """Return the first of the folders above that everybody may write to."""
    above = (one for one in (folder, *folder.parents) if one.exists())
    return next((one for one in above if one.stat().st_mode & stat.S_IWOTH), None)


def _names(text: str) -> list[str]:
    return text.split(",")


def _installed(folder: Path, name: str) -> str:
    problem = install(folder, GENUINE[name])
    return f"not installed: {problem}" if problem else ""


def _alone(skipped: dict[str, str], given: argparse.Namespace) -> int:
    """Do this again in a network of its own."""
    if shutil.which("unshare") is None:
        for name in given.agents:
            _show(given, name, {name: _NOT_ALONE})
        return _told(given)
    user = [] if os.geteuid() == 0 else ["-r"]
    words = [sys.executable, "-m", "tests.agents_live", *sys.argv[1:]]
    only_this_machine = 'ip link set lo up && exec "$@"'
    return subprocess.run(
        ["unshare", "-n", *user, "sh", "-c", only_this_machine, "sh", *words],
        env={**os.environ, _ALONE: json.dumps(skipped)},
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    ).returncode


def _show(given: argparse.Namespace, name: str, skipped: dict[str, str]) -> None:
    """Show every case of one program."""
    for case in given.cases:
        begun = time.monotonic()
        if name in skipped:
            result, saw = SKIPPED, skipped[name]
        else:
            result, saw = _shown(given, GENUINE[name], case)
        took, now = round(time.monotonic() - begun, 1), datetime.now(UTC)
        seen = Seen(name, case, result, took, saw, now.isoformat(timespec="seconds"))
        keep(given.folder, seen)
        _say(f"{seen}\n")


def _shown(given: argparse.Namespace, genuine: Genuine, case: str) -> tuple[str, str]:
    """Return how a case went and what was seen."""
    place = given.folder / "runs" / f"{genuine.profile}-{case}"
    shutil.rmtree(place, ignore_errors=True)
    bench: Bench | None = None
    try:
        bench = Bench(
            place,
            given.installed or given.folder,
            genuine,
            given.minutes,
            policy=_policy(genuine, case),
        )
        return OK, CASES[case](bench)
    except NotThere as reason:
        return NONE, str(reason)
    except Failed as failure:
        return FAILED, str(failure)
    except Exception:  # noqa: BLE001  one case must not end the others
        return FAILED, traceback.format_exc(limit=3)
    finally:
        if bench is not None:
            bench.close()


def _policy(genuine: Genuine, case: str) -> str:
    if case == "sandbox":
        return "sandboxed"
    holds_itself = genuine.asks or genuine.has_sandbox
    return "watched" if holds_itself or case == "deny" else "open"


def _told(given: argparse.Namespace) -> int:
    """Tell the table; return 0 when something is shown in it and nothing failed."""
    seen = kept(given.folder, given.agents, given.cases)
    _say("\n" + table(seen, {one.profile: one.package for one in GENUINE.values()}))
    results = {one.result for one in seen}
    return 0 if OK in results and FAILED not in results else 1


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
