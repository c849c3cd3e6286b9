"""What people get wrong: one sentence, what to do next, the exit status of the contract."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from core.interfaces.cli import commands
from core.interfaces.cli.acts import window
from core.interfaces.cli.app import run
from core.store.connection import close_database
from tests.scenarios import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interfaces.cli.conftest import Answer, Cli


def refused(answer: Answer, *words: str, status: int = 1) -> None:
    """Assert that *answer* is a refusal with *words* and nothing on stdout."""
    assert answer.status == status, answer
    assert answer.out == ""
    assert answer.err.startswith("error: ")
    assert all(word in answer.err for word in words), answer.err


def test_a_folder_outside_any_repository(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    refused(cli.tried("task", "list"), "not in a git repository", "hint: ")
    refused(cli.tried("task", "list", "--repo", str(tmp_path / "nowhere")), "no folder")


def test_a_repository_without_a_commit(cli: Cli, tmp_path: Path) -> None:
    empty = Repo.empty(tmp_path / "empty")

    refused(cli.tried("init", str(empty.path)), "no commit yet", "git commit")


def test_a_bare_repository(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    repo.git("clone", "--quiet", "--bare", ".", str(bare))

    refused(cli.tried("init", str(bare)), "bare")


def test_a_repository_that_is_not_registered(
    cli: Cli, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo.path)

    refused(cli.tried("task", "list"), "not registered", "hint: Register it: weft init")


def test_an_unknown_task_or_worker(weft: Cli) -> None:
    weft("task", "add", "First")

    refused(weft.tried("task", "show", "task-9"), "task-9")
    refused(weft.tried("claim", "task-1", "--worker", "bob"), "bob")
    refused(weft.tried("worker", "remove", "bob"), "bob", "hint: `weft worker list`")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_or_a_device_is_not_waited_for(weft: Cli, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for name in (str(pipe), os.devnull):
        refused(weft.tried("task", "import", name), "no regular file", "standard input")
    refused(weft.tried("task", "import", str(tmp_path)), "a folder")


def test_a_second_claim_by_another_worker_gives_each_reason_its_line(weft: Cli) -> None:
    weft("task", "add", "First")
    weft("task", "add", "Second", "--depends", "task-1", "--skill", "sql")
    for name in ("ana", "bob"):
        weft("worker", "add", name, "--type", "human")
    weft("claim", "task-1", "--worker", "ana")

    refused(weft.tried("claim", "task-1", "--worker", "bob"), "ana")
    answer = weft.tried("claim", "task-2", "--worker", "ana")
    error = weft.json("claim", "task-2", "--worker", "ana", status=1)["error"]

    refused(answer, *error["reasons"])
    assert len(error["reasons"]) >= 3, "busy, dependency, skill"
    assert [line.strip() for line in answer.err.splitlines()[1:]] == error["reasons"]


def test_a_cycle_of_dependencies(weft: Cli) -> None:
    weft("task", "add", "First")
    weft("task", "add", "Second", "--depends", "task-1")

    refused(weft.tried("task", "edit", "task-1", "--depends", "task-2"), "task-1", "task-2")


@pytest.mark.parametrize("key", ["-x", "--upload-pack=x", "a..b", "a.lock", "a b", "ä", "a."])
def test_a_key_that_git_or_a_command_line_could_misread(weft: Cli, key: str) -> None:
    answer = weft.tried("task", "add", "First", f"--key={key}")

    refused(answer, "task key", status=2)
    assert weft.json("task", "list") == []


def test_a_name_that_begins_with_a_dash_is_wrong_usage(weft: Cli) -> None:
    refused(weft.tried("worker", "add", "-rf", "--type", "human"), status=2)
    refused(weft.tried("worker", "add", "--type", "human", "--", "-rf"), "-rf", status=2)
    refused(weft.tried("task", "show", "--", "-x"), "-x")


def test_a_database_that_is_none(weft: Cli, weft_home: Path) -> None:
    for file in weft_home.glob("weft.db*"):
        file.unlink()
    (weft_home / "weft.db").write_bytes(b"no database at all, but long enough to look at " * 40)

    refused(weft.tried("task", "list"), "weft.db")


def test_an_unknown_setting_of_the_repository_names_the_nearest(weft: Cli, repo: Repo) -> None:
    repo.commit("settings", {".weft.toml": 'base = "main"\nmax_worker = 4\n'})

    refused(weft.tried("task", "list"), ".weft.toml", "max_worker", "max_workers", "2")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("taks",), "No such command 'taks'."),
        (("task", "lst"), "Did you mean 'list'?"),
        (("task",), "Missing command."),
        (("task", "add"), "Missing argument 'TITLE'."),
        (("task", "add", "A", "B"), "unexpected extra argument"),
        (("task", "list", "--statsu", "done"), "--status"),
        (("task", "list", "--status", "finished"), "'finished' is not one of"),
        (("task", "add", "A", "--issue", "x"), "'x' is not a valid integer"),
        (("task", "add", "A", "--estimate", "soon"), "'soon' is not a duration."),
        (("task", "edit"), "Missing argument 'KEY'."),
        (("run",), "Nothing to run."),
        (("worker", "add", "ana"), "--type"),
    ],
)
def test_wrong_usage_ends_with_two_in_words_and_as_json(
    weft: Cli, words: tuple[str, ...], said: str
) -> None:
    refused(weft.tried(*words), said, status=2)

    error = weft.json(*words, status=2)["error"]
    assert error["code"] == "usage"
    assert said in error["message"]
    assert error["reasons"] == []


@pytest.mark.parametrize("verb", ["pause", "resume", "abort"])
def test_a_name_that_is_neither_task_nor_worker_is_told_as_such(weft: Cli, verb: str) -> None:
    refused(weft.tried(verb, "task-l"), "There is no task and no worker 'task-l'")


def test_json_that_is_a_value_is_not_taken_for_the_option(weft: Cli) -> None:
    refused(weft.tried("task", "show", "--", "--json"), "--json")


def test_inside_an_agents_run_the_database_stays_closed(
    weft: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEFT_RUN", "a-run")

    refused(weft.tried("task", "list"), "The runner of a-run does not answer")
    assert weft("task", "list", "--help").out


def test_a_bug_keeps_its_traceback_and_asks_to_be_reported(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_target: str) -> None:
        raise ZeroDivisionError("made by a test")

    monkeypatch.setattr(commands, "named", broken)

    answer = cli.tried("doctor", "--json")

    assert answer.status == 1
    assert answer.json["error"]["code"] == "bug"
    assert "Traceback" in answer.err
    assert "report it" in answer.err.splitlines()[-1]


def test_an_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_target: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "named", interrupted)

    assert run(["doctor"]) == 130


@pytest.mark.parametrize(
    ("words", "opened"),
    [((), ("here", False)), (("--repo", "there"), ("there", False)), (("demo",), (None, True))],
)
def test_the_window_opens_on_the_repository_that_is_meant(
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    opened: tuple[str | None, bool],
) -> None:
    calls = []

    def run(repo: Path | None, *, demo: bool, named: bool) -> int:
        assert named is ("--repo" in words)
        calls.append((repo and repo.name, demo))
        return 0

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(window, "import_module", lambda _name: SimpleNamespace(run=run))

    cli(*words)

    assert calls == [opened]


def test_a_window_that_cannot_be_loaded_is_no_bug(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_name: str) -> None:
        raise ImportError("libEGL.so.1: cannot open shared object file")

    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(window, "import_module", broken)

    refused(cli.tried(), "libEGL.so.1", "weft status")


def test_the_window_needs_a_display(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")

    answer = cli.tried()

    refused(answer, "display", "`weft status`")
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("task", "add", "x", "--issue", "99999999999999999999"),
        ("task", "add", "x", "--file", "caf\udce9"),
        ("task", "show", "\udcff"),
        ("claim", "--worker", "\udcff"),
        ("events", "--since", "99999999999999999999"),
    ],
)
def test_what_no_database_can_hold_is_wrong_usage(weft: Cli, words: tuple[str, ...]) -> None:
    answer = weft.tried(*words)

    assert answer.status == 2, answer
    assert "Traceback" not in answer.err


def test_a_path_longer_than_any_is_no_folder(cli: Cli) -> None:
    refused(cli.tried("init", "a" * 5000), "There is no folder")


def test_init_registers_the_repository_that_the_shared_option_names(
    cli: Cli, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Repo.create(tmp_path / "here")
    monkeypatch.chdir(here.path)

    assert str(repo.path) in cli("init", "--repo", str(repo.path)).out


def test_the_doctor_reports_settings_that_cannot_be_read(weft: Cli, weft_home: Path) -> None:
    (weft_home / "config.toml").write_text("max_workers = 'three'\n")

    answer = weft.tried("doctor")

    assert answer.status == 1
    assert ["error", "settings"] in [row[:2] for row in answer.rows]


def test_a_damaged_database_is_a_sentence(weft: Cli, weft_home: Path) -> None:
    for number in range(60):
        weft("task", "add", f"task {number}", "--description", "x" * 500)
    close_database()
    file = weft_home / "weft.db"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)

    refused(weft.tried("task", "list"), "weft.db is damaged", "hint: ")
    refused(weft.tried("doctor"), "weft.db is damaged", "hint: ")
