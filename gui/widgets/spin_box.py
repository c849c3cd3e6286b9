"""A number with a unit, set in from the frame as in every other field."""

from PySide6.QtWidgets import QSpinBox

INSET = 6


class SpinBox(QSpinBox):
    """A spin box; a style sheet cannot move the text of a plain one off its frame."""

    def __init__(self, name: str, low: int, high: int, value: int, unit: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setRange(low, high)
        self.setValue(value)
        self.setSuffix(f" {unit}" if unit else "")
        self.lineEdit().setTextMargins(INSET, 0, 0, 0)
