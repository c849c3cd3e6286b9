"""The message bar's place in the window: room only while it says something; news goes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from gui.theme.tokens import Space, Tone
from gui.widgets.message_bar import MessageBar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gui.widgets.message_bar import Action

NEWS_MS: Final = 8_000
LATER_MS: Final = 30
CLICK_MS: Final = 1_000
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
    """Margins around the bar that go when it goes.

    While a mouse button is down nothing is moved: what was pressed is there for the release of a
    click, which is over within `CLICK_MS`.
    """

    def __init__(self, bar: MessageBar) -> None:
        super().__init__()
        self._bar = bar
        self._held = QElapsedTimer()
        self._later = QTimer(self)
        self._later.setInterval(LATER_MS)
        self._later.timeout.connect(self._follow)
        stack = QVBoxLayout(self)
        stack.setContentsMargins(Space.L, 0, Space.L, Space.M)
        stack.addWidget(bar)
        self.setVisible(not bar.isHidden())
        bar.installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in {QEvent.Type.ShowToParent, QEvent.Type.HideToParent}:
            self._follow()
        return False

    def _follow(self) -> None:
        wanted = not self._bar.isHidden()
        is_due = wanted == self.isHidden()
        if is_due and self._is_clicking():
            self._later.start()
            return
        self._later.stop()
        self._held.invalidate()
        if is_due:
            self.setVisible(wanted)

    def _is_clicking(self) -> bool:
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            return False
        if not self._held.isValid():
            self._held.start()
        return not self._held.hasExpired(CLICK_MS)
