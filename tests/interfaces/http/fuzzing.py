"""schemathesis against a running server: requests made from its own description."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from tests.interfaces.http.client import Client

_SETTINGS: Final = """\
# A request can be valid as JSON and still name what is not there, or cannot be now.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "403", "404", "409"]
"""
_LIMIT_S: Final = 1800


def fuzz(client: Client, folder: Path, *, phases: str, examples: int) -> str:
    """Return what schemathesis found; empty when every answer was as described.

    The stream of events is left out: it does not end.
    """
    settings = folder / "schemathesis.toml"
    settings.write_text(_SETTINGS, encoding="utf-8")
    words = [
        f"--config-file={settings}",
        "run",
        f"http://{client.host}/openapi.json",
        f"--header=Authorization: Bearer {client.token}",
        "--exclude-path=/api/events",
        f"--phases={phases}",
        f"--max-examples={examples}",
        "--seed=7",
        "--generation-database=none",
        "--request-timeout=30",
        "--continue-on-failure",
        "--no-color",
    ]
    code = "from schemathesis.cli import schemathesis; schemathesis()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr
