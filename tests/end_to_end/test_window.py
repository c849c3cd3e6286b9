"""The real window on a real X display: mouse, keyboard, and what a screen reader is told."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.end_to_end.black_box import Weft, command
from tests.end_to_end.screen import Eye, Node, Screen, missing
from tests.end_to_end.team import Team
from tests.killing import KILL
from tests.scenarios import Repo
from tests.waiting import LONG_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.xvfb, pytest.mark.timeout(120)]

COLUMNS: Final = ("Backlog", "Claimed", "In progress", "Review", "Done")
AGENTS: Final = ("agent-ada", "agent-bo", "agent-cy")
MOST_STEPS: Final = 60
EDGE: Final = 12
"""So far inside a button at its left it is still hit, away from the middle."""
SOON_S: Final = 2.0
WAITS: Final = "Waits for shop-2 (backlog)."
"""What a new window may take from its first paint until it shows everything."""


@pytest.fixture(scope="module")
def screen(masked_session: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A display of this module's own."""
    lacks = missing()
    if lacks:
        pytest.skip(f"this system lacks {lacks}")
    found = Screen.start(tmp_path_factory.mktemp("x") / "screen")
    yield found
    found.close()


@pytest.fixture(autouse=True)
def compiled(
    screen: Screen, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows and runners keep compiled modules, and come to this screen."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    cache = tmp_path_factory.getbasetemp() / "window-bytecode"
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(cache))
    for name in ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.setenv(name, screen.environ[name])
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    monkeypatch.setenv("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "1")
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")  # a crash says where


@dataclass(slots=True)
class Window:
    """A window under test, and an eye and a hand for it; *since* is when it came to the screen."""

    process: subprocess.Popen[str]
    eye: Eye
    screen: Screen
    since: float

    def card(self, key: str, column: str | None = None) -> Node:
        """Wait until the card of a task is in sight (in *column*) and return it."""
        if column is None:
            return self.eye.see(prefix=f"{key} ", role="list item")
        shown = self.eye.until(lambda: self.cards(column, key), f"{key} in {column}")
        found: Node = shown[0]
        return found

    def cards(self, column: str, key: str = "") -> list[Node]:
        """Return the cards of a column, of *key* alone if it is given."""
        lists = self.eye.find(name=column, role="list")
        prefix = f"{key} " if key else ""
        return self.eye.find(prefix=prefix, role="list item", within=lists[0]) if lists else []

    def worker(self, name: str) -> Node:
        """Return the card of a worker."""
        return self.eye.see(name, role="panel")

    def focused(self) -> list[Node]:
        """Return what says that the keyboard is on it: a list says it of its current item too."""
        return [node for node in self.eye.find() if node.focused]

    def places(self) -> list[object]:
        """Return the same as what can be compared with an earlier look."""
        return [(node.role, node.name, node.box) for node in self.focused()]

    def step(self, key: str) -> None:
        """Press a key that moves the keyboard elsewhere, and wait until it has."""
        before = self.places()
        self.keys(key)
        wait_until(lambda: self.places() != before)

    def walk_to(self, key: str, wanted: Callable[[Node], bool], what: str) -> None:
        """Press a key again and again until the keyboard is where it is wanted."""
        passed: list[str] = []
        for _ in range(MOST_STEPS):
            found = self.focused()
            if any(wanted(node) for node in found):
                return
            passed.append(" + ".join(f"{node.role} {node.name!r}" for node in found))
            self.step(key)
        raise AssertionError(f"{key} never came to {what}; it passed {', '.join(passed)}")

    def click(self, name: str, *, prefix: bool = False) -> None:
        """Click a button once it can be pressed."""
        wanted = {"prefix" if prefix else "name": name, "role": "push button"}
        shown = self.eye.until(
            lambda: [node for node in self.eye.find(**wanted) if node.enabled], f"button {name}"
        )
        self.screen.click(shown[0].center)

    def go(self, place: str) -> None:
        """Click a place of the rail."""
        rail = self.eye.see("Places")
        shown = self.eye.until(lambda: self.eye.find(prefix=place, within=rail), place)
        self.screen.click(shown[0].center)

    def keys(self, *names: str) -> None:
        """Press keys."""
        self.screen.keys(*names)


@contextmanager
def opened(screen: Screen, *words: str) -> Iterator[Window]:
    """The window, started as a person does it; it is closed at the end, and has not complained."""
    log = Path(os.environ["HOME"]) / "window.log"
    with log.open("a+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [*command(), *words], cwd=os.environ["HOME"], stderr=errors, encoding="utf-8"
        )
        eye = screen.look_at("Weft")
        try:
            wait_until(lambda: screen.hand("search", "--onlyvisible", "--name", "^Weft"))
            since = time.monotonic()
            eye.until(eye.is_there, "the window on the accessibility bus")
            yield Window(process, eye, screen, since)
        except BaseException as error:
            if process.poll() is not None:
                said = log.read_text(encoding="utf-8")
                raise AssertionError(f"the window ended: {process.returncode}\n{said}") from error
            screen.picture(log.with_suffix(".png"))
            raise
        finally:
            eye.close()
            process.terminate()
            try:
                process.wait(LONG_S)
            finally:
                process.kill()
    assert "Traceback" not in log.read_text(encoding="utf-8"), log.read_text(encoding="utf-8")


@contextmanager
def sample(screen: Screen, weft_home: Path) -> Iterator[tuple[Window, Weft]]:
    """The window on a fresh sample repository, with the command line for it."""
    with opened(screen, "demo") as window:
        window.card("shop-1")
        weft = Weft(weft_home / "demo" / "1" / "storefront")
        yield window, weft
        wait_until(lambda: not weft.runs())


def test_a_card_dragged_onto_an_agent_starts_its_run(screen: Screen, weft_home: Path) -> None:
    with sample(screen, weft_home) as (window, weft):
        screen.drag(window.card("shop-3").center, window.worker("agent-ada").center)

        wait_until(lambda: weft.task("shop-3")["status"] in {"in_progress", "review"})
        task = weft.task("shop-3")
        assert task["worker"] == "agent-ada"
        assert [run["worker"] for run in task["runs"]] == ["agent-ada"]
        window.card("shop-3", "Review")


def test_a_refused_drop_says_why_and_changes_nothing(screen: Screen, weft_home: Path) -> None:
    with sample(screen, weft_home) as (window, weft):
        before, events = weft.task("shop-6"), weft.json("events")

        screen.drag(window.card("shop-6").center, window.worker("agent-bo").center)

        said = window.eye.until(
            lambda: [n for n in window.eye.find() if "cannot claim shop-6" in n.name],
            "why shop-6 cannot be claimed",
        )
        assert WAITS in said[0].name
        assert weft.task("shop-6") == before
        now = weft.json("events")
        assert now[: len(events)] == events
        # What the dispatcher sees at its first look may come only now.
        (refused,) = (one for one in now[len(events) :] if one["kind"] != "task.waits")
        assert (refused["kind"], refused["data"]["sentence"]) == ("task.refused", WAITS)
        window.card("shop-6", "Backlog")


def test_runs_outlive_a_killed_window_and_a_new_one_shows_them(
    screen: Screen,
    repo: Repo,
    tmp_path: Path,
    weft_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    weft = Weft(repo.path)
    weft("init")
    team = Team.of(weft, tmp_path / "team", weft_home, size=3)
    for name in ("one", "two", "three"):
        work = {"write": {"path": f"{name}.txt", "text": name}}
        team.add_task(name, team.here(name), team.wait("go"), work, {"commit": f"add {name}"})
    with opened(screen, "--repo", str(repo.path)) as window:
        for number, name in enumerate(("one", "two", "three"), start=1):
            screen.drag(window.card(name).center, window.worker(f"agent-{number}").center)
            window.card(name, "In progress")
        team.until_here("one", "two", "three")

        window.process.send_signal(KILL)
        window.process.wait(LONG_S)

    assert {run["status"] for run in weft.runs()} == {"working"}
    team.let_go("go")
    wait_until(lambda: not weft.runs())
    with opened(screen, "--repo", str(repo.path)) as window:
        window.eye.until(lambda: len(window.cards("Review")) == 3, "three cards in review")
        took = time.monotonic() - window.since
        workers = [window.worker(f"agent-{number}") for number in (1, 2, 3)]
    assert all(worker.description.startswith("Idle") for worker in workers)
    with capsys.disabled():
        verdict = "within" if took <= SOON_S else "MORE THAN"
        sys.stdout.write(f"\n  all shown {took:.2f} s after the window: {verdict} {SOON_S:.0f} s\n")


def test_a_first_window_ends_when_it_is_told_to(screen: Screen) -> None:
    with opened(screen) as window:
        window.eye.see("See the demo", role="push button")

        window.process.terminate()

        assert window.process.wait(LONG_S) == 0


def test_everything_has_the_name_that_the_contract_gives_it(
    screen: Screen, weft_home: Path
) -> None:
    with sample(screen, weft_home) as (window, weft):
        eye = window.eye
        board = eye.see("Board", role="filler")
        lists = eye.find(role="list", within=board)
        assert tuple(node.name for node in lists) == COLUMNS
        titles = {task["key"]: task["title"] for task in weft.json("task", "list")}
        shown = window.cards("Backlog")
        assert len(shown) > 5
        for card in shown:
            key, _, title = card.name.partition(" ")
            assert titles[key] == title
            assert card.description.startswith("Backlog, ")
        workers = eye.see("Workers", role="filler")
        for name in (*AGENTS, "human-ana"):
            card = eye.see(name, role="panel", within=workers)
            buttons = eye.find(role="push button", within=card)
            assert [button.name for button in buttons] == ["View", "Pause", "Abort", "Merge"]

        for key, agent in (("shop-1", "agent-ada"), ("shop-2", "agent-bo")):
            screen.drag(window.card(key).center, window.worker(agent).center)
            window.card(key, "In progress")
        for key in ("shop-1", "shop-2"):
            window.card(key, "Review")

        window.keys("ctrl+3")
        conflicts = eye.see("Conflicts", role="filler")
        eye.see(
            prefix="shop-1 \N{MULTIPLICATION SIGN} shop-2: 1 file",
            role="table cell",
            within=conflicts,
        )
        eye.see("shop-1 \N{MULTIPLICATION SIGN} main: clean", role="table cell", within=conflicts)
        window.keys("ctrl+4")
        wizard = eye.see("Merge wizard", role="filler")
        eye.see("Choose branches", role="filler", within=wizard)
        pages = {node.name for node in eye.find(within=wizard, shown=False)}
        assert pages >= {"Choose branches", "Order", "Dry run", "Merge", "Result"}


def test_the_whole_way_goes_by_keyboard_alone(screen: Screen, weft_home: Path) -> None:
    with sample(screen, weft_home) as (window, weft):
        eye = window.eye
        repo = Repo(weft.folder)
        base = repo.head("main")
        _assign_by_keys(window, "shop-3")
        _assign_by_keys(window, "shop-4")
        for key in ("shop-3", "shop-4"):
            window.card(key, "Review")

        window.keys("ctrl+3")
        eye.see("shop-3 \N{MULTIPLICATION SIGN} shop-4: clean", role="table cell")
        window.keys("ctrl+4")
        eye.see("Plan 2 branches", role="push button")
        window.keys("Return")
        eye.see("Order", role="filler")
        eye.until(lambda: _enabled(eye, "Show the dry run"), "the way to the dry run")
        window.keys("Return")
        eye.see("Dry run", role="filler")
        eye.until(lambda: _enabled(eye, "Merge 2 branches"), "the button that merges")
        window.keys("Return")
        eye.see("Result", role="filler")
        eye.see("2 branches landed on main")
        assert repo.head("main") != base

        window.walk_to("Tab", lambda node: node.name == "Undo this merge", "the way back")
        window.keys("space")
        window.walk_to("Tab", lambda node: node.name == "Undo it", "the second question")
        window.keys("space")
        eye.see("main is back where it was")
        assert repo.head("main") == base
        assert weft.task("shop-3")["status"] == "review"


def test_the_wizard_goes_by_mouse_alone(screen: Screen, weft_home: Path) -> None:
    with sample(screen, weft_home) as (window, weft):
        eye, repo = window.eye, Repo(weft.folder)
        base = repo.head("main")
        for key, agent in (("shop-3", "agent-ada"), ("shop-4", "agent-bo")):
            _assign_by_mouse(window, key, agent)
        for key in ("shop-3", "shop-4"):
            window.card(key, "Review")

        window.go("Merge")
        window.click("Plan 2 branches")
        page = eye.see("Order", role="filler")
        eye.until(lambda: _enabled(eye, "Show the dry run"), "the way to the dry run")
        first, second = eye.find(role="list item", within=page)
        left, top, width, height = first.box
        screen.drag(second.center, (left + width // 2, top + height // 4))
        eye.until(
            lambda: (
                [n.name for n in eye.find(role="list item", within=page)]
                != [first.name, second.name]
            ),
            "the other order",
        )
        eye.until(lambda: _enabled(eye, "Show the dry run"), "the way to the dry run")
        window.click("Show the dry run")
        merge = eye.until(lambda: _pressable(eye, "Merge 2 branches"), "the button that merges")[0]
        left, top, _, height = merge.box
        # Not where the last click was: so soon after it this would be a double click, which is one.
        screen.click((left + EDGE, top + height // 2))
        eye.see("2 branches landed on main")
        subjects = repo.git("log", "--first-parent", "--format=%s", f"{base}..main").splitlines()
        keys = [next(key for key in ("shop-3", "shop-4") if key in one) for one in subjects]
        assert keys[-1] in second.name

        window.click("Undo this merge")
        window.click("Undo it")
        eye.see("main is back where it was")
        assert repo.head("main") == base


def test_a_conflict_is_resolved_and_taken_back_by_mouse_alone(
    screen: Screen, weft_home: Path
) -> None:
    with sample(screen, weft_home) as (window, weft):
        eye, repo = window.eye, Repo(weft.folder)
        for key, agent in (("shop-1", "agent-ada"), ("shop-2", "agent-bo")):
            _assign_by_mouse(window, key, agent)
        for key in ("shop-1", "shop-2"):
            window.card(key, "Review")
        heads = {key: repo.head(weft.task(key)["branch"]) for key in ("shop-1", "shop-2")}

        window.go("Conflicts")
        cell = eye.see(prefix="shop-1 \N{MULTIPLICATION SIGN} shop-2: 1 file", role="table cell")
        screen.click(cell.center)
        bring = eye.see(prefix="Bring shop-", role="push button")
        screen.click(bring.center)
        window.click("Take both", prefix=True)
        window.click("Commit", prefix=True)
        pays = bring.name.split(" into ")[1].removesuffix(" now")
        branch = weft.task(pays)["branch"]
        wait_until(lambda: repo.head(branch) != heads[pays])

        window.click("Undo")
        wait_until(lambda: repo.head(branch) == heads[pays])
        assert Repo(Path(weft.task(pays)["worktree"])).git("status", "--porcelain") == ""


def _assign_by_mouse(window: Window, key: str, agent: str) -> None:
    """Drag a card onto a worker; the cards below it move up."""
    window.screen.drag(window.card(key).center, window.worker(agent).center)
    wait_until(lambda: not window.cards("Backlog", key))


def _assign_by_keys(window: Window, key: str) -> None:
    """Walk to a card, open the menu of workers, and take the one that it offers first."""
    window.walk_to("Tab", lambda node: node.role == "list item", "the cards")
    window.keys("Home")
    window.walk_to("Down", lambda node: node.name.startswith(f"{key} "), key)
    window.keys("a", "Return")
    wait_until(lambda: not window.cards("Backlog", key))


def _enabled(eye: Eye, name: str) -> bool:
    return bool(_pressable(eye, name))


def _pressable(eye: Eye, name: str) -> list[Node]:
    return [node for node in eye.find(name=name, role="push button") if node.enabled]
