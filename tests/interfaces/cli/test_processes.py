"""The command line as a process: streams, terminals, signals, encodings."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.end_to_end.black_box import ENDS_S, Weft, command
from tests.end_to_end.test_bad_input import fake_git
from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.scenarios import Repo

posix = pytest.mark.skipif(os.name == "nt", reason="signals and terminals of POSIX")


@pytest.fixture
def weft(repo: Repo) -> Weft:
    """`weft` in a registered repository with one task."""
    weft = Weft(repo.path)
    weft("init")
    weft("task", "add", "Größe 漢字")
    return weft


def test_the_answer_goes_to_stdout_and_talk_to_stderr(weft: Weft) -> None:
    listed = weft("worker", "list")
    refused = weft("task", "show", "task-9", status=1)

    assert (listed.out, bool(listed.err)) == ("", True)
    assert (refused.out, refused.err.startswith("error: ")) == ("", True)
    assert weft("--version").out.startswith("weft ")


@posix
def test_a_reader_that_has_seen_enough_ends_it_quietly(weft: Weft) -> None:
    listing = "\n".join(f"- [ ] Task number {n} {'long ' * 20}" for n in range(150))
    weft("task", "import", "-", stdin=listing)
    script = f"{' '.join(command())} task list --json | head -c 1"

    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=weft.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_S,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "[", "")


@posix  # Windows keeps a folder that a process is in
@pytest.mark.parametrize("words", [("task", "list"), ("init",)])
def test_a_current_folder_that_is_gone_is_told(weft: Weft, words: tuple[str, ...]) -> None:
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$@"'

    done = subprocess.run(
        ["sh", "-c", script, *command(), *words],
        cwd=weft.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=ENDS_S,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: The current folder is gone")
    assert "hint: " in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_unicode_gets_stand_ins(weft: Weft, encoding: str) -> None:
    environ = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}

    def answer(*words: str) -> bytes:
        done = subprocess.run(
            [*command(), *words], cwd=weft.folder, env=environ, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert answer("task", "list").endswith("e ??\n".replace("\n", os.linesep).encode())
    assert json.loads(answer("task", "list", "--json"))[0]["title"] == "Größe 漢字"


def test_a_plain_command_imports_nothing_heavy(weft: Weft) -> None:
    script = (
        "import sys; from core.interfaces.cli.app import run; run(['task', 'list']);"
        "heavy = {'asyncio', 'PySide6', 'git', 'psutil', 'pygments', 'platformdirs'};"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=weft.folder, capture_output=True, text=True, check=True
    )

    assert done.stderr == "[]\n"


@posix
def test_the_shell_is_told_how_a_word_can_go_on(weft: Weft) -> None:
    words = {"COMP_WORDS": "weft task l", "COMP_CWORD": "2", "_WEFT_COMPLETE": "bash_complete"}

    assert weft(environ=words).out == "plain,list\n"


@posix
@pytest.mark.parametrize("version", ["2.30.2", ""])
def test_the_doctor_tells_of_a_git_that_is_old_or_missing(
    weft: Weft, tmp_path: Path, version: str
) -> None:
    found = weft.tried("doctor", environ={"PATH": fake_git(tmp_path / "bin", version)})

    assert found.status == 1
    assert "error\tgit\t" in found.out
    assert "2.39" in found.out


@posix
def test_ctrl_c_ends_it_with_130_and_no_traceback(weft: Weft) -> None:
    following = weft.begin("events", "--follow")
    assert following.stdout is not None
    assert "repo.registered" in following.stdout.readline()

    following.send_signal(signal.SIGINT)
    _, err = following.communicate(timeout=ENDS_S)

    assert following.returncode == 130
    assert err == ""


@posix
class TestTerminal:
    """On a terminal: heads, colour, questions."""

    def test_a_terminal_gets_a_table_with_colour(self, weft: Weft) -> None:
        shown = _on_terminal(weft, "task", "list")

        assert re.search(r"KEY.*STATUS.*PRIORITY.*WORKER.*TITLE", shown)
        assert "\x1b[1mtask-1\x1b[0m" in shown

    def test_no_color_is_respected(self, weft: Weft) -> None:
        shown = _on_terminal(weft, "task", "list", NO_COLOR="1")

        assert "\x1b[" not in shown
        assert shown.splitlines()[0].startswith("KEY ")

    def test_json_is_indented_for_eyes(self, weft: Weft) -> None:
        shown = _on_terminal(weft, "task", "list", "--json")

        assert '\n    "key": "task-1",' in shown.replace("\r\n", "\n")

    @pytest.mark.parametrize(("answer", "trusted"), [("y", True), ("", False), ("n", False)])
    def test_trust_is_asked_for(self, weft: Weft, repo: Repo, answer: str, trusted: bool) -> None:
        repo.commit("settings", {".weft.toml": 'check = "make test"\n'})

        shown = _on_terminal(weft, "trust", typed=f"{answer}\n")

        assert 'check  "make test"' in re.sub(r"\x1b\[\d*m", "", shown)
        assert "[y/N]" in shown
        assert weft.json("doctor") is not None
        asked_again = weft.tried("trust").status == 1
        assert asked_again is not trusted


def _on_terminal(weft: Weft, *words: str, typed: str = "", **environ: str) -> str:
    """Run a command on a terminal of 120 columns and return what the terminal got."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    process = subprocess.Popen(
        [*command(), *words],
        cwd=weft.folder,
        env=os.environ | {"TERM": "xterm"} | environ,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    while chunk := _read(ours):
        shown += chunk
    process.wait(ENDS_S)
    os.close(ours)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # Linux: the other end is closed
        return b""


