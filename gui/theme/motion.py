"""Motion: 120 ms, only to show where something went, and none when less is asked for."""

import os
from typing import Final

from PySide6.QtCore import QAbstractAnimation, QByteArray, QEasingCurve, QObject, QPropertyAnimation
from PySide6.QtWidgets import QApplication, QStyle

DURATION_MS: Final = 120
REDUCED_MOTION: Final = "WEFT_REDUCED_MOTION"


def duration_ms() -> int:
    """Return how long a movement takes: 120 ms, or 0 when the person or the system asks for less.

    `WEFT_REDUCED_MOTION=1` asks for none; so does a desktop whose animations are switched off.
    """
    if os.environ.get(REDUCED_MOTION, "") not in {"", "0"}:
        return 0
    style = QApplication.style()
    hint = style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return DURATION_MS if hint > 0 else 0


def animate(target: QObject, name: str, start: object, end: object) -> QPropertyAnimation | None:
    """Move the Qt property *name* of *target*; with reduced motion set it at once.

    Returns:
        The running animation (it deletes itself, and belongs to *target*), or None.
    """
    length = duration_ms()
    if length == 0:
        target.setProperty(name, end)
        return None
    animation = QPropertyAnimation(target, QByteArray(name.encode()), target)
    animation.setDuration(length)
    animation.setEasingCurve(QEasingCurve.Type.OutCubic)
    animation.setStartValue(start)
    animation.setEndValue(end)
    animation.start(QAbstractAnimation.DeletionPolicy.DeleteWhenStopped)
    return animation
