"""Which of an agent's own modes fits which policy: agents name theirs differently."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.agents.acp.shape import Message, table_at, tables_at, text_at
from core.agents.permissions import Policy

# Codex's `workspace-write` holds commands inside the worktree by a sandbox of its own and asks
# for all else; its `agent` and Claude's `auto` let a model decide, so they are for nobody here.
_ASKING: Final = ("workspace-write", "default", "ask", "read-only")
_FREE: Final = (
    "bypassPermissions",
    "yolo",
    "auto-approve",
    "agent-full-access",
    "acceptEdits",
    "autoEdit",
    "auto-edit",
    "accept-edits",
)
_UNASKED: Final = frozenset({*_FREE, "auto", "agent", "dontAsk"})
"""Modes in which something is decided without us."""


@dataclass(frozen=True, slots=True)
class Modes:
    """The modes that a session offers; `option` is the setting that holds them, if one does."""

    current: str = ""
    offered: tuple[str, ...] = ()
    option: str = ""

    def fitting(self, policy: str) -> str:
        """Return the mode for *policy*; empty when none fits better than the current one."""
        wanted = _ASKING if policy == Policy.WATCHED else _FREE
        found = next((mode for mode in wanted if mode in self.offered), "")
        return "" if found == self.current else found

    def lets_slip(self, policy: str) -> bool:
        """Whether the current mode decides by itself what a person should be asked."""
        return policy == Policy.WATCHED and self.current in _UNASKED


def modes_of(opened: Message) -> Modes:
    """Return the modes in the answer to `session/new`, `load` or `resume`, or in an update."""
    state = table_at(opened, "modes")
    offered = tuple(text_at(mode, "id") for mode in tables_at(state, "availableModes"))
    if offered:
        return Modes(text_at(state, "currentModeId"), offered)
    setting = option_of(opened, "mode")
    values = tuple(text_at(value, "value") for value in tables_at(setting, "options"))
    return Modes(text_at(setting, "currentValue"), values, text_at(setting, "id"))


def option_of(opened: Message, category: str) -> Message:
    """Return the setting of a session that is of *category*, or an empty table."""
    settings = tables_at(opened, "configOptions")
    return next((one for one in settings if text_at(one, "category") == category), {})
