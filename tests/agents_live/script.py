"""What the scripted model is to do, carried by the prompt itself: the server keeps no state."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, Final

Step = dict[str, Any]
"""One answer of the model, by these keys, all optional:

say: words; write: [path, content], edits by the agent's own tool; run: a command for its shell;
leave: true, `run` asks for leave to go beyond the agent's own sandbox (Codex);
tool: [end of a tool's name, arguments]; slow: [how many, seconds apart] further words;
plain: true, also where no tools are offered; fail: an HTTP status instead of an answer;
drop: true, cut the connection in the midst.
`{worktree}` in a text stands for the folder that Weft's prompt names.
"""

_MARK: Final = re.compile(r"<<script ([A-Za-z0-9_=-]+)>>")
_WORKTREE: Final = re.compile(r"alone in your own checkout:\s+(/\S+)")


def carried(*steps: Step) -> str:
    """Return words for a prompt that make the model do *steps*, an answer each."""
    packed = base64.urlsafe_b64encode(json.dumps(steps).encode()).decode()
    return f"<<script {packed}>>"


def found_in(prompt: str) -> list[Step] | None:
    """Return the last script that *prompt* carries, or None."""
    marks = _MARK.findall(prompt)
    if not marks:
        return None
    steps: list[Step] = json.loads(base64.urlsafe_b64decode(marks[-1]))
    return steps


def worktree_in(texts: str) -> str:
    """Return the folder that Weft's prompt names somewhere in *texts*, or a dot."""
    found = _WORKTREE.findall(texts)
    return found[-1] if found else "."
