"""Lines are broken where they end, whatever the letters count as."""

import pytest

from gui.theme.fonts import TextStyle, metrics
from gui.widgets.wrapping import wrap

PARTY = "\N{PARTY POPPER}\N{CONFETTI BALL} Feiern \N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL} mit Emoji"


@pytest.mark.parametrize("width", [60, 90, 120, 160])
@pytest.mark.parametrize("text", [PARTY, "Make the totals right, and round them as the law says"])
def test_no_line_is_wider_than_its_room_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, TextStyle.TEXT, width, 20)

    assert max(metrics(TextStyle.TEXT).horizontalAdvance(line) for line in lines) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_name_that_no_letters_can_be_made_of_is_broken_too() -> None:
    text = "caf\udce9 " * 12

    assert "".join(wrap(text, TextStyle.TEXT, 90, 20)).replace(" ", "") == text.replace(" ", "")
