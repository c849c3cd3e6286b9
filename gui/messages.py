"""The message bar's place in the window: room only while it says something; news goes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from gui.theme.tokens import Space, Tone
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.widgets.message_bar import Action

NEWS_MS: Final = 8_000
NEWS: Final = frozenset({Tone.ACCENT, Tone.OK})


class WindowMessages(MessageBar):
    """A bar whose good news goes after a while; questions, warnings and failures stay."""

    def __init__(self) -> None:
        super().__init__()
        self._leave = QTimer(self)
        self._leave.setSingleShot(True)
        self._leave.setInterval(NEWS_MS)
        self._leave.timeout.connect(self._on_due)

    @override
    def show_message(
        self,
        text: str,
        detail: str = "",
        tone: Tone = Tone.ACCENT,
        actions: Sequence[Action] = (),
    ) -> None:
        super().show_message(text, detail, tone, actions)
        if tone in NEWS and not actions:
            self._leave.start()
        else:
            self._leave.stop()

    def _on_due(self) -> None:
        if self.underMouse():
            self._leave.start()
        else:
            self.dismiss()


class MessagePlace(QWidget):
    """Margins around the bar that go when it goes."""

    def __init__(self, bar: MessageBar) -> None:
        super().__init__()
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.L, 0, Space.L, Space.M)
        stack.addWidget(bar)
        self.setVisible(not bar.isHidden())
        bar.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShowToParent:
            self.show()
        elif event.type() == QEvent.Type.HideToParent:
            self.hide()
        return False
