"""The bundle's `weft-runner`: all that Weft starts which needs no window.

`weft-runner RUN_ID` owns a run. `--errand`, `--weft …`, `--script FILE …` and `--python -m
MODULE …` do what a Python does in a checkout.
"""

import os
import sys

from core.processes.programs import undo_bundle


def main(words: list[str]) -> None:
    """Do what the first word says."""
    first, rest = (words[0], words[1:]) if words else ("", [])
    if first == "--weft":
        from core.interfaces.cli import app

        sys.argv = ["weft", *rest]
        app.main()
    elif first == "--errand":
        from core.interfaces.cli.errand import main as run_errand

        sys.argv = ["weft", *rest]
        sys.exit(run_errand())
    elif first == "--python" and rest[:1] == ["-m"]:
        import runpy  # not before it is needed: nearly all that starts here owns a run

        sys.path.insert(0, "")
        sys.argv = rest[1:]
        runpy.run_module(rest[1], run_name="__main__", alter_sys=True)
    elif first == "--script":
        import runpy

        sys.argv = rest
        runpy.run_path(rest[0], run_name="__main__")
    else:
        from core.runner.__main__ import main as serve

        sys.exit(serve(words))


if __name__ == "__main__":
    undo_bundle(os.environ, str(vars(sys)["_MEIPASS"]))  # before anything can start a program
    main(sys.argv[1:])
