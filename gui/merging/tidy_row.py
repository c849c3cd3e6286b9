"""Worktrees of landed tasks that can go: how many, and the button that removes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.theme.tokens import Space
from gui.widgets.button import make_button
from gui.widgets.label import ElidedLabel
from gui.wording import counted, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.domain.landed import LandedWorktree

NAMED: Final = 4


class TidyRow(QWidget):
    """Hidden while there is nothing to remove and nothing was removed.

    Signals:
        remove_wanted: the person wants the shown worktrees gone.
    """

    remove_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = ElidedLabel(role="muted")
        self.remove = make_button("Remove worktrees", icon="trash", on_click=self._on_remove)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(self.remove)
        row.addWidget(self.words, 1)
        self.hide()

    def show_found(self, found: Sequence[LandedWorktree]) -> None:
        """Show what can go, or what has just gone; why others stay is in the tip."""
        gone = [one for one in found if one.removed]
        could = [one for one in found if not one.removed and not one.kept_because]
        kept = [f"{one.task}: {one.kept_because}" for one in found if one.kept_because]
        self.setVisible(bool(gone or could))
        self.remove.setVisible(bool(could))
        self.remove.setEnabled(True)
        self.remove.setText(f"Remove {counted(len(could), 'worktree')}")
        self.words.setText(_gone(gone) if gone else _could(could))
        self.setToolTip("\n".join(kept))

    def _on_remove(self) -> None:
        self.remove.setEnabled(False)
        self.remove_wanted.emit()


def _could(could: Sequence[LandedWorktree]) -> str:
    has = "It holds" if len(could) == 1 else "They hold"
    return f"{_named(could)}. {has} nothing that has not landed; branches stay."


def _gone(gone: Sequence[LandedWorktree]) -> str:
    return f"Removed {counted(len(gone), 'worktree')}: {_named(gone)}. Branches stay."


def _named(ones: Sequence[LandedWorktree]) -> str:
    return listed([one.task for one in ones], NAMED)
