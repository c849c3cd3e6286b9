"""The bar on top of the wizard: its name, and how branches land."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout

from core.domain.plan import Strategy
from gui.theme.stylesheet import set_look
from gui.theme.tokens import Height, Space
from gui.widgets.label import make_label

STRATEGIES: Final = MappingProxyType(
    {
        Strategy.MERGE: "merge commit",
        Strategy.SQUASH: "squash",
        Strategy.REBASE: "rebase",
    }
)


class WizardBar(QFrame):
    """Title and strategy.

    Signals:
        strategy_chosen: (Strategy) the person wants branches to land in another way.
    """

    strategy_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        set_look(self, surface="bar")
        self.setFixedHeight(Height.BAR)
        self.strategy = QComboBox()
        self.strategy.setAccessibleName("Strategy")
        for words in STRATEGIES.values():
            self.strategy.addItem(words)
        self.strategy.currentIndexChanged.connect(self._on_chosen)
        label = make_label("strategy", role="meta")
        label.setBuddy(self.strategy)
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.L, 0)
        row.setSpacing(Space.M)
        row.addWidget(make_label("Merge wizard", role="title"))
        row.addStretch(1)
        row.addWidget(label)
        row.addWidget(self.strategy)

    def show_strategy(self, strategy: Strategy, *, may_change: bool) -> None:
        """Show *strategy* without telling anybody."""
        with QSignalBlocker(self.strategy):
            self.strategy.setCurrentIndex(list(STRATEGIES).index(strategy))
        self.strategy.setEnabled(may_change)

    def _on_chosen(self, index: int) -> None:
        self.strategy_chosen.emit(list(STRATEGIES)[index])
