"""A few choices side by side, one of them chosen."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
)

from gui.theme.stylesheet import set_look
from gui.theme.tokens import Height


class Segmented(QFrame):
    """A row of exclusive choices, for two to five short words.

    Signals:
        chosen: (index) the person chose another one.
    """

    chosen = Signal(int)

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        super().__init__()
        self.setAccessibleName(name)
        set_look(self, surface="segments")
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for index, choice in enumerate(choices):
            button = QPushButton(choice)
            button.setCheckable(True)
            button.setChecked(index == 0)
            set_look(button, kind="segment")
            self._group.addButton(button, index)
            row.addWidget(button)
        self._group.idClicked.connect(self.chosen)
        self.setFixedHeight(Height.CONTROL)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def current(self) -> int:
        """Return the index of the choice."""
        return self._group.checkedId()

    def segment(self, index: int) -> QAbstractButton:
        """Return the button of one choice."""
        return self._group.button(index)

    def choose(self, index: int) -> None:
        """Choose *index* without telling anybody."""
        self.segment(index).setChecked(True)
