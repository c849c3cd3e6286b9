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
    "random", "secrets", "unicodedata",
)  # fmt: skip


def test_a_runner_does_not_load_what_only_others_need() -> None:
    code = (
        "import sys; import core.runner.__main__, core.agents.drivers.scripted;"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_what_was_kept_out_can_still_be_loaded_later() -> None:
    code = "import core.runner.__main__, ssl, hashlib, hmac; print(ssl.OPENSSL_VERSION_NUMBER > 0)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True"]
