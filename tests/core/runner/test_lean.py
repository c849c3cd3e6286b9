"""A runner loads only what an idle run needs: there may be ten of them."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "ssl", "_hashlib", "peewee", "decimal", "psutil", "git", "click", "mcp", "acp", "pydantic",
    "httpx", "starlette", "genai_prices", "PySide6", "platformdirs", "playhouse", "tomllib",
    "core.engine",
    "core.conflicts", "core.merging", "core.settings", "core.dispatch", "bz2", "lzma", "email",
    "http", "multiprocessing", "pickle", "tempfile", "unittest", "zipfile",
    "core.domain.overview", "core.queue.claims", "core.queue.eligibility", "core.tasks.board",
    "random", "secrets", "unicodedata", "calendar", "dis", "hashlib", "hmac", "platform", "uuid",
    "zlib", "core.agents.scripted_agent",
)  # fmt: skip


LAST_WORDS = {
    "ast": "unparse",
    "asyncio.sslproto": "SSLProtocol",
    "asyncio.staggered": "staggered_race",
    "copy": "deepcopy",
    "difflib": "restore",
    "inspect": "signature",
    "ipaddress": "IPv6Network",
    "linecache": "lazycache",
    "locale": "getlocale",
    "shlex": "quote",
    "tempfile": "TemporaryDirectory",
    "textwrap": "shorten",
    "tokenize": "generate_tokens",
    "traceback": "TracebackException",
    "urllib.parse": "unwrap",
}
"""What each module that is loaded late has only when it has been run to its end, or nearly."""


def test_a_runner_does_not_load_what_only_others_need() -> None:
    code = (
        "import sys; import core.runner.__main__, core.agents.drivers.scripted;"
        "from core.runner.lean import LateModule;"
        f"found = {{name: sys.modules.get(name) for name in {HEAVY!r}}};"
        "print(*[name for name in found if not isinstance(found[name], LateModule | None)])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_what_was_kept_out_can_still_be_loaded_later() -> None:
    code = "import core.runner.__main__, ssl, hashlib, hmac; print(ssl.OPENSSL_VERSION_NUMBER > 0)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True"]


def test_what_is_hardly_ever_used_is_not_loaded_before() -> None:
    code = (
        "import sys; before = set(sys.modules);"
        "import core.runner.__main__, core.agents.drivers.scripted;"
        "import core.agents.drivers.command, core.agents.drivers.codex;"
        "from core.runner.lean import LATE, LateModule; late = set(LATE) - before;"
        "print(*[name for name in late if type(sys.modules[name]) is not LateModule])"
    )

    done = subprocess.run(
        [sys.executable, "-OO", "-c", code], capture_output=True, text=True, check=True
    )

    # importlib.resources uses it at once since Python 3.12: the drivers' tables are resources.
    assert set(done.stdout.split()) <= ({"tempfile"} if sys.version_info >= (3, 12) else set())


def test_what_is_loaded_late_is_whole_for_two_threads_that_use_it_at_once() -> None:
    code = f"""
import sys, threading
import core.runner.__main__
from core.runner.lean import LATE, LateModule

words = {LAST_WORDS!r}
kept = {{name: sys.modules[name] for name in LATE}}
sys.setswitchinterval(1e-6)
together = threading.Barrier(2)
found = []

def use():
    for name, word in words.items():
        together.wait()
        found.append(getattr(kept[name], word))

threads = [threading.Thread(target=use) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(found) == 2 * len(LATE) and len(set(found)) == len(LATE), found
assert not any(isinstance(sys.modules[name], LateModule) for name in LATE)
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""


def test_what_is_loaded_late_can_be_changed_by_who_imported_it_before() -> None:
    code = (
        "import core.runner.lean, copy, asyncio; early = asyncio.sslproto;"
        "early.marked = 1; from asyncio import sslproto; import sys;"
        "assert sys.modules['asyncio.sslproto'].marked == sslproto.marked == 1;"
        "assert asyncio.sslproto is sys.modules['asyncio.sslproto'];"
        "del early.marked; assert not hasattr(sslproto, 'marked');"
        "assert 'deepcopy' in dir(copy)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""


def test_a_path_is_an_address_too() -> None:
    code = (
        "import core.runner.lean, pathlib, sys; from core.runner.lean import LateModule;"
        "assert isinstance(sys.modules['urllib.parse'], LateModule);"
        "print(pathlib.Path('/a b').as_uri()); import urllib.parse; print(urllib.parse.quote('ä'))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["file:///a%20b", "%C3%A4"]


def test_words_for_type_checkers_are_loaded_for_libraries_alone() -> None:
    code = """
import sys
import core.runner.__main__, core.agents.drivers.scripted
from core.runner.lean import LateModule

assert isinstance(sys.modules["typing"], LateModule)
import acp.schema
import typing
import core.agents.drivers.acp

assert not isinstance(sys.modules["typing"], LateModule)
assert typing.get_type_hints(acp.schema.ToolCall)["raw_input"] == typing.Optional[typing.Any]
read = acp.schema.TextContentBlock.model_validate({"type": "text", "text": "words"})
print(read.text)
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == ("words\n", "")


def test_dataclasses_need_no_inspect_and_others_have_all_of_it() -> None:
    code = (
        "import core.runner.lean, sys, dataclasses, inspect\n"
        "@dataclasses.dataclass\n"
        "class Plain:\n"
        "    x: int = 0\n"
        "assert type(sys.modules['inspect']) is core.runner.lean.LateModule\n"
        "assert str(inspect.signature(Plain)).startswith('(x:'), inspect.signature(Plain)\n"
        "assert inspect.iscoroutinefunction(Plain) is False"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""


def test_who_looks_through_all_modules_loads_none_of_these() -> None:
    code = (
        "import core.runner.lean, inspect, sys; inspect.getmodule(test := lambda: None);"
        "assert 'ssl' not in sys.modules;"
        "assert type(sys.modules['difflib']) is core.runner.lean.LateModule;"
        "import difflib; difflib.ndiff; assert sys.modules['difflib'].__file__"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""


def test_hashes_need_no_openssl() -> None:
    code = (
        "import core.runner.lean, sys, hashlib, hmac;"
        "hashlib.new('sha256', b'').hexdigest(); hmac.digest(b'k', b'm', 'sha256');"
        "assert sys.modules['_hashlib'] is None and 'ssl' not in sys.modules"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""


def test_nobody_but_the_runner_has_late_modules() -> None:
    code = (
        "import sys, core.dispatch.launch, core.runner.life, core.runner.ending;"
        "assert 'core.runner.lean' not in sys.modules"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stderr == ""
