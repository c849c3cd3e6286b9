"""Genuine agents, driven by Weft from end to end against a scripted model on this machine.

    python -m tests.agents_live FOLDER [--agents claude,codex] [--cases work,deny]

FOLDER takes the programs (from their registries, at pinned versions) and all that they write; it
must not lie below a folder that everybody may write to, such as /tmp: Codex and Gemini mistrust
that. While they are driven they see a network of their own that holds nothing but this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.agents_live.bench import Bench, Failed
from tests.agents_live.cases import CASES
from tests.agents_live.installing import install
from tests.agents_live.programs import GENUINE, Genuine

_ALONE: Final = "WEFT_LIVE_ALONE"
_USUAL: Final = "claude,codex,gemini,opencode,qwen"


@dataclass(frozen=True)
class Seen:
    """One line of the table."""

    agent: str
    case: str
    result: str
    seconds: float
    saw: str


def main() -> int:
    """Install, show, tell; return 0 when nothing failed."""
    given = _arguments()
    agents, cases = given.agents.split(","), given.cases.split(",")
    given.folder.mkdir(parents=True, exist_ok=True)
    if os.environ.get(_ALONE) is None:
        missing = {name: _installed(given.installed or given.folder, name) for name in agents}
        return _alone({name: why for name, why in missing.items() if why}, given)
    skipped: dict[str, str] = json.loads(os.environ[_ALONE])
    seen: list[Seen] = []
    for name in agents:
        for case in cases:
            if name in skipped:
                seen.append(Seen(name, case, "skipped", 0.0, skipped[name]))
            else:
                seen.append(_shown(given, name, case))
            _tell(seen[-1])
    (given.folder / "seen.json").write_text(json.dumps([asdict(one) for one in seen], indent=1))
    return 1 if any(one.result == "FAILED" for one in seen) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("folder", type=lambda text: Path(text).absolute())
    parser.add_argument("--agents", default=_USUAL, help=f"of {', '.join(GENUINE)}")
    parser.add_argument("--cases", default=",".join(CASES), help=f"of {', '.join(CASES)}")
    parser.add_argument("--installed", type=lambda text: Path(text).absolute(), default=None)
    parser.add_argument("--minutes", type=float, default=3.0, help="longest time of one run")
    return parser.parse_args()


def _installed(folder: Path, name: str) -> str:
    if name not in GENUINE:
        return f"there is no such agent: {', '.join(GENUINE)}"
    problem = install(folder, GENUINE[name])
    return f"not installed: {problem}" if problem else ""


def _alone(skipped: dict[str, str], given: argparse.Namespace) -> int:
    """Do this again in a network of its own."""
    if shutil.which("unshare") is None:
        _tell(Seen("all", "all", "skipped", 0.0, "there is no unshare to keep them alone with"))
        return 1
    user = [] if os.geteuid() == 0 else ["-r"]
    words = [sys.executable, "-m", "tests.agents_live", *sys.argv[1:]]
    only_this_machine = 'ip link set lo up && exec "$@"'
    return subprocess.run(
        ["unshare", "-n", *user, "sh", "-c", only_this_machine, "sh", *words],
        env={**os.environ, _ALONE: json.dumps(skipped)},
        cwd=Path(__file__).resolve().parents[2],
        check=False,
    ).returncode


def _shown(given: argparse.Namespace, name: str, case: str) -> Seen:
    place = given.folder / "runs" / f"{name}-{case}"
    shutil.rmtree(place, ignore_errors=True)
    begun = time.monotonic()
    bench: Bench | None = None
    try:
        bench = Bench(
            place,
            given.installed or given.folder,
            GENUINE[name],
            given.minutes,
            policy=_policy(GENUINE[name], case),
        )
        result, saw = "ok", CASES[case](bench)
    except Failed as failure:
        result, saw = "FAILED", str(failure)
    except Exception:  # noqa: BLE001  one case must not end the others
        result, saw = "FAILED", traceback.format_exc(limit=3)
    finally:
        if bench is not None:
            bench.close()
    return Seen(name, case, result, round(time.monotonic() - begun, 1), saw)


def _policy(genuine: Genuine, case: str) -> str:
    if case == "sandbox":
        return "sandboxed"
    holds_itself = genuine.asks or genuine.has_sandbox
    return "watched" if holds_itself or case == "deny" else "open"


def _tell(seen: Seen) -> None:
    line = f"{seen.agent:<18} {seen.case:<8} {seen.result:<8} {seen.seconds:6.1f} s  {seen.saw}\n"
    sys.stdout.write(line)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
