"""A card with one figure: what it is, how much, and what that means."""

from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout

from gui.theme.stylesheet import set_look
from gui.theme.tokens import Space, Tone
from gui.widgets.label import ElidedLabel
from gui.widgets.progress_line import ProgressLine

CARD_HEIGHT = 88


class FigureCard(QFrame):
    """Label, figure, caption, and a line of progress where the figure is one."""

    def __init__(self, label: str, figure: str = "", caption: str = "") -> None:
        super().__init__()
        set_look(self, surface="sheet")
        self._label = ElidedLabel(label, role="meta")
        self._figure = ElidedLabel(role="figure")
        self._caption = ElidedLabel(role="muted")
        self._progress = ProgressLine(label)
        self._progress.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(Space.L, Space.M, Space.L, Space.M)
        column.setSpacing(2)
        column.addWidget(self._label)
        column.addWidget(self._figure)
        column.addWidget(self._caption)
        column.addSpacing(Space.S)
        column.addWidget(self._progress)
        column.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(CARD_HEIGHT)
        self.show_figure(figure, caption)

    def set_label(self, label: str) -> None:
        """Say what the figure is of."""
        self._label.setText(label)

    def show_figure(
        self,
        figure: str,
        caption: str = "",
        *,
        fraction: float | None = None,
        tone: Tone | None = None,
    ) -> None:
        """Show *figure* and what it means; *fraction* adds a line of progress."""
        self._figure.setText(figure)
        set_look(self._figure, tone="" if tone is None else tone.value)
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))
        self._progress.setVisible(fraction is not None)
        if fraction is not None:
            self._progress.set_fraction(fraction, tone or Tone.ACCENT)
        said = f"{self._label.text()}: {figure}"
        self.setAccessibleName(f"{said}. {caption}" if caption else said)

    def figure(self) -> str:
        """Return the figure shown."""
        return self._figure.text()

    def caption(self) -> str:
        """Return the caption shown."""
        return self._caption.text()
