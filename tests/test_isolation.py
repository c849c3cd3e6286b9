"""The checks of conftest.py, each shown to bite by running a small suite in a pytest of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

_CONFTEST = "from tests.conftest import *\n"


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(_CONFTEST)
    pytester.makeini("[pytest]\nmarkers =\n    logs_errors: as in the real suite\n")
    return pytester


def test_the_hosts_git_configuration_is_not_seen(home: Path) -> None:
    shown = subprocess.run(
        ["git", "config", "--show-origin", "--list"], capture_output=True, text=True, check=True
    ).stdout

    origins = {line.split("\t")[0] for line in shown.splitlines()}
    assert {o for o in origins if o.startswith("file:/")} == {f"file:{home / '.gitconfig'}"}


def test_home_and_weft_home_belong_to_the_test(home: Path, weft_home: Path) -> None:
    assert Path.home() == home
    assert os.environ["WEFT_HOME"] == str(weft_home)
    assert [name for name in os.environ if name.startswith("WEFT_")] == ["WEFT_HOME"]


def test_an_error_in_the_log_fails_a_test_that_does_not_expect_it(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import logging
        import pytest

        def test_unexpected():
            logging.getLogger("weft").error("disk on fire")

        @pytest.mark.logs_errors
        def test_expected():
            logging.getLogger("weft").error("disk on fire")
        """
    )

    result = suite.runpytest_subprocess()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*weft: disk on fire*"])


def test_a_process_left_behind_fails_the_test_and_is_ended(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import subprocess, sys
        import tests.conftest
        tests.conftest.GRACE_S = 0.1

        def test_forgetful():
            global child
            child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

        def test_after_it():
            assert child.wait(10) is not None
            child.stdin.close()
        """
    )

    result = suite.runpytest_subprocess()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*left behind: process * -c input()*"])


def test_a_thread_that_was_not_joined_fails_the_test(suite: pytest.Pytester) -> None:
    suite.makepyfile(
        """
        import threading
        import tests.conftest
        tests.conftest.GRACE_S = 0.1
        stop = threading.Event()

        def test_forgetful():
            threading.Thread(target=stop.wait, name="lost-thread").start()

        def test_after_it():
            stop.set()
        """
    )

    result = suite.runpytest_subprocess()

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*left behind: thread lost-thread*"])
