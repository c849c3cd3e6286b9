"""What an agent may do without asking: the three policies of a profile.

`watched`: reading and editing inside its own worktree, all else asks a person. `sandboxed`: the
sandbox holds it, so nothing asks. `open`: nothing asks and nothing holds it; a person allowed
that for the repository by typing its name (`core.agents.open_permit`).

An agent describes its own request, so this is a fence against mistakes and misled agents that
keep to their protocol; against one that lies only the sandbox holds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from core.domain.agent_event import ToolKind
from core.domain.question import OptionKind, QuestionOption
from core.errors import UserError
from core.paths import real_path

if TYPE_CHECKING:
    from pathlib import Path

    from core.domain.agent_event import PermissionAsked

ALLOW: Final = "allow"
ALWAYS: Final = "always"
DENY: Final = "deny"
_YES: Final = frozenset({ALLOW, "yes", "y", "ok"})
_NO: Final = frozenset({DENY, "no", "n"})
_GIT: Final = frozenset({".git", "git~1"})
_STEERS_THE_AGENT: Final = frozenset({
    ".claude", ".mcp.json", ".codex", ".gemini", ".opencode", "opencode.json", ".qwen", ".vibe",
    ".kimi", ".githooks", ".husky", ".envrc",
})  # fmt: skip
"""Edited, these would run something or widen what the agent may do, later and unasked."""


class Policy(StrEnum):
    """How far an agent is let go."""

    WATCHED = "watched"
    SANDBOXED = "sandboxed"
    OPEN = "open"


class Verdict(StrEnum):
    """What becomes of a request."""

    ALLOW = "allow"
    DENY = "deny"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request; `why` is a sentence.

    `option_id` is the agent's own id of the answer; empty for `ASK`, and when it offers no such
    answer.
    """

    verdict: Verdict
    option_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person's words mean: the agent's option, and what is allowed from now on."""

    verdict: Verdict
    option_id: str
    remember: str = ""


def decide(
    event: PermissionAsked, *, worktree: Path, policy: str, remembered: frozenset[str]
) -> Decision:
    """Return whether a request is allowed, denied, or has to be asked of a person.

    Args:
        event: What the agent asks for.
        worktree: Its own folder; relative paths start there.
        policy: The profile's: watched, sandboxed or open.
        remembered: Keys (`memory_key`) that a person allowed for this run.
    """
    if not event.options:
        return Decision(Verdict.ASK, "", "It asks a question.")
    match Policy(policy):
        case Policy.OPEN:
            return _allowed(event, "Everything is allowed: its profile is open.")
        case Policy.SANDBOXED:
            return _allowed(event, "The sandbox holds it.")
        case Policy.WATCHED:
            return _watched(event, worktree, remembered)


def memory_key(event: PermissionAsked) -> str:
    """Return what "always for this run" allows: exactly this command, or these files.

    Empty when the request does not say enough to be recognised again.
    """
    match event.kind:
        case ToolKind.READ | ToolKind.EDIT | ToolKind.SEARCH if event.paths:
            what = "\0".join(sorted(event.paths))
        case ToolKind.EXECUTE:
            what = event.detail or event.title
        case _:
            what = f"{event.title}\0{event.detail}".strip("\0")
    return f"{event.kind.value}:{what}" if what else ""


def choices(event: PermissionAsked) -> tuple[QuestionOption, ...]:
    """Return what a person can answer, in Weft's own words; nothing for a question in words."""
    if not event.options:
        return ()
    found = [QuestionOption(ALLOW, "Allow once", OptionKind.ALLOW_ONCE)]
    if memory_key(event):
        found.append(QuestionOption(ALWAYS, "Always for this run", OptionKind.ALLOW_ALWAYS))
    found.append(QuestionOption(DENY, "Deny", OptionKind.DENY))
    return tuple(found)


def understood(event: PermissionAsked, words: str) -> Answer:
    """Return what a person's answer to *event* means.

    *words* is one of `choices`, yes or no, an option's own id, or its label.

    Raises:
        UserError: It is none of these.
    """
    said = words.strip()
    folded = said.casefold()
    if folded in _YES:
        return Answer(Verdict.ALLOW, _option(event, *_ALLOWING))
    if folded == ALWAYS:
        return Answer(Verdict.ALLOW, _option(event, *_ALLOWING), memory_key(event))
    if folded in _NO:
        return Answer(Verdict.DENY, _option(event, *_DENYING))
    for option in event.options:
        if said == option.id or folded == option.label.casefold():
            allows = option.kind not in _DENYING
            return Answer(Verdict.ALLOW if allows else Verdict.DENY, option.id)
    known = ", ".join(option.label for option in event.options)
    raise UserError(
        f"{said!r} answers nothing here.", hint=f"Say yes, always or no, or one of: {known}."
    )


_ALLOWING: Final = (OptionKind.ALLOW_ONCE, OptionKind.ALLOW_ALWAYS)
_DENYING: Final = (OptionKind.DENY, OptionKind.DENY_ALWAYS)
"""Once before always: what an agent keeps for good lands in the person's settings of it."""


def _option(event: PermissionAsked, *kinds: OptionKind) -> str:
    """Return the agent's id of the first kind that it offers: ids and labels differ, kinds not."""
    for kind in kinds:
        for option in event.options:
            if option.kind is kind:
                return option.id
    return ""


def _allowed(event: PermissionAsked, why: str) -> Decision:
    option = _option(event, *_ALLOWING)
    if not option:
        return Decision(Verdict.ASK, "", "It offers no plain yes.")
    return Decision(Verdict.ALLOW, option, why)


def _watched(event: PermissionAsked, worktree: Path, remembered: frozenset[str]) -> Decision:
    key = memory_key(event)
    real = [_real(path, worktree) for path in event.paths]
    if event.kind is ToolKind.EDIT and any(path and _names(path) & _GIT for path in real):
        return Decision(
            Verdict.DENY,
            _option(event, *_DENYING),
            "It would edit git's own files, which only git commands may change.",
        )
    if key and key in remembered:
        return _allowed(event, "A person allowed this for the whole run.")
    if event.kind not in (ToolKind.READ, ToolKind.EDIT, ToolKind.SEARCH):
        return Decision(Verdict.ASK, "", f"It wants to {_WANTS[event.kind]}.")
    if not event.paths:
        return Decision(Verdict.ASK, "", "It does not say which files.")
    for path, place in zip(event.paths, real, strict=True):
        why = _objection(event.kind, path, place, worktree.resolve())
        if why:
            return Decision(Verdict.ASK, "", why)
    return _allowed(event, "It stays inside its worktree.")


_WANTS: Final = {
    ToolKind.EXECUTE: "run a command",
    ToolKind.FETCH: "reach the network",
    ToolKind.THINK: "use a tool of its own",
    ToolKind.OTHER: "use a tool",
}


def _objection(kind: ToolKind, path: str, real: Path | None, worktree: Path) -> str:
    """Return why a person is asked before *path* is read or edited, or nothing."""
    if real is None or not real.is_relative_to(worktree):
        return f"{path} is outside its worktree."
    names = _names(real.relative_to(worktree))
    if names & _GIT:
        return f"{path} is git's own."
    if kind is ToolKind.EDIT and names & _STEERS_THE_AGENT:
        return f"{path} steers agents or hooks."
    return ""


def _real(path: str, worktree: Path) -> Path | None:
    """Return where *path* really is, every symbolic link followed; None when that is unclear."""
    text = path.removeprefix("file://")
    if not text or "\0" in text or text.startswith("~"):
        return None
    return real_path(worktree / text)


def _names(place: Path) -> frozenset[str]:
    """Return the names in a path as every file system reads them: no case, dots or streams."""
    parts = os.fspath(place).replace("\\", "/").split("/")
    return frozenset(part.partition(":")[0].rstrip(". ").casefold() for part in parts)
