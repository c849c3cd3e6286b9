"""Type: the system's interface font in four sizes, and a monospace one."""

from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase, QFontMetrics

PREFERRED_INTERFACE: Final = ("Inter", "Inter Variable")
PREFERRED_MONO: Final = ("JetBrains Mono", "SF Mono", "Cascadia Mono", "Menlo", "Consolas")


class TextStyle(StrEnum):
    """The few ways in which text is set."""

    META = "meta"
    TEXT = "text"
    STRONG = "strong"
    TITLE = "title"
    FIGURE = "figure"
    MONO = "mono"


_W = QFont.Weight
_SIZES: Final = MappingProxyType(
    {
        TextStyle.META: (11, _W.Normal),
        TextStyle.TEXT: (13, _W.Normal),
        TextStyle.STRONG: (13, _W.DemiBold),
        TextStyle.TITLE: (15, _W.DemiBold),
        TextStyle.FIGURE: (20, _W.DemiBold),
        TextStyle.MONO: (12, _W.Normal),
    }
)
LINE_HEIGHTS: Final = MappingProxyType(
    {
        TextStyle.META: 15,
        TextStyle.TEXT: 18,
        TextStyle.STRONG: 18,
        TextStyle.TITLE: 20,
        TextStyle.FIGURE: 28,
        TextStyle.MONO: 18,
    }
)


@cache
def font(style: TextStyle = TextStyle.TEXT) -> QFont:
    """Return the shared font of *style*; copy it (`QFont(font(…))`) before changing it."""
    pixels, weight = _SIZES[style]
    made = _mono_base() if style is TextStyle.MONO else _interface_base()
    made.setPixelSize(pixels)
    made.setWeight(weight)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    made.setFeature(QFont.Tag("tnum"), 1)  # figures that change must not dance
    return made


@cache
def metrics(style: TextStyle = TextStyle.TEXT) -> QFontMetrics:
    """Return the shared metrics of *style*."""
    return QFontMetrics(font(style))


@cache
def interface_family() -> str:
    """Return the family of the interface: Inter where it is installed, else the system's."""
    return _interface_base().family()


@cache
def mono_family() -> str:
    """Return the family of keys, paths, hashes and code."""
    return _mono_base().family()


def _interface_base() -> QFont:
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    return _with_family(system, PREFERRED_INTERFACE)


def _mono_base() -> QFont:
    system = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    return _with_family(system, PREFERRED_MONO)


def _with_family(base: QFont, preferred: tuple[str, ...]) -> QFont:
    installed = set(QFontDatabase.families())
    chosen = QFont(base)
    for family in preferred:
        if family in installed:
            chosen.setFamily(family)
            break
    return chosen
