"""The palette keeps its promises: every text can be read, every state has its sign."""

import pytest
from PySide6.QtGui import QColor

from gui.theme.tokens import (
    DARK,
    LIGHT,
    STATE_LOOKS,
    Glyph,
    Palette,
    Scheme,
    Tone,
    state_look,
)

READABLE = 4.5

BOTH = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def luminance(color: QColor) -> float:
    channels = [color.redF(), color.greenF(), color.blueF()]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def pairs_in_use(palette: Palette) -> dict[str, tuple[QColor, QColor]]:
    p = palette
    plain = {"bg": p.bg, "panel": p.panel, "raised": p.raised}
    touched = {"hover": p.hover, "pressed": p.pressed, "line_soft": p.line_soft}
    grounds = {tone.value: p.tone(tone).ground for tone in Tone}
    found: dict[str, tuple[QColor, QColor]] = {}
    for name, ground in (plain | touched | grounds).items():
        found[f"text on {name}"] = (p.text, ground)
        found[f"muted on {name}"] = (p.muted, ground)
    for name, ground in plain.items():
        found[f"faint on {name}"] = (p.faint, ground)
        for tone in Tone:
            found[f"{tone} on {name}"] = (p.tone(tone).ink, ground)
    for tone in Tone:
        found[f"{tone} on its ground"] = (p.tone(tone).ink, p.tone(tone).ground)
        for name in ("ok", "bad", "warn", "accent"):  # syntax colours on tinted lines
            found[f"{tone} on {name}'s ground"] = (p.tone(tone).ink, grounds[name])
    on_bad = p.on_accent if p.scheme is Scheme.DARK else p.panel
    found["on accent"] = (p.on_accent, p.accent)
    found["on accent, hovered"] = (p.on_accent, p.accent_hover)
    found["on bad"] = (on_bad, p.bad)
    found["on bad, hovered"] = (on_bad, p.bad_hover)
    for count in range(5):
        found[f"heat of {count}"] = (p.text_on_heat(count), p.heat_of(count))
    found["likely"] = (p.text, p.heat[1])
    return found


@BOTH
def test_every_text_can_be_read_on_its_ground(palette: Palette) -> None:
    faint = {
        name: round(contrast(*pair), 2)
        for name, pair in pairs_in_use(palette).items()
        if contrast(*pair) < READABLE
    }

    assert faint == {}


@BOTH
def test_the_keyboard_ring_stands_out_from_every_ground(palette: Palette) -> None:
    grounds = [palette.bg, palette.panel, palette.raised]

    assert all(contrast(palette.accent, ground) >= 3 for ground in grounds)


def test_no_state_is_told_by_colour_alone() -> None:
    assert all(look.glyph is not Glyph.NONE and look.word for look in STATE_LOOKS.values())


def test_an_unknown_state_is_shown_by_its_own_word() -> None:
    assert state_look("in_progress").word == "In progress"


@BOTH
def test_more_files_in_conflict_are_hotter(palette: Palette) -> None:
    cells = [palette.heat_of(count).name() for count in range(5)]

    assert len(set(cells[:4])) == 4
    assert cells[3] == cells[4] == palette.heat[-1].name()


@BOTH
def test_an_unknown_priority_looks_like_low(palette: Palette) -> None:
    assert palette.priority("whatever") == palette.priority("low") == palette.line
    assert palette.priority("critical") == palette.bad
