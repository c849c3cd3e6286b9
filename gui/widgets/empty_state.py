"""What a place shows while it is empty: one sentence, and the one button that helps."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from gui.theme import icons
from gui.theme.theme import theme
from gui.theme.tokens import Space
from gui.widgets.button import Button, ButtonKind, make_button
from gui.widgets.label import make_label

ICON_EDGE = 32
SENTENCE_WIDTH = 420


class EmptyState(QWidget):
    """An icon, a sentence and at most one button, in the middle of the room there is."""

    def __init__(
        self,
        icon: str,
        sentence: str,
        action: str = "",
        on_click: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._icon_name = icon
        self._picture = QLabel()
        self._sentence = make_label(sentence, role="muted")
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        self._sentence.setMaximumWidth(SENTENCE_WIDTH)
        self.button: Button | None = None
        center = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setSpacing(Space.M)
        column.addStretch(2)
        column.addWidget(self._picture, 0, center)
        row = QHBoxLayout()  # an aligned label would get the height of another width
        row.addStretch(1)
        row.addWidget(self._sentence, SENTENCE_WIDTH)
        row.addStretch(1)
        column.addLayout(row)
        if action:
            self.button = make_button(action, ButtonKind.PRIMARY, on_click=on_click)
            column.addWidget(self.button, 0, center)
        column.addStretch(3)
        self.setAccessibleName(sentence)
        self._tint()

    def set_sentence(self, sentence: str) -> None:
        """Say another sentence."""
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)

    def sentence(self) -> str:
        """Return the sentence shown."""
        return self._sentence.text()

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._tint()

    def _tint(self) -> None:
        self._picture.setPixmap(icons.pixmap(self._icon_name, theme().palette.faint, ICON_EDGE))
