"""What a person typed into the task form, and what is wrong with it, without Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.domain.names import check_name
from core.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection

    from core.domain.task import Task

TITLE_MOST = 200


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """A form's values as typed; lists are split already."""

    title: str
    description: str = ""
    priority: str = "medium"
    estimate: int | None = None
    files: tuple[str, ...] = ()
    depends: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    key: str = ""

    def problems(self, known: Collection[str], own_key: str = "") -> dict[str, str]:
        """Return a sentence for each field that cannot be saved so.

        *known* are the keys of the board; *own_key* is the task's, empty for a new one.
        """
        found: dict[str, str] = {}
        if not self.title:
            found["title"] = "A task needs a title."
        elif len(self.title) > TITLE_MOST:
            found["title"] = f"The title is longer than {TITLE_MOST} characters."
        folded = {key.casefold() for key in known}
        missing = [key for key in self.depends if key.casefold() not in folded]
        if own_key and own_key.casefold() in {key.casefold() for key in self.depends}:
            found["depends"] = "A task cannot wait for itself."
        elif missing:
            found["depends"] = f"There is no task {', '.join(missing)}."
        absolute = [path for path in self.files if path.startswith(("/", "~")) or ".." in path]
        if absolute:
            found["files"] = f"Paths are relative to the repository: {absolute[0]}"
        problem = self._key_problem(folded) if not own_key and self.key else ""
        if problem:
            found["key"] = problem
        return found

    def new_task(self) -> dict[str, Any]:
        """Return the keyword arguments of `task_add` beside the title."""
        return {
            "description": self.description,
            "priority": self.priority,
            "file": self.files,
            "depends": self.depends,
            "skill": self.skills,
            "estimate": self.estimate,
            "key": self.key or None,
        }

    def changes(self, task: Task) -> dict[str, Any]:
        """Return the keyword arguments of `task_edit` for what differs from *task*."""
        plain = (
            ("title", self.title, task.title),
            ("description", self.description, task.description),
            ("priority", self.priority, task.priority.value),
            ("estimate", self.estimate, task.estimate_minutes),
        )
        changes: dict[str, Any] = {
            name: typed for name, typed, present in plain if typed != present and typed is not None
        }
        cleared = []
        lists = (
            ("file", self.files, task.files),
            ("depends", self.depends, task.depends_on),
            ("skill", self.skills, task.skills),
        )
        for name, chosen, before in lists:
            if chosen != before and chosen:
                changes[name] = chosen
            elif chosen != before:
                cleared.append(name)
        return {**changes, "clear": tuple(cleared)} if cleared else changes

    def _key_problem(self, taken: Collection[str]) -> str:
        if self.key.casefold() in taken:
            return f"{self.key} is taken."
        try:
            check_name("task key", self.key)
        except UserError as error:
            return str(error)
        return ""


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of *text*, separated by commas or blanks, each once."""
    return tuple(dict.fromkeys(word for word in re.split(r"[,\s]+", text) if word))
