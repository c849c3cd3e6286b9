"""The `weft` that an agent finds on its path."""

from __future__ import annotations

import shutil
import subprocess

from core.runner.reach import batch_text, program_folder


def test_an_agent_can_start_weft_from_its_path() -> None:
    program = shutil.which("weft", path=str(program_folder()))
    assert program is not None

    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("weft ")


def test_what_is_there_already_is_not_written_again() -> None:
    before = {file.name: file.stat().st_mtime_ns for file in program_folder().iterdir()}

    after = {file.name: file.stat().st_mtime_ns for file in program_folder().iterdir()}

    assert after == before


def test_a_batch_file_keeps_blanks_and_percent_signs_of_its_words() -> None:
    words = [r"C:\Program Files\100%\python.exe", "-c", r"import sys; print('a\\b')"]

    text = batch_text(words)

    assert text == (
        r'@"C:\Program Files\100%%\python.exe" -c "import sys; print(' + r"'a\\b')" + '" %*\r\n'
    )
