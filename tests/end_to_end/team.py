"""Agents for tests of accidents: scripts that wait where a test wants them to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.black_box import Weft

PROFILE = """
[agents.{name}]
driver = "{driver}"
command = {command}
"""


@dataclass(frozen=True, slots=True)
class Team:
    """Agents that follow one script per task, known from the person's own settings.

    Attributes:
        weft: The command line in their repository.
        folder: Holds the scripts and the files that they wait for.
        settings: The person's settings file.
    """

    weft: Weft
    folder: Path
    settings: Path

    @classmethod
    def of(cls, weft: Weft, folder: Path, weft_home: Path, *, size: int = 1) -> Team:
        """Register *size* agents, `agent-1` and so on."""
        folder.mkdir()
        team = cls(weft, folder, weft_home / "config.toml")
        team.add_profile("scripted", "scripted", [str(folder / "{task}.json")])
        for number in range(1, size + 1):
            weft("worker", "add", f"agent-{number}", "--type", "agent", "--agent", "scripted")
        return team

    def add_profile(self, name: str, driver: str, command: list[str]) -> None:
        """Add an agent profile to the person's settings."""
        text = self.settings.read_text(encoding="utf-8") if self.settings.exists() else ""
        text += PROFILE.format(name=name, driver=driver, command=json.dumps(command))
        self.settings.write_text(text, encoding="utf-8")

    def add_task(self, key: str, *steps: dict[str, Any]) -> None:
        """Add a task and the script that its agent will follow."""
        self.rewrite(key, *steps)
        self.weft("task", "add", f"Do {key}", "--key", key)

    def rewrite(self, key: str, *steps: dict[str, Any]) -> None:
        """Give the agent of a task another script from its next run on."""
        script = json.dumps({"steps": steps})
        (self.folder / f"{key}.json").write_text(script, encoding="utf-8")

    def here(self, name: str) -> dict[str, Any]:
        """Return the step with which an agent says that it has come so far."""
        return {"write": {"path": str(self.folder / f"{name}.here"), "text": ""}}

    def wait(self, name: str) -> dict[str, Any]:
        """Return the step with which an agent waits until `let_go`."""
        return {"wait_for": str(self.folder / f"{name}.go")}

    def let_go(self, name: str) -> None:
        """Let what waits for *name* go on."""
        (self.folder / f"{name}.go").touch()

    def until_here(self, *names: str) -> None:
        """Wait until each has come to its `here` step."""
        wait_until(lambda: all((self.folder / f"{name}.here").exists() for name in names))
