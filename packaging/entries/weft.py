"""The bundle's `weft`: the window and the command line."""

import multiprocessing

from core.interfaces.cli.app import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    main()
