"""Take tasks from a Markdown check list or from JSON, with an account of every line.

Markdown: each item `- [ ] Title` is a task; words at its end set fields: `(high)`, `#skill`,
`@30m`, `[key]` at its start, `after: key, key`, `files: a.py, b/**`. Indented text below an item
is its description. `- [x]` items are done already and are left out, with that reason.

JSON: a list of objects, or `{"tasks": [...]}`, with the fields of `weft task add`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from core.domain.task import NewTask, Priority
from core.errors import EngineError, UsageError
from core.store.schema import in_chunks
from core.tasks import board
from core.tasks.adding import add_tasks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from core.domain.repo import Repo

_ITEM: Final = re.compile(r"^(\s*)[-*+]\s+\[([ xX])\]\s+(.*)$")
_FIELDS: Final = re.compile(r"\s+(after|files):\s*([^:]+?)(?=\s+(?:after|files):|$)", re.IGNORECASE)
_PRIORITY: Final = re.compile(r"\s\((critical|high|medium|low)\)(?=\s|$)", re.IGNORECASE)
_ESTIMATE: Final = re.compile(r"\s@(\d+(?:\.\d+)?[mh])(?=\s|$)")
_SKILL: Final = re.compile(r"\s#([A-Za-z][A-Za-z0-9._-]*)(?=\s|$)")
_KEY: Final = re.compile(r"^\[([^\]\s]+)\]\s+")
_AT_ONCE: Final = 500
"""Entries in one transaction: a commit each is slow, and all in one keep the others waiting."""
_JSON_FIELDS: Final = frozenset(
    {
        *("title", "description", "priority", "files", "depends_on"),
        *("skills", "estimate_minutes", "key", "issue_number"),
    }
)


@dataclass(frozen=True, slots=True)
class ImportLine:
    """What became of one entry; `line` is 1-based (in JSON the entry's number)."""

    line: int
    text: str
    key: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The account of an import, entry by entry."""

    lines: tuple[ImportLine, ...]

    @property
    def taken(self) -> int:
        """Return how many became tasks."""
        return sum(line.key is not None for line in self.lines)


def import_tasks(repo: Repo, text: str, *, name: str, now: datetime, actor: str) -> ImportReport:
    """Add what *text* lists; an entry that cannot be taken does not stop the others.

    Dependencies may name keys that come later in the same file: they are set in a second pass.

    Raises:
        UsageError: The text is neither a check list nor JSON of the expected shape.
    """
    entries = list(_json_entries(text) if name.lower().endswith(".json") else _markdown(text))
    if not entries:
        raise UsageError(
            f"{name} holds nothing to import.",
            hint="A Markdown check list has lines such as '- [ ] Title'; JSON a list of objects.",
        )
    lines: list[ImportLine] = []
    waiting: list[tuple[int, tuple[str, ...]]] = []
    for stretch in in_chunks(entries, _AT_ONCE):
        tasks = [new for _, _, new, _ in stretch if new is not None]
        results = iter(add_tasks(repo, tasks, now=now, actor=actor))
        for number, shown, new, problem in stretch:
            result = None if new is None else next(results)
            if isinstance(result, str):
                if new is not None and new.depends_on:
                    waiting.append((len(lines), new.depends_on))
                lines.append(ImportLine(number, shown, result, problem))
            else:
                lines.append(ImportLine(number, shown, None, str(result or problem)))
    for at, needs in waiting:
        lines[at] = _linked(repo, lines[at], needs, now=now, actor=actor)
    return ImportReport(tuple(lines))


def _linked(
    repo: Repo, line: ImportLine, needs: tuple[str, ...], *, now: datetime, actor: str
) -> ImportLine:
    assert line.key is not None
    try:
        changes = board.TaskChanges(depends_on=needs)
        board.edit_task(repo, line.key, changes, now=now, actor=actor)
    except EngineError as error:
        return replace(line, problem=f"added without dependencies: {error}")
    return line


def parse_minutes(text: str) -> int:
    """Return minutes of `45m`, `2h`, `1.5h` or `90`.

    Raises:
        UsageError: Another form.
    """
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*(m|h|)", text.strip().lower())
    if not found:
        raise UsageError(f"{text!r} is not a duration.", hint="Write 45m, 2h or 1.5h.")
    return round(float(found[1]) * (60 if found[2] == "h" else 1))


_Entry = tuple[int, str, NewTask | None, str]


def _markdown(text: str) -> Iterator[_Entry]:
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        found = _ITEM.match(line)
        if not found:
            if line.lstrip().startswith(("- [", "* [")):
                yield number, line.strip(), None, "not a check list item: write '- [ ] Title'"
            continue
        indent, mark, rest = found.groups()
        if mark in "xX":
            yield number, rest.strip(), None, "already done"
            continue
        body = _description(lines[number:], len(indent))
        try:
            yield number, rest.strip(), _from_markdown(rest, body), ""
        except EngineError as error:
            yield number, rest.strip(), None, str(error)


def _description(following: list[str], indent: int) -> str:
    taken: list[str] = []
    for line in following:
        if _ITEM.match(line) or (line.strip() and len(line) - len(line.lstrip()) <= indent):
            break
        taken.append(line.strip())
    return "\n".join(taken).strip()


def _from_markdown(rest: str, body: str) -> NewTask:
    fields = {name.lower(): value for name, value in _FIELDS.findall(rest)}
    title = _FIELDS.sub("", rest)
    priority, estimate = _PRIORITY.search(title), _ESTIMATE.search(title)
    skills = tuple(_SKILL.findall(title))
    for pattern in (_PRIORITY, _ESTIMATE, _SKILL):
        title = pattern.sub("", title)
    key = _KEY.match(title)
    return NewTask(
        title=_KEY.sub("", title).strip(),
        description=body,
        priority=Priority.parse(priority[1]) if priority else Priority.MEDIUM,
        files=_split(fields.get("files", "")),
        depends_on=_split(fields.get("after", "")),
        skills=skills,
        estimate_minutes=parse_minutes(estimate[1]) if estimate else None,
        key=key[1] if key else None,
    )


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _json_entries(text: str) -> Iterator[_Entry]:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:  # bad JSON, or a number of too many digits
        raise UsageError(f"This is not valid JSON: {error}.") from error
    if isinstance(raw, dict):
        raw = raw.get("tasks")
    if not isinstance(raw, list):
        raise UsageError("The JSON must be a list of tasks, or an object with 'tasks'.")
    for number, entry in enumerate(raw, start=1):
        if not isinstance(entry, dict):
            yield number, json.dumps(entry)[:60], None, "not an object"
            continue
        shown = str(entry.get("title", ""))[:80]
        try:
            new = _from_json(entry)
        except EngineError as error:
            yield number, shown, None, str(error)
            continue
        left_out = sorted(set(entry) - _JSON_FIELDS)
        yield number, shown, new, f"not taken over: {', '.join(left_out)}" if left_out else ""


def _from_json(entry: Mapping[str, object]) -> NewTask:
    return NewTask(
        title=_text(entry, "title"),
        description=_text(entry, "description"),
        priority=Priority.parse(_text(entry, "priority") or "medium"),
        files=_texts(entry, "files"),
        depends_on=_texts(entry, "depends_on"),
        skills=_texts(entry, "skills"),
        estimate_minutes=_whole(entry, "estimate_minutes"),
        key=_text(entry, "key") or None,
        issue_number=_whole(entry, "issue_number"),
    )


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UsageError(f"{name!r} must be a text.")
    return value


def _texts(entry: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = entry.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise UsageError(f"{name!r} must be a list of texts.")
    return tuple(value)


def _whole(entry: Mapping[str, object], name: str) -> int | None:
    value = entry.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageError(f"{name!r} must be a whole number.")
    return value
