"""One editor per kind of option: what is typed is told as the text that the engine parses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QWidget
from typing_extensions import override

from core.settings.options import Kind, Option, Value
from gui.form import PlainField, split_lines
from gui.theme.stylesheet import set_look
from gui.widgets.spin_box import INSET, SpinBox

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent

Tell: TypeAlias = Callable[[str], None]
MOST_WHOLE = 1_000_000
MOST_NUMBER = 100_000.0


def make_editor(option: Option, value: Value, tell: Tell) -> QWidget:
    """Return a control that shows *value*, and tells each new one as text."""
    makers = {
        Kind.BOOL: _bool,
        Kind.CHOICE: _choice,
        Kind.INT: _whole,
        Kind.NUMBER: _number,
        Kind.LINES: _lines,
        Kind.TEXT: _text,
    }
    editor = makers[option.kind](option, value, tell)
    editor.setAccessibleName(option.key)
    editor.setAccessibleDescription(option.help)
    return editor


def _bool(option: Option, value: Value, tell: Tell) -> QWidget:
    box = QCheckBox("on" if value else "off")
    box.setChecked(bool(value))
    box.toggled.connect(lambda on: box.setText("on" if on else "off"))
    box.toggled.connect(lambda on: tell("true" if on else "false"))
    return box


def _choice(option: Option, value: Value, tell: Tell) -> QWidget:
    box = QComboBox()
    box.addItems(list(option.choices))
    box.setCurrentText(str(value))
    box.textActivated.connect(tell)
    return box


def _whole(option: Option, value: Value, tell: Tell) -> QWidget:
    least = int(option.least or 0)
    box = SpinBox(option.key, least, MOST_WHOLE, int(str(value)), option.unit)
    box.setKeyboardTracking(False)
    box.valueChanged.connect(lambda number: tell(str(number)))
    return box


def _number(option: Option, value: Value, tell: Tell) -> QWidget:
    box = _PlainNumber()
    box.setDecimals(2)
    box.setRange(option.least or 0.0, MOST_NUMBER)
    box.setSuffix(f" {option.unit}" if option.unit else "")
    box.setValue(float(str(value)))
    box.setKeyboardTracking(False)
    box.lineEdit().setTextMargins(INSET, 0, 0, 0)
    box.valueChanged.connect(lambda number: tell(f"{number:g}"))
    return box


def _text(option: Option, value: Value, tell: Tell) -> QWidget:
    line = QLineEdit(str(value))
    set_look(line, mono=True)
    line.setCursorPosition(0)
    line.editingFinished.connect(lambda: tell(line.text()) if line.isModified() else None)
    line.editingFinished.connect(lambda: line.setModified(False))
    return line


def _lines(option: Option, value: Value, tell: Tell) -> QWidget:
    field = _LinesField(tell)
    field.setPlainText("\n".join(value) if isinstance(value, tuple) else str(value))
    field.document().setModified(False)
    field.setPlaceholderText("one a line")
    return field


class _PlainNumber(QDoubleSpinBox):
    """Shows 10 as 10, not as 10.00."""

    @override
    def textFromValue(self, value: float) -> str:
        return f"{value:g}"


class _LinesField(PlainField):
    """Tells its lines when the keyboard leaves it."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(3, mono=True)
        self._tell = tell

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.document().isModified():
            self.document().setModified(False)
            self._tell(", ".join(split_lines(self.toPlainText())))
