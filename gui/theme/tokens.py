"""The design tokens: every colour, size and distance of the window, once."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from PySide6.QtGui import QColor


class Scheme(StrEnum):
    """Which of the two palettes is in use."""

    LIGHT = "light"
    DARK = "dark"


class Tone(StrEnum):
    """What a colour says. Colour is used only where it means one of these."""

    NEUTRAL = "neutral"
    ACCENT = "accent"
    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    WAIT = "wait"


class Glyph(StrEnum):
    """The sign that goes with a tone, so that state is never told by colour alone."""

    NONE = ""
    DOT = "dot"
    RING = "ring"
    PAUSE = "pause"
    ASK = "ask"
    CROSS = "cross"
    CHECK = "check"
    DIAMOND = "diamond"


class Space(IntEnum):
    """Distances in logical pixels."""

    XS = 4
    S = 8
    M = 12
    L = 16
    XL = 24
    XXL = 40


class Radius(IntEnum):
    """Corner radii in logical pixels."""

    CONTROL = 6
    CARD = 8


class Height(IntEnum):
    """Heights of controls in logical pixels."""

    SMALL = 24
    CONTROL = 30
    ROW = 41
    BAR = 48


CONTROL_ICON: Final = 16
RAIL_WIDTH: Final = 184


@dataclass(frozen=True, slots=True)
class Ink:
    """A tone as it is painted: the colour of its text and the ground behind it."""

    ink: QColor
    ground: QColor


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme. Read them while painting; never keep one across a change."""

    scheme: Scheme
    bg: QColor
    panel: QColor
    raised: QColor
    line: QColor
    line_soft: QColor
    text: QColor
    muted: QColor
    faint: QColor
    accent: QColor
    accent_ground: QColor
    on_accent: QColor
    ok: QColor
    ok_ground: QColor
    warn: QColor
    warn_ground: QColor
    bad: QColor
    bad_ground: QColor
    wait: QColor
    wait_ground: QColor
    hover: QColor
    pressed: QColor
    accent_hover: QColor
    bad_hover: QColor
    control_line: QColor
    shadow: QColor
    heat: tuple[QColor, QColor, QColor, QColor, QColor]

    def tone(self, tone: Tone) -> Ink:
        """Return the text colour and the ground of *tone*."""
        match tone:
            case Tone.ACCENT:
                return Ink(self.accent, self.accent_ground)
            case Tone.OK:
                return Ink(self.ok, self.ok_ground)
            case Tone.WARN:
                return Ink(self.warn, self.warn_ground)
            case Tone.BAD:
                return Ink(self.bad, self.bad_ground)
            case Tone.WAIT:
                return Ink(self.wait, self.wait_ground)
            case Tone.NEUTRAL:
                return Ink(self.muted, self.line_soft)

    def heat_of(self, count: int) -> QColor:
        """Return the ground of a matrix cell with *count* files in conflict (0 is clean)."""
        if count <= 0:
            return self.heat[0]
        return self.heat[min(count + 1, len(self.heat) - 1)]

    def text_on_heat(self, count: int) -> QColor:
        """Return the text colour on `heat_of(count)`."""
        return WHITE if self.heat_of(count) == self.heat[-1] else self.text

    def priority(self, priority: str) -> QColor:
        """Return the edge colour of a card; an unknown priority looks like `low`."""
        tone = PRIORITY_TONES.get(priority, Tone.NEUTRAL)
        return self.line if tone is Tone.NEUTRAL else self.tone(tone).ink


WHITE: Final = QColor("#FFFFFF")

