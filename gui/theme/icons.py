"""The icon family, tinted: SVG outlines in `currentColor`, rendered once per colour and size."""

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.theme.tokens import CONTROL_ICON
from resources import access

APP_ICON_SIZES = (16, 24, 32, 48, 64, 128, 256)


def pixmap(name: str, color: QColor, size: int = CONTROL_ICON, ratio: float = 0.0) -> QPixmap:
    """Return the icon *name* in *color*, *size* logical pixels square; cached, so cheap to paint.

    *ratio* is device pixels per logical pixel; 0 asks the application.
    """
    return _pixmap(name, color.rgba(), size, ratio or _application_ratio())


def icon(name: str, color: QColor, disabled: QColor | None = None) -> QIcon:
    """Return *name* as a QIcon, sharp on screens of any density; *disabled* tints that mode.

    It is cached: nobody adds to it.
    """
    return _icon(name, color.rgba(), (disabled or color).rgba(), _application_ratio())


@cache
def app_icon() -> QIcon:
    """Return Weft's own mark, for windows and the task bar."""
    made = QIcon()
    for size in APP_ICON_SIZES:
        made.addPixmap(QPixmap.fromImage(render("weft", None, size, 1.0)))
    return made


def render(name: str, color: QColor | None, size: int, ratio: float) -> QImage:
    """Draw the icon *name* afresh; *color* replaces `currentColor`."""
    source = _source(name)
    if color is not None:
        source = source.replace("currentColor", color.name())
    edge = round(size * ratio)
    image = QImage(QSize(edge, edge), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, edge, edge))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


@cache
def _icon(name: str, rgba: int, disabled: int, own_ratio: float) -> QIcon:
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, rgba), (QIcon.Mode.Disabled, disabled)):
        for ratio in sorted({1.0, 2.0, own_ratio}):
            made.addPixmap(_pixmap(name, tint, CONTROL_ICON, ratio), mode)
    return made


@cache
def _pixmap(name: str, rgba: int, size: int, ratio: float) -> QPixmap:
    return QPixmap.fromImage(render(name, QColor.fromRgba(rgba), size, ratio))


@cache
def _source(name: str) -> str:
    return access.read_text(f"icons/{name}.svg")


def _application_ratio() -> float:
    app = QGuiApplication.instance()
    return app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
