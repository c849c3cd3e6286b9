"""The small signs beside a state: drawn, so that no font can replace them by a box."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.theme.fonts import TextStyle, font
from gui.theme.tokens import Glyph

STROKE = 1.4


def paint_glyph(painter: QPainter, rect: QRectF, glyph: Glyph, color: QColor) -> None:
    """Paint *glyph* in the middle of *rect*, which is best 8 px square."""
    if glyph is Glyph.NONE:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_pen(color))
    _paint(painter, rect, glyph, color)
    painter.restore()


def _paint(painter: QPainter, rect: QRectF, glyph: Glyph, color: QColor) -> None:
    edge = min(rect.width(), rect.height())
    middle = rect.center()
    match glyph:
        case Glyph.DOT:
            _fill(painter, color)
            painter.drawEllipse(middle, edge * 0.36, edge * 0.36)
        case Glyph.RING:
            painter.drawEllipse(middle, edge * 0.36, edge * 0.36)
        case Glyph.PAUSE:
            _fill(painter, color)
            for offset in (-0.28, 0.28):
                left = middle.x() + edge * offset - edge * 0.13
                painter.drawRect(QRectF(left, middle.y() - edge * 0.4, edge * 0.26, edge * 0.8))
        case Glyph.ASK:
            painter.setFont(font(TextStyle.META))
            painter.drawText(rect.adjusted(-3, -4, 3, 4), Qt.AlignmentFlag.AlignCenter, "?")
        case Glyph.CROSS:
            arm = edge * 0.32
            painter.drawLine(middle + QPointF(-arm, -arm), middle + QPointF(arm, arm))
            painter.drawLine(middle + QPointF(-arm, arm), middle + QPointF(arm, -arm))
        case Glyph.CHECK:
            points = ((-0.4, 0.05), (-0.12, 0.33), (0.42, -0.3))
            painter.drawPolyline(QPolygonF([middle + QPointF(*p) * edge for p in points]))
        case Glyph.DIAMOND:
            _fill(painter, color)
            arm = edge * 0.5
            corners = ((0.0, -arm), (arm, 0.0), (0.0, arm), (-arm, 0.0))
            painter.drawPolygon(QPolygonF([middle + QPointF(*c) for c in corners]))
        case Glyph.NONE:
            pass


def _fill(painter: QPainter, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)


def _pen(color: QColor) -> QPen:
    pen = QPen(color, STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen
