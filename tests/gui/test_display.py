"""The window's display may go away under it, and on macOS the system may ask it to quit."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from PySide6.QtCore import QCoreApplication, QTimer
from gui.app import make_application
from gui.main_window import MainWindow
from gui.startup import live
from core.errors import EnvironmentFault

app = make_application()
window = MainWindow()
window.show()
QTimer.singleShot(0, lambda: window.painted.connect(app.quit))  # as Qt does when X is gone
try:
    live(app, window, None, demo=False)
except EnvironmentFault as fault:
    print(fault)
"""

QUITS = """
import sys
from gui import app
from gui.main_window import MainWindow

known = app.Application(sys.argv[:1])
made = MainWindow.__init__

def quits_when_painted(window):
    made(window)
    window.painted.connect(known.quit)  # as macOS does for Cmd+Q

MainWindow.__init__ = quits_when_painted
print(app.run(None))
"""


def test_a_wish_of_the_system_to_quit_ends_it_in_order() -> None:
    done = subprocess.run(
        [sys.executable, "-c", QUITS], capture_output=True, encoding="utf-8", check=False
    )

    assert done.stdout == "0\n", done.stderr
    assert "Traceback" not in done.stderr


def test_a_display_that_goes_ends_the_window_with_a_sentence() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, encoding="utf-8", check=False
    )

    assert done.stdout == "The display of the window is gone. What runs goes on without it.\n"
    assert "Traceback" not in done.stderr
    assert "never awaited" not in done.stderr
