"""Has the cures done: one at a time, told in the message bar, with what can be taken back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.errors import EngineError
from gui.async_slots import async_slot, start
from gui.conflicts.cures import CureKind
from gui.conflicts.requests import (
    ask_branch_agent,
    bring_base_in,
    commit_decisions,
    open_dispute,
    read_dependencies,
    read_sides,
    resolve_in_tool,
    set_dependencies,
    take_back,
)
from gui.conflicts.resolution import Resolution
from gui.theme.tokens import Tone
from gui.wording import counted, short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.domain.conflict import FileSides
    from core.domain.resolution import Brought, Dispute
    from gui.conflicts.cures import Cure
    from gui.conflicts.resolve_panel import ResolvePanel
    from gui.engine_client import Client
    from gui.widgets.message_bar import MessageBar


class CureDesk(QObject):
    """Does what the head of a pair and the resolve panel ask for.

    Signals:
        changed: a branch or a dependency is another one; the matrix is to be computed.
        busy_changed: (bool) whether a cure is under way.
        opened: the resolve panel shows what is to be decided.
    """

    changed = Signal()
    busy_changed = Signal(bool)
    opened = Signal()

    def __init__(
        self, client: Client, message_bar: MessageBar, panel: ResolvePanel, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.message_bar = message_bar
        self._client = client
        self._panel = panel
        self._drafts: dict[tuple[str, str], Resolution] = {}
        panel.sides_wanted.connect(self._on_sides_wanted)
        panel.commit_wanted.connect(self._on_commit)
        panel.tool_wanted.connect(self._on_tool)

    def take(self, cure: Cure) -> None:
        """Begin a cure; errors end in the message bar."""
        match cure.kind:
            case CureKind.WAIT if cure.other is not None:
                start(self, "Let a task wait", self._wait(cure.task, cure.other))
            case CureKind.BRING:
                start(self, cure.name, self._bring(cure.task))
            case CureKind.AGENT:
                start(self, "Ask agent to resolve", self._ask_agent(cure))
            case _:
                start(self, cure.name, self._open(cure.task, cure.other))

    # One task waits for the other

    async def _wait(self, waits: str, for_whom: str) -> None:
        with self._busy():
            before = await self._client.do(read_dependencies, waits)
            await self._client.do(set_dependencies, waits, (*before, for_whom))
        self.message_bar.show_message(
            f"{waits} now waits for {for_whom}",
            f"It lands after {for_whom}.",
            Tone.OK,
            [("Undo", lambda: self._on_wait_undone(waits, before))],
        )
        self.changed.emit()

    @async_slot("Undo")
    async def _on_wait_undone(self, waits: str, before: tuple[str, ...]) -> None:
        await self._client.do(set_dependencies, waits, before)
        self.changed.emit()

    # The base comes into a branch

    async def _bring(self, task: str) -> None:
        with self._busy():
            brought: Brought = await self._client.do(bring_base_in, task)
        self._tell(brought)

    @async_slot("Undo")
    async def _on_taken_back(self, brought: Brought) -> None:
        with self._busy():
            back: Brought = await self._client.do(take_back, brought.task, brought.after)
        self._tell(back)

    # The branch's agent resolves

    async def _ask_agent(self, cure: Cure) -> None:
        with self._busy():
            begun: bool = await self._client.do(ask_branch_agent, cure.task, cure.other)
        agent, _, what = cure.name.removeprefix("Ask ").partition(" to ")
        self.message_bar.show_message(
            f"{agent} is asked to {what}",
            "It has the conflict as a new run; what it leaves is checked for markers."
            if begun
            else "Its run begins as soon as there is a place for it.",
            Tone.OK,
        )
        self.changed.emit()

    # A conflict is resolved

    async def _open(self, task: str, other: str | None) -> None:
        with self._busy():
            dispute: Dispute = await self._client.do(open_dispute, task, other)
        if not dispute.files:
            who = f"{dispute.task} and {dispute.right_name}"
            self.message_bar.show_message(
                f"{who} do not collide as committed",
                "What collides is not committed yet: commit it, then resolve.",
                Tone.ACCENT,
            )
            self.changed.emit()
            return
        key = dispute.task, dispute.other
        self._drafts[key] = Resolution(dispute, self._drafts.get(key))
        self._panel.show_resolution(self._drafts[key])
        self.opened.emit()

    @async_slot("Read both versions")
    async def _on_sides_wanted(self, path: str) -> None:
        shown = self._panel.resolution()
        if shown is None:
            return
        opened = shown.dispute
        try:
            sides: FileSides = await self._client.do(
                read_sides, opened.task, opened.other or None, path
            )
        except EngineError:
            return  # the hunks themselves are shown; only their surroundings are missing
        if self._panel.resolution() is shown:
            self._panel.show_sides(sides)

    @async_slot("Commit the resolution")
    async def _on_commit(self) -> None:
        shown = self._panel.resolution()
        if shown is not None and shown.is_complete:
            with self._at_work("Committing …"):
                brought: Brought = await self._client.do(
                    commit_decisions, shown.dispute, shown.decisions()
                )
            self._resolved(brought, shown)

    @async_slot("Merge tool")
    async def _on_tool(self) -> None:
        shown = self._panel.resolution()
        if shown is not None:
            with self._at_work("Your merge tool is open; close it when all is resolved"):
                brought: Brought = await self._client.do(resolve_in_tool, shown.dispute)
            self._resolved(brought, shown)

    def _resolved(self, brought: Brought, shown: Resolution) -> None:
        self._drafts.pop((shown.dispute.task, shown.dispute.other), None)
        self._tell(brought)
        self._panel.closed.emit()

    # Telling

    def _tell(self, brought: Brought) -> None:
        self.changed.emit()
        if brought.before == brought.after:
            self.message_bar.show_message(
                f"{brought.task} holds all of {brought.brought} already",
                "Nothing was to be done.",
                Tone.ACCENT,
            )
            return
        files = counted(len(brought.files), "file")
        notes = " ".join(brought.notes)
        if brought.taken_back:
            self.message_bar.show_message(
                f"{brought.task} is back to before {brought.brought} came in",
                f"{brought.branch} is at {short(brought.after)} again. {notes}".strip(),
                Tone.OK,
            )
            return
        self.message_bar.show_message(
            f"{brought.brought} is in {brought.task} now: {files} changed",
            f"Commit {short(brought.after)} on {brought.branch}. {notes}".strip(),
            Tone.OK,
            [("Undo", lambda: self._on_taken_back(brought))],
        )

    @contextmanager
    def _busy(self) -> Iterator[None]:
        self.busy_changed.emit(True)
        try:
            yield
        finally:
            self.busy_changed.emit(False)

    @contextmanager
    def _at_work(self, words: str) -> Iterator[None]:
        self._panel.show_busy(is_busy=True)
        self._panel.work.begin(words)
        try:
            yield
        finally:
            self._panel.work.end()
            self._panel.show_busy(is_busy=False)
