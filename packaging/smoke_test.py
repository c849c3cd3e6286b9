"""Try a bundle as a person would: `python packaging/smoke_test.py dist/weft`.

Everything it starts gets an empty home and a clean environment, without this Python on `PATH`:
nothing but git and the bundle may be needed. With a display, or with Xvfb, the window is opened
too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 180.0
WINDOW_S: Final = 8.0
"""How long the window must stay open without ending by itself."""
WANTED: Final = ("collide in", "put aside", "merged")
"""What the demo must have told: a conflict seen, one branch put aside, others landed."""


def main() -> int:
    """Run every try; return how many failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("bundle", type=Path, help="the folder with `weft` and `weft-runner`")
    bundle = parser.parse_args().bundle.resolve()
    suffix = ".exe" if os.name == "nt" else ""
    weft = bundle / f"weft{suffix}"
    failures = 0
    with tempfile.TemporaryDirectory(prefix="weft-smoke-") as home:
        environ = clean_environment(Path(home))
        for name, words, wanted in (
            ("version", ["--version"], ("weft ",)),
            ("doctor", ["doctor"], ("git",)),
            ("demo", ["demo", "--headless"], WANTED),
        ):
            failures += not passes(name, [str(weft), *words], environ, Path(home), wanted)
        failures += not window_opens(weft, environ, Path(home))
    print("The bundle works." if not failures else f"{failures} tries failed.")
    return failures


def clean_environment(home: Path) -> dict[str, str]:
    """Return what a program gets on a machine where Weft was never installed."""
    git = shutil.which("git")
    if git is None:
        raise SystemExit("git is not on PATH.")
    folders = [str(Path(git).parent), "/usr/bin", "/bin"] if os.name != "nt" else [
        str(Path(git).parent), r"C:\Windows\System32"
    ]  # fmt: skip
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "DISPLAY") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PATH": os.pathsep.join(dict.fromkeys(folders)),
        "WEFT_HOME": str(home / "weft-home"),
    }


def passes(
    name: str, words: list[str], environ: dict[str, str], folder: Path, wanted: tuple[str, ...]
) -> bool:
    """Run one command line; tell what it said when it is not as wanted."""
    began = time.monotonic()
    done = subprocess.run(
        words, env=environ, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S,
        check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    good = done.returncode == 0 and all(word in said for word in wanted)
    print(f"{name:<10} {'ok' if good else 'FAILED'}  {time.monotonic() - began:5.1f} s")
    if not good:
        print(said)
    return good


def window_opens(weft: Path, environ: dict[str, str], folder: Path) -> bool:
    """Open the window on a fresh sample; it must not end by itself."""
    words = [str(weft), "demo"]
    if "DISPLAY" not in environ and sys.platform == "linux":
        server = shutil.which("xvfb-run")
        if server is None:
            print("window     left out: no display, and no xvfb-run")
            return True
        words = [server, "--auto-servernum", *words]
    with (folder / "window.log").open("w+", encoding="utf-8") as log:
        window = subprocess.Popen(
            words, env=environ, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        try:
            status = window.wait(WINDOW_S)
        except subprocess.TimeoutExpired:
            status = None
        end(window)
        log.seek(0)
        said = log.read()
    good = status is None and "Traceback" not in said
    print(f"{'window':<10} {'ok' if good else f'FAILED: ended with {status}'}")
    if not good:
        print(said)
    return good


def end(window: subprocess.Popen[bytes]) -> None:
    """End the window, and on a screen of its own the server with it."""
    if os.name == "nt":
        window.terminate()
    else:
        os.killpg(window.pid, signal.SIGTERM)
    window.wait(PATIENCE_S)


if __name__ == "__main__":
    sys.exit(main())
