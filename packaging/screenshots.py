"""Take every screen's picture on the sample repository: `python packaging/screenshots.py`.

Run it with the environment's Python (`.venv/bin/python`). Needs no display: pictures from Qt's
offscreen platform are the same as from a screen. The sample lives in a folder of its own and is
removed; nothing of the person's settings is read or changed.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QPropertyAnimation  # noqa: E402  the platform is chosen before Qt is loaded
from PySide6.QtGui import QPainter  # noqa: E402

from core.domain.task import TaskStatus  # noqa: E402
from core.engine import sample  # noqa: E402
from core.engine.runs import pause, resume  # noqa: E402
from core.merging.wizard import WizardStep  # noqa: E402
from gui.app import make_application  # noqa: E402
from gui.board.drag_picture import drag_picture  # noqa: E402
from gui.main_window import MainWindow  # noqa: E402
from gui.navigation import Place  # noqa: E402
from gui.opening import Opening  # noqa: E402
from gui.theme.theme import theme  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QPixmap

    from gui.merging.page import MergePage
    from gui.workspace import Workspace

SIZES: Final = ((1280, 800), (1920, 1080))
SCHEMES: Final = ("light", "dark")
PATIENCE_S: Final = 90.0
SETTLE_S: Final = 0.25
STARTED: Final = (("agent-ada", 0), ("agent-bo", 1), ("agent-cy", 2))


class Photographer:
    """Takes the window in every size and scheme, under one name."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self.window = window
        self.folder = folder
        self.taken: list[Path] = []
        self.finish: Callable[[QPixmap], None] = lambda _picture: None

    async def take(self, name: str, *, settle_s: float = SETTLE_S) -> None:
        """Save the window as it is now, four times."""
        for width, height in SIZES:
            self.window.resize(width, height)
            for scheme in SCHEMES:
                theme().choose(scheme)
                await asyncio.sleep(settle_s)
                await until(self._is_still, "nothing moves any more")
                picture = self.window.grab()
                self.finish(picture)
                file = self.folder / f"{name}-{scheme}-{width}x{height}.png"
                picture.save(str(file))
                self.taken.append(file)

    def _is_still(self) -> bool:
        moving = self.window.findChildren(QPropertyAnimation)
        still = not any(one.state() is QPropertyAnimation.State.Running for one in moving)
        return still and theme().is_worn


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until *condition* holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"It did not come to this: {what}")
        await asyncio.sleep(0.05)


async def tour(window: MainWindow, opening: Opening, camera: Photographer) -> None:
    """Go the whole way on the sample, and take a picture of each screen."""
    opening.begin(None)
    await until(lambda: window.top_bar.title() == "Welcome", "the first page")
    await asyncio.sleep(1)
    await camera.take("welcome")
    opening.begin(None, demo=True)
    await until(lambda: window.page(Place.SETTINGS) is not None, "every page")
    workspace = opening.workspace
    assert workspace is not None
    await camera.take("board-idle")
    await at_work(workspace, window, camera)
    await in_the_drawer(workspace, window, camera)
    await on_the_pages(workspace, window, camera)
    await through_the_wizard(workspace, window, camera)


async def at_work(workspace: Workspace, window: MainWindow, camera: Photographer) -> None:
    """Start three agents, pause one, and look at the board while they work."""
    tasks = [task.key for task in workspace.feed.view.tasks] if workspace.feed.view else []
    for worker, number in STARTED:
        workspace.board.assign(tasks[number], worker)
        await until(partial(_is_live, workspace, worker), f"{worker} is at work")
    await workspace.client.do(pause, worker="agent-bo")
    await until(lambda: _state(workspace, "agent-bo") == "Paused", "agent-bo pauses")
    await until(lambda: _state(workspace, "agent-cy") == "Working", "agent-cy works")
    workspace.strip.choose("agent-ada")
    await camera.take("board", settle_s=0.05)
    workspace.strip.choose("")
    with lifted(workspace, camera):
        await camera.take("board-drag", settle_s=0.05)
    await workspace.client.do(resume, worker="agent-bo")
    await until(lambda: workspace.live_runs() == 0, "the three runs end")
    workspace.board.assign(tasks[4], "agent-cy")
    await until(lambda: _is_live(workspace, "agent-cy"), "agent-cy begins again")
    await until(lambda: workspace.live_runs() == 0, "its run ends")
    window.message_bar.dismiss()
    await asyncio.sleep(1.5)
    await camera.take("board-review")


