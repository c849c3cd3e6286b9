"""Ways between the screens, so that none of them needs to know another."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, Signal


class Place(StrEnum):
    """The places of the rail, by the name that is shown."""

    BOARD = "Board"
    WORKERS = "Workers"
    CONFLICTS = "Conflicts"
    MERGE = "Merge"
    ACTIVITY = "Activity"
    FIGURES = "Figures"
    SETTINGS = "Settings"


class Navigation(QObject):
    """What a screen asks the window for.

    Signals:
        place_asked: (Place) another page.
        task_asked: (key) the editor of a task.
        new_task_asked: an empty editor.
        worker_asked: the form that registers a worker.
        run_asked: (Run) the transcript of a run.
        merge_asked: (tuple of keys) the merge wizard with these tasks.
    """

    place_asked = Signal(object)
    task_asked = Signal(str)
    new_task_asked = Signal()
    worker_asked = Signal()
    run_asked = Signal(object)
    merge_asked = Signal(object)