@posix
class TestFollowing:
    """What goes on until Ctrl-C, or until its run has ended."""

    def test_events_go_on_with_what_other_processes_do(self, weft: Weft) -> None:
        following = weft.begin("events", "--follow", "--json")
        assert following.stdout is not None
        first = json.loads(following.stdout.readline())

        weft("task", "add", "Second")
        seen = [json.loads(following.stdout.readline()) for _ in range(3)]
        _interrupt(following)

        assert first["kind"] == "repo.registered"
        assert [event["task"] for event in seen] == [None, "task-1", "task-2"]

    def test_the_status_is_shown_anew_after_a_change(self, weft: Weft) -> None:
        watching = weft.begin("status", "--watch")
        assert watching.stdout is not None
        first = watching.stdout.readline()

        weft("task", "add", "Second")
        later = [watching.stdout.readline() for _ in range(2)]
        _interrupt(watching)

        assert first.startswith("backlog 1 ")
        assert later[1].startswith("backlog 2 ")

    def test_a_log_follows_the_transcript_until_the_run_has_ended(
        self, weft: Weft, weft_home: Path, tmp_path: Path
    ) -> None:
        gate = tmp_path / "gate"
        code = (
            "import pathlib, sys, time\n"
            "print('hello from the agent', flush=True)\n"
            f"gate = pathlib.Path({str(gate)!r})\n"
            "while not gate.exists(): time.sleep(0.02)\n"
            "print('the end', flush=True)"
        )
        _profile(weft_home, code)
        weft("run", "task-1", "--agent", "quick")
        following = weft.begin("log", "task-1", "--follow")
        assert following.stdout is not None
        lines: list[str] = []
        for line in following.stdout:
            lines.append(line)
            if "hello from the agent" in line:
                gate.touch()
        following.communicate(timeout=ENDS_S)

        assert following.returncode == 0
        said = "".join(lines)
        assert "task.claimed" in said
        assert said.index("hello from the agent") < said.index("the end")
        assert "run.ended" in said


@posix
class TestRunning:
    """`weft run` with a small program as agent."""

    def test_waiting_ends_with_a_summary_and_status_0(self, weft: Weft, weft_home: Path) -> None:
        _profile(weft_home, "open('new.txt', 'w').write('new'); print('said by the agent')")

        ran = weft("run", "task-1", "--agent", "quick", "--wait")

        assert re.search(r"^task-1  agent-quick\S*  done after \d+s", ran.out, re.MULTILINE)
        assert ran.err.endswith("1 run: 1 done, 0 not.\n")
        assert weft.task("task-1")["status"] == "review"
        log = weft("log", "task-1").out
        assert log.index("run.ended") < log.index("said by the agent")

    def test_a_run_that_failed_gives_status_1_and_its_reason(
        self, weft: Weft, weft_home: Path
    ) -> None:
        _profile(weft_home, "raise SystemExit(3)")

        ran = weft("run", "task-1", "--agent", "quick", "--wait", status=1)

        assert " failed after " in ran.out
        assert "0 done, 1 not." in ran.err
        assert weft.task("task-1")["runs"][0]["reason"] in ran.out

    def test_a_run_is_paused_resumed_and_aborted_by_the_command_line(
        self, weft: Weft, weft_home: Path
    ) -> None:
        _profile(weft_home, "import time\nwhile True: time.sleep(0.05)")
        (run,) = weft.json("run", "task-1", "--agent", "quick")
        assert {"id", "task", "worker", "status", "transcript"} <= set(run)
        wait_until(partial(_is_in, weft, "working"))

        for verb, state in (("pause", "paused"), ("resume", "working"), ("abort", "aborted")):
            told = weft(verb, "task-1").out
            assert "task-1" in told
            wait_until(partial(_is_in, weft, state))

        assert weft.task("task-1")["status"] == "backlog"


def _is_in(weft: Weft, state: str) -> bool:
    return bool(weft.task("task-1")["runs"][0]["status"] == state)


def _profile(weft_home: Path, code: str) -> None:
    """Make `--agent quick` a piece of Python."""
    words = json.dumps([sys.executable, "-c", code])
    settings = f'[agents.quick]\ndriver = "command"\ncommand = {words}\n'
    (weft_home / "config.toml").write_text(settings, encoding="utf-8")


def _interrupt(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=ENDS_S)
    assert process.returncode == 130