@contextmanager
def lifted(workspace: Workspace, camera: Photographer) -> Iterator[None]:
    """Hold a card over the board, as in the middle of a drag."""
    column = workspace.board.columns[TaskStatus.BACKLOG]
    card = column.model.cards()[0]
    row = column.view.visualRect(column.model.index(0))

    def hold(picture: QPixmap) -> None:
        flying, held_at = drag_picture(card, row.size())
        place = workspace.strip.cards["agent-cy"]
        over = place.mapTo(camera.window, QPoint(place.width() // 3, place.height() - 24))
        painter = QPainter(picture)
        painter.drawPixmap(over - held_at, flying)
        painter.end()

    workspace.session.begin(card.task)
    camera.finish = hold
    try:
        yield
    finally:
        camera.finish = lambda _picture: None
        workspace.session.end()


async def in_the_drawer(workspace: Workspace, window: MainWindow, camera: Photographer) -> None:
    """Open everything that the drawer holds, and the palette."""
    view = workspace.feed.view
    assert view is not None
    run = next(run for run in view.runs if run.worker == "agent-ada")
    window.navigation.run_asked.emit(run)
    await camera.take("transcript", settle_s=0.5)
    window.navigation.task_asked.emit(run.task)
    await camera.take("task", settle_s=0.5)
    window.navigation.new_task_asked.emit()
    await camera.take("new-task")
    window.navigation.worker_asked.emit()
    await camera.take("new-worker", settle_s=0.5)
    window.drawer.close_content()
    workspace.open_palette()
    workspace.palette.field.setText("agent")
    await camera.take("palette")
    workspace.palette.close_palette()


async def on_the_pages(workspace: Workspace, window: MainWindow, camera: Photographer) -> None:
    """Go to each page but the wizard."""
    for place in (Place.WORKERS, Place.CONFLICTS, Place.ACTIVITY, Place.SETTINGS):
        window.show_place(place)
        await asyncio.sleep(1.0)
        await camera.take("workers-page" if place is Place.WORKERS else place.value.lower())
    window.show_place(Place.FIGURES)
    await asyncio.sleep(1.0)
    await camera.take("figures")
    if workspace.activity is not None:
        window.show_place(Place.ACTIVITY)
        workspace.activity.views.segment(1).click()
        workspace.activity.timeline.ranges.segment(0).click()
        await asyncio.sleep(1.0)
        await camera.take("timeline")
        workspace.activity.views.segment(0).click()


async def through_the_wizard(
    workspace: Workspace, window: MainWindow, camera: Photographer
) -> None:
    """Take each step and state of the merge wizard, and land the work."""
    window.show_place(Place.MERGE)
    page = workspace.merging
    assert page is not None
    await until(lambda: page.badge() > 0, "branches in review")
    await camera.take("wizard-choose")
    await _forward(page, WizardStep.ORDER)
    await camera.take("wizard-order")
    await _forward(page, WizardStep.DRY_RUN)
    await camera.take("wizard-dry-run")
    await _with_a_moved_base(workspace, page, camera)
    await _with_a_failing_check(page, camera)
    for step in (WizardStep.ORDER, WizardStep.DRY_RUN):
        await _forward(page, step)
    await until(page.footer.forward.isEnabled, "the button that merges")
    page.footer.forward.click()
    await until(lambda: page.wizard.step is WizardStep.MERGE, "the merge")
    await asyncio.sleep(0.8)
    await camera.take("wizard-merge", settle_s=0.1)
    await until(partial(_has_come_to, page, WizardStep.RESULT), "the result")
    await until(page.result_page.tidy.isVisible, "worktrees that could go")
    await camera.take("wizard-result", settle_s=0.4)
    await _taken_back(page, camera)
    window.show_place(Place.BOARD)
    await asyncio.sleep(1.5)
    window.message_bar.dismiss()
    await camera.take("board-landed")


async def _forward(page: MergePage, step: WizardStep) -> None:
    await until(page.footer.forward.isEnabled, f"the way to {step.value}")
    page.footer.forward.click()
    await until(partial(_has_come_to, page, step), step.value)
    await asyncio.sleep(0.5)


async def _with_a_moved_base(workspace: Workspace, page: MergePage, camera: Photographer) -> None:
    """Commit to the base while the dry run is looked at."""
    folder = workspace.repo.path
    before = page.wizard.plan
    (folder / "NOTES.md").write_text("A person's own note.\n", encoding="utf-8")
    for words in (("add", "NOTES.md"), ("commit", "--quiet", "--message=Add a note")):
        done = await asyncio.create_subprocess_exec("git", "-C", str(folder), *words)
        if await done.wait():
            raise SystemExit(f"git {words[0]} failed")
    await until(lambda: page.conductor.is_stale, "the plan is out of date")
    await camera.take("wizard-moved-base", settle_s=0.05)
    await until(
        lambda: not page.conductor.is_stale and page.wizard.plan is not before, "the plan anew"
    )


async def _with_a_failing_check(page: MergePage, camera: Photographer) -> None:
    """Let every check fail, look at the result, and go back to the first page."""
    page.dry_run_page.check.setText("printf 'E  assert 3 == 4\\n1 failed, 41 passed\\n'; exit 1")
    await _forward(page, WizardStep.RESULT)
    await until(page.result_page.log.isVisible, "the check's output")
    await camera.take("wizard-failing-check", settle_s=0.4)
    page.conductor.begin_anew()
    await until(partial(_has_come_to, page, WizardStep.CHOOSE), "the first page")
    await asyncio.sleep(0.5)


async def _taken_back(page: MergePage, camera: Photographer) -> None:
    """Undo the merge, look at both pages of that, and land everything again."""
    page.result_page.undo.click()
    await camera.take("wizard-undo-asked")
    page.result_page.sure.click()
    await until(lambda: page.wizard.undone is not None, "the way back")
    await camera.take("wizard-undone", settle_s=0.4)
    page.conductor.begin_anew()
    await until(partial(_has_come_to, page, WizardStep.CHOOSE), "the first page")
    await asyncio.sleep(0.5)
    for step in (WizardStep.ORDER, WizardStep.DRY_RUN, WizardStep.RESULT):
        await _forward(page, step)


def _has_come_to(page: MergePage, step: WizardStep) -> bool:
    return page.wizard.step is step and page.wizard.work is None


def _state(workspace: Workspace, worker: str) -> str:
    return workspace.strip.cards[worker].state_word()


def _is_live(workspace: Workspace, worker: str) -> bool:
    return _state(workspace, worker) in {"Starting", "Working", "Paused", "Asks you"}


def _name_python(home: Path) -> None:
    """Let the sample's checks call `python3`: this machine's folders are nobody's business.

    It takes a moment, so that the merge can be seen at work.
    """
    programs = home / "bin"
    programs.mkdir()
    program = programs / "python3"
    program.write_text(f'#!/bin/sh\nsleep 1\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    sample.python_for_checks = lambda: "python3"


async def _session(window: MainWindow, folder: Path) -> list[Path]:
    opening = Opening(window)
    camera = Photographer(window, folder)
    try:
        await tour(window, opening, camera)
    finally:
        window.leave()
        await opening.end()
    return camera.taken


def main() -> int:
    """Take all pictures and say how many."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "screenshots")
    folder: Path = parser.parse_args().into
    folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="weft-pictures-"))
    os.environ |= {"WEFT_HOME": str(home / "weft"), "HOME": str(home)}
    _name_python(home)
    identity = "[user]\n\tname = Ana\n\temail = ana@example.org\n"
    (home / ".gitconfig").write_text(identity, encoding="utf-8")
    from qasync import QEventLoop

    app = make_application()
    app.setQuitOnLastWindowClosed(False)
    window = MainWindow()
    window.show()
    loop = QEventLoop(app)
    asyncio.set_event_loop(loop)
    try:
        with loop:
            taken = loop.run_until_complete(_session(window, folder))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{len(taken)} pictures in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
