"""News, one line what and one line why, at the foot of the window; never a modal box."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy
from typing_extensions import override

from gui.theme.theme import theme
from gui.theme.tokens import Radius, Space, Tone
from gui.widgets.button import ButtonKind, IconButton, make_button
from gui.widgets.label import ElidedLabel

Action: TypeAlias = tuple[str, Callable[[], object]]

BAR_HEIGHT = 40
EDGE = 3
MAX_ACTIONS = 2


class MessageBar(QFrame):
    """One message at a time; the newest replaces the one before. Hidden while there is none.

    Signals:
        dismissed: the person closed the bar, or chose one of its actions.
    """

    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._tone = Tone.ACCENT
        self._told = ""
        self._text = ElidedLabel(role="strong")
        self._text.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._detail = ElidedLabel(role="muted")
        self._close = IconButton("close", "Dismiss")
        self._close.clicked.connect(self.dismiss)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(Space.M + EDGE, 0, Space.S, 0)
        self._row.setSpacing(Space.M - 2)
        self._row.addWidget(self._text)
        self._row.addWidget(self._detail, 1)
        self._row.addWidget(self._close)
        self.setFixedHeight(BAR_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Message")
        self.hide()

    def show_message(
        self,
        text: str,
        detail: str = "",
        tone: Tone = Tone.ACCENT,
        actions: Sequence[Action] = (),
    ) -> None:
        """Show *text* (what) and *detail* (why), and announce both to assistive tools.

        What is a headline and is shown without a full stop; why is in whole sentences.

        *tone* is ACCENT for news, OK, WARN or BAD. *actions* are at most two (label, callback), the
        last one being the one to recommend; each dismisses the bar before its callback runs.
        """
        if len(actions) > MAX_ACTIONS:
            raise ValueError(f"A message has at most {MAX_ACTIONS} actions, not {len(actions)}")
        self._tone = tone
        self._told = text
        self._text.setText(text.removesuffix("."))
        self._detail.setText(detail)
        self._replace_actions(actions)
        spoken = f"{text.removesuffix('.')}. {detail}" if detail else text
        self.setAccessibleName(spoken)
        self.show()
        self.update()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def dismiss(self) -> None:
        """Hide the bar."""
        self.hide()
        self.dismissed.emit()

    def text(self) -> str:
        """Return what the bar was told; it is shown without a full stop, like a headline."""
        return self._told

    def detail(self) -> str:
        """Return why."""
        return self._detail.text()

    def tone(self) -> Tone:
        """Return the tone of the message."""
        return self._tone

    def labels(self) -> tuple[QLabel, QLabel]:
        """Return the labels of what and why."""
        return self._text, self._detail

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
            return
        super().keyPressEvent(event)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme().palette
        colors = palette.tone(self._tone)
        path = QPainterPath()
        path.addRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), *(Radius.CONTROL,) * 2
        )
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(path, colors.ground)
        painter.setPen(QPen(palette.line, 1))
        painter.drawPath(path)
        painter.setClipPath(path)
        painter.fillRect(0, 0, EDGE, self.height(), colors.ink)
        painter.end()

    def _replace_actions(self, actions: Sequence[Action]) -> None:
        while self._row.count() > 3:
            item = self._row.takeAt(2)
            if item is not None and (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for position, (label, callback) in enumerate(actions):
            is_last = position == len(actions) - 1
            kind = ButtonKind.PRIMARY if is_last else ButtonKind.SECONDARY
            button = make_button(label, kind, small=True)
            button.clicked.connect(self._run(callback))
            self._row.insertWidget(2 + position, button)
            button.show()  # at once: the layout would do it only in the next round of events

    def _run(self, callback: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            self.dismiss()
            callback()

        return run
