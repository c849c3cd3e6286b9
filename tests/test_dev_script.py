from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dev
import pytest
import steps
import system_packages

SCRIPT = Path(dev.__file__)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("git version 2.39.5", (2, 39, 5)),
        ("git version 2.50.1 (Apple Git-155)", (2, 50, 1)),
        ("git version 2.47.1.windows.2", (2, 47, 1)),
        ("uv 0.13.9 (x86_64-unknown-linux-gnu)", (0, 13, 9)),
        ("no number at all", None),
    ],
)
def test_a_version_is_the_first_dotted_number(text: str, version: tuple[int, ...] | None) -> None:
    assert dev.parse_version(text) == version


def test_the_oldest_python_and_git_are_accepted() -> None:
    dev.check_python((3, 11, 0))
    dev.check_git((2, 39))


def test_an_old_python_is_refused_in_one_sentence() -> None:
    with pytest.raises(dev.SetupError, match=r"^Weft needs Python 3\.11 or newer.* 3\.9\.2.*\.$"):
        dev.check_python((3, 9, 2))


@pytest.mark.parametrize(("version", "word"), [((2, 34, 1), r"2\.34\.1"), (None, "none on PATH")])
def test_an_old_or_missing_git_is_refused_in_one_sentence(
    version: tuple[int, ...] | None, word: str
) -> None:
    with pytest.raises(dev.SetupError, match=rf"^Weft needs git 2\.39 or newer.*{word}.*\.$"):
        dev.check_git(version)


def test_a_tool_that_was_fetched_is_found_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dev, "TOOLS", tmp_path)
    monkeypatch.setattr(dev, "version_of", asked.append)
    monkeypatch.setattr(os, "name", "nt")

    found = dev.find_uv()

    monkeypatch.undo()
    assert found is None
    assert [Path(each).name for each in asked] == ["uv", "uv.exe", "uv.exe"]


def test_what_the_output_has_no_letters_for_is_no_error() -> None:
    code = (
        "import dev; dev.COMMANDS['lint'] = lambda rest: dev.say('a \\u2192 b'); dev.main(['lint'])"
    )
    environ = {"PYTHONPATH": str(SCRIPT.parent), "PYTHONIOENCODING": "cp1252"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environ, capture_output=True, check=True
    )

    assert done.stdout.decode("cp1252").strip() == "a ? b"


@pytest.mark.parametrize("command", ["run", "test", "bench", "setup"])
def test_without_git_nothing_is_installed(command: str, tmp_path: Path) -> None:
    environ = os.environ | {"PATH": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, SCRIPT, command],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "error: Weft needs git 2.39 or newer, and there is none on PATH: "
        "install git and run this again."
    ]


def test_an_interrupt_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(rest: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(dev.COMMANDS, "lint", interrupted)

    assert dev.main(["lint"]) == 130
    assert capsys.readouterr().out == "interrupted\n"


@pytest.mark.parametrize(
    ("rest", "display", "arguments"),
    [
        ([], True, []),
        (["--repo", "x"], True, ["--repo", "x"]),
        ([], False, ["demo", "--headless"]),
        (["--keep"], False, ["demo", "--headless", "--keep"]),
        (["task", "list"], False, ["task", "list"]),
    ],
)
def test_run_opens_the_window_or_plays_the_demo(
    rest: list[str], display: bool, arguments: list[str]
) -> None:
    assert dev.weft_arguments(rest, display=display) == arguments


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_only_linux_can_be_without_a_display(
    platform: str, environ: dict[str, str], expected: bool
) -> None:
    assert dev.has_display(platform, environ) is expected


def test_the_stamp_follows_lock_project_interpreter_and_place(tmp_path: Path) -> None:
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        for name in ("uv.lock", "pyproject.toml"):
            (tmp_path / place / name).write_text(name)
    first = dev.digest((3, 11, 7), tmp_path / "here")

    assert dev.digest((3, 11, 7), tmp_path / "here") == first
    others = {dev.digest((3, 12, 0), tmp_path / "here"), dev.digest((3, 11, 7), tmp_path / "there")}
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / "here" / name).write_text("changed")
        others.add(dev.digest((3, 11, 7), tmp_path / "here"))
    assert len(others) == 4
    assert first not in others


