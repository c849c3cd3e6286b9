"""The bundle's `weft-runner`: all that Weft starts which needs no window.

`weft-runner RUN_ID` owns a run. `--errand`, `--weft …`, `--script FILE …` and `--python -m
MODULE …` do what a Python does in a checkout.
"""

import os
import sys


def main(words: list[str]) -> None:
    """Do what the first word says."""
    first, rest = (words[0], words[1:]) if words else ("", [])
    owns_run = not first.startswith("--")
    if owns_run:
        import core.runner.lean  # noqa: F401  first of all: see there
    from core.processes.programs import undo_bundle

    undo_bundle(os.environ, str(vars(sys)["_MEIPASS"]))  # before anything can start a program
    if owns_run:
        from core.runner.__main__ import main as serve

        sys.exit(serve(words))
    _do_other(first, rest)


def _do_other(first: str, rest: list[str]) -> None:
    if first == "--weft":
        from core.interfaces.cli import app

        sys.argv = ["weft", *rest]
        app.main()
    elif first == "--errand":
        from core.interfaces.cli.errand import main as run_errand

        sys.argv = ["weft", *rest]
        sys.exit(run_errand())
    elif first == "--python" and rest[:1] == ["-m"]:
        import runpy

        sys.path.insert(0, "")
        sys.argv = rest[1:]
        runpy.run_module(rest[1], run_name="__main__", alter_sys=True)
    elif first == "--script":
        import runpy

        sys.argv = rest
        runpy.run_path(rest[0], run_name="__main__")
    else:
        sys.exit(f"weft-runner knows no {first}.")


if __name__ == "__main__":
    main(sys.argv[1:])