LIGHT: Final = Palette(
    scheme=Scheme.LIGHT,
    bg=QColor("#F6F7F9"),
    panel=QColor("#FFFFFF"),
    raised=QColor("#FFFFFF"),
    line=QColor("#E3E6EB"),
    line_soft=QColor("#EEF0F3"),
    text=QColor("#1B2027"),
    muted=QColor("#5B6572"),
    faint=QColor("#69727E"),
    accent=QColor("#3B5BDB"),
    accent_ground=QColor("#EDF1FF"),
    on_accent=QColor("#FFFFFF"),
    ok=QColor("#18753F"),
    ok_ground=QColor("#E8F6ED"),
    warn=QColor("#945800"),
    warn_ground=QColor("#FFF4DF"),
    bad=QColor("#C4322B"),
    bad_ground=QColor("#FDECEA"),
    wait=QColor("#7A3FC2"),
    wait_ground=QColor("#F3ECFC"),
    hover=QColor("#F1F3F6"),
    pressed=QColor("#E8EBEF"),
    accent_hover=QColor("#3350C8"),
    bad_hover=QColor("#AF2B25"),
    control_line=QColor("#D5DAE1"),
    shadow=QColor(27, 32, 39, 46),
    heat=(
        QColor("#F3F4F7"),
        QColor("#FBE3C0"),
        QColor("#F6B98A"),
        QColor("#E97E6B"),
        QColor("#CC4843"),  # #CE4A45 would leave white text at 4.48 : 1
    ),
)

DARK: Final = Palette(
    scheme=Scheme.DARK,
    bg=QColor("#14171C"),
    panel=QColor("#1A1E25"),
    raised=QColor("#20252D"),
    line=QColor("#2C333D"),
    line_soft=QColor("#252B34"),
    text=QColor("#E7EAEE"),
    muted=QColor("#9AA4B2"),
    faint=QColor("#8B95A3"),
    accent=QColor("#7C96FF"),
    accent_ground=QColor("#222C4D"),
    on_accent=QColor("#0E1330"),
    ok=QColor("#4CC27E"),
    ok_ground=QColor("#16301F"),
    warn=QColor("#E9A93A"),
    warn_ground=QColor("#35280F"),
    bad=QColor("#F0726A"),
    bad_ground=QColor("#3A1C1B"),
    wait=QColor("#B68CF2"),
    wait_ground=QColor("#2A1F3D"),
    hover=QColor("#262C35"),
    pressed=QColor("#2C333D"),
    accent_hover=QColor("#93A9FF"),
    bad_hover=QColor("#F58A83"),
    control_line=QColor("#363E4A"),
    shadow=QColor(0, 0, 0, 120),
    heat=(
        QColor("#1F242C"),
        QColor("#4A3A1C"),
        QColor("#6B4420"),
        QColor("#8A3F33"),
        QColor("#B5443F"),
    ),
)

PALETTES: Final = MappingProxyType({Scheme.LIGHT: LIGHT, Scheme.DARK: DARK})

PRIORITY_TONES: Final = MappingProxyType(
    {
        "critical": Tone.BAD,
        "high": Tone.WARN,
        "medium": Tone.ACCENT,
        "low": Tone.NEUTRAL,
    }
)


@dataclass(frozen=True, slots=True)
class StateLook:
    """How a state is shown: its word, its tone and its glyph."""

    word: str
    tone: Tone
    glyph: Glyph


STATE_LOOKS: Final = MappingProxyType(
    {
        "starting": StateLook("Starting", Tone.OK, Glyph.RING),
        "working": StateLook("Working", Tone.OK, Glyph.DOT),
        "busy": StateLook("Busy", Tone.OK, Glyph.DOT),
        "waiting": StateLook("Asks you", Tone.WAIT, Glyph.ASK),
        "paused": StateLook("Paused", Tone.WARN, Glyph.PAUSE),
        "available": StateLook("Idle", Tone.NEUTRAL, Glyph.RING),
        "offline": StateLook("Offline", Tone.BAD, Glyph.CROSS),
        "done": StateLook("Done", Tone.ACCENT, Glyph.CHECK),
        "failed": StateLook("Failed", Tone.BAD, Glyph.CROSS),
        "aborted": StateLook("Aborted", Tone.BAD, Glyph.CROSS),
        "lost": StateLook("Lost", Tone.BAD, Glyph.CROSS),
        "clean": StateLook("Clean", Tone.ACCENT, Glyph.CHECK),
        "conflict": StateLook("Conflict", Tone.BAD, Glyph.CROSS),
        "blocked": StateLook("Blocked", Tone.WARN, Glyph.PAUSE),
        "empty": StateLook("Empty", Tone.NEUTRAL, Glyph.RING),
    }
)


def state_look(state: str) -> StateLook:
    """Return the look of *state*; an unknown one is shown by its own word, neutrally."""
    known = STATE_LOOKS.get(state)
    return known or StateLook(state.replace("_", " ").capitalize(), Tone.NEUTRAL, Glyph.RING)