@pytest.mark.parametrize(
    ("stamp", "groups", "expected"),
    [
        ({"digest": "d", "groups": ["dev"]}, (), True),
        ({"digest": "d", "groups": ["dev"]}, ("dev",), True),
        ({"digest": "d", "groups": []}, ("dev",), False),
        ({"digest": "old", "groups": ["dev"]}, (), False),
        ({"digest": "d", "groups": "dev"}, ("dev",), False),
        ({}, (), False),
    ],
)
def test_an_installation_is_used_again_when_it_covers_the_wish(
    stamp: dict[str, object], groups: tuple[str, ...], expected: bool
) -> None:
    assert dev.is_current(stamp, "d", groups) is expected


def test_a_new_lock_keeps_the_groups_that_were_installed() -> None:
    stamp = {"digest": "old", "groups": ["dev"]}

    assert dev.with_those_before(stamp, ()) == ["dev"]
    assert dev.with_those_before(stamp, ("dev", "docs")) == ["dev", "docs"]
    assert dev.with_those_before({}, ()) == []


@pytest.mark.parametrize("content", [None, "", "{", "[]"])
def test_a_stamp_that_cannot_be_read_counts_as_none(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "stamp"
    if content is not None:
        path.write_text(content)

    assert dev.read_stamp(path) == {}


def test_a_package_counts_under_its_old_and_its_new_name() -> None:
    wanted = ("libglib2.0-0", "libgl1", "libegl1")

    assert system_packages.not_among({"libglib2.0-0t64", "libgl1"}, wanted) == ["libegl1"]
    assert system_packages.not_among({"libglib2.0-0", "libegl1"}, wanted) == ["libgl1"]
    assert system_packages.not_among((), wanted) == list(wanted)


@pytest.mark.skipif(not system_packages.is_debian_like(), reason="asks dpkg")
def test_dpkg_names_what_is_installed_and_no_more() -> None:
    assert system_packages.installed(("dpkg", "no-such-package-of-anyone")) == {"dpkg"}


@pytest.mark.parametrize(
    ("os_release", "expected"),
    [
        ("ID=debian\n", True),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True),
        ("ID=fedora\n", False),
        (None, False),
    ],
)
def test_debian_is_told_by_os_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, os_release: str | None, expected: bool
) -> None:
    monkeypatch.setattr("system_packages.shutil.which", lambda name: f"/usr/bin/{name}")
    path = tmp_path / "os-release"
    if os_release is not None:
        path.write_text(os_release)

    assert system_packages.is_debian_like(path) is expected


def test_a_tools_message_is_shown_without_the_host_it_spoke_to() -> None:
    said = "failed to fetch https://user:pass@packages.example.com/simple/click: 503"

    assert dev.hide_hosts(said) == "failed to fetch https://.../simple/click: 503"


def test_the_summary_names_what_failed(capsys: pytest.CaptureFixture[str]) -> None:
    beside = [steps.Step("mypy", 100.0, 9.0, True), steps.Step("ruff check", 101.0, 0.4, True)]
    ran = [*beside, steps.Step("tests", 110.0, 51.0, False)]

    assert steps.summarise(ran) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "failed: tests (61 s)"
    assert steps.summarise(beside) == 0


def test_a_step_keeps_its_output_for_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    fine = steps.run_step("fine", [sys.executable, "-c", "print('chatter')"])
    failed = steps.run_step("failed", [sys.executable, "-c", "exit('the reason')"])

    assert (fine.passed, failed.passed) == (True, False)
    assert capfd.readouterr().out.splitlines() == ["fine ...", "failed ...", "the reason"]
