"""The bundle's `weft`: the window and the command line."""

import multiprocessing
import os
import sys

from core.processes.programs import undo_bundle

if __name__ == "__main__":
    multiprocessing.freeze_support()
    undo_bundle(os.environ, str(vars(sys)["_MEIPASS"]))  # before anything can start a program

    from core.interfaces.cli.app import main

    main()
