"""Memory is given back without anything being lost."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

_CHILD = """
import ctypes, json, re, sqlite3, zlib
from pathlib import Path
from core.processes.memory import give_back

def work():
    database = sqlite3.connect(":memory:")
    (found,) = database.execute("SELECT upper(group_concat(value)) FROM json_each('[1, 2]')")
    return [found[0], zlib.crc32(b"weft"), re.sub("a+", "b", "caab")]

def from_files():
    said = Path("/proc/self/status").read_text()
    return int(re.search(r"RssFile:\\s+(\\d+)", said)[1])

before, full = work(), from_files()
give_back()
small = from_files()
print(json.dumps([before, work(), full, small]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process do this for itself")
def test_pages_of_libraries_go_and_come_back_when_they_are_used() -> None:
    said = subprocess.run([sys.executable, "-c", _CHILD], capture_output=True, check=True)

    before, after, full, small = json.loads(said.stdout)
    assert after == before
    assert small < full * 3 / 4
