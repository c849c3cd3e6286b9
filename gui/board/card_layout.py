"""Where the parts of a card go: measured apart from painting, so that it can be tested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect

from gui.board.badges import brief
from gui.board.cards import has_meta
from gui.theme.fonts import LINE_HEIGHTS, TextStyle, metrics
from gui.theme.tokens import Space
from gui.widgets.avatar import AVATAR_EDGE
from gui.widgets.pill import PILL_HEIGHT, pill_size
from gui.widgets.wrapping import wrap

if TYPE_CHECKING:
    from gui.board.badges import Badge
    from gui.board.cards import Card

GAP: Final = Space.S
"""Free room under each card; part of its row, so that the list needs no spacing of its own."""
SCROLL_ROOM: Final = 10
"""Kept free at the right of every list, bar or not: cards must not jump when it appears."""
EDGE: Final = 3
PAD_X: Final = Space.M
PAD_Y: Final = 9
KEY_ROW: Final = AVATAR_EDGE
TITLE_LINES: Final = 2
REASON_LINES: Final = 2
MARK_EDGE: Final = 14
MARK_GAP: Final = 6
LEAST_BADGE: Final = 40
LEAST_KEY: Final = 86
"""A card's own key, if longer, may shrink to this before a badge gets a row of its own."""
KEY_GAP: Final = 5
AVATAR_GAP: Final = 3
BADGE_ROW: Final = PILL_HEIGHT + 4


@dataclass(frozen=True, slots=True)
class CardLayout:
    """Rectangles of a card's parts and the lines of its texts.

    +-+--------------------------+
    | | key  badges       avatar |
    | | badges that need a row   |
    | | title, two lines         |
    | | meta                     |
    | | mark reason, two lines   |
    +-+--------------------------+
    """

    card: QRect
    key: QRect
    badges: tuple[tuple[Badge, QRect], ...]
    avatar: QRect
    title: QRect
    title_lines: tuple[str, ...]
    meta: QRect
    mark: QRect
    reason: QRect
    reason_lines: tuple[str, ...]

    @classmethod
    def fit(cls, row: QRect, card: Card) -> CardLayout:
        """Lay *card* out in the list's *row*, whose height is `height_of` for its width."""
        outer = QRect(row.x(), row.y(), row.width(), row.height() - GAP)
        left, width = outer.x() + EDGE + PAD_X, _inner_width(outer.width())
        top = outer.y() + PAD_Y
        key_width, is_beside = _share_head(card, width)
        key = QRect(left, top, key_width, KEY_ROW)
        avatar = QRect(left + width - AVATAR_EDGE, top, AVATAR_EDGE, AVATAR_EDGE)
        if is_beside:
            badges = _place_badges(
                card.badges, key.right() + 1 + KEY_GAP, avatar.left() - AVATAR_GAP, top
            )
            below = top + KEY_ROW + 2
        else:
            badges = _place_badges(card.badges, left, left + width, top + KEY_ROW + 1)
            below = top + KEY_ROW + 2 + BADGE_ROW
        title_lines, reason_lines = _lines(card, outer.width())
        line = LINE_HEIGHTS[TextStyle.TEXT]
        title = QRect(left, below, width, line * len(title_lines))
        small = LINE_HEIGHTS[TextStyle.META]
        under = title.bottom() + 1
        meta = QRect(left, under + Space.XS, width, small) if has_meta(card) else QRect()
        reason_top = (meta.bottom() + 1 if has_meta(card) else under - 2) + Space.S
        mark = QRect(left, reason_top, MARK_EDGE, MARK_EDGE) if reason_lines else QRect()
        inset = MARK_EDGE + MARK_GAP
        reason = QRect(left + inset, reason_top, width - inset, small * len(reason_lines))
        return cls(outer, key, badges, avatar, title, title_lines, meta, mark, reason, reason_lines)

    @staticmethod
    def height_of(card: Card, width: int) -> int:
        """Return the height of a row of *width* pixels for *card*, its gap included."""
        title_lines, reason_lines = _lines(card, width)
        height = PAD_Y + KEY_ROW + 2 + LINE_HEIGHTS[TextStyle.TEXT] * len(title_lines)
        if not _share_head(card, _inner_width(width))[1]:
            height += BADGE_ROW
        if has_meta(card):
            height += Space.XS + LINE_HEIGHTS[TextStyle.META]
        elif reason_lines:
            height -= 2
        height += PAD_Y + GAP
        if reason_lines:
            height += Space.S + LINE_HEIGHTS[TextStyle.META] * len(reason_lines)
        return height


def _lines(card: Card, row_width: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    width = _inner_width(row_width)
    title = wrap(card.task.title, TextStyle.TEXT, width, TITLE_LINES)
    if not card.reason:
        return title, ()
    inset = MARK_EDGE + MARK_GAP
    return title, wrap(card.reason, TextStyle.META, width - inset, REASON_LINES)


def _inner_width(row_width: int) -> int:
    return max(AVATAR_EDGE, row_width - EDGE - 2 * PAD_X + 4)


def _share_head(card: Card, width: int) -> tuple[int, bool]:
    """Return the width of the key, and whether the first badge has room beside it."""
    key = metrics(TextStyle.MONO).horizontalAdvance(card.key)
    if not card.badges:
        return min(key, width - AVATAR_EDGE - AVATAR_GAP), True
    first = card.badges[0]
    room = width - AVATAR_EDGE - AVATAR_GAP - KEY_GAP - pill_size(first.text, first.glyph).width()
    if room >= min(key, LEAST_KEY):
        return min(key, room), True
    return min(key, width - AVATAR_EDGE - AVATAR_GAP), False


def _place_badges(
    badges: tuple[Badge, ...], left: int, right: int, top: int
) -> tuple[tuple[Badge, QRect], ...]:
    placed = []
    for badge in badges:
        room = right - left
        if room < LEAST_BADGE:
            break
        fitting = badge if pill_size(badge.text, badge.glyph).width() <= room else brief(badge)
        width = min(pill_size(fitting.text, badge.glyph).width(), room)
        place = QRect(left, top + (KEY_ROW - PILL_HEIGHT) // 2, width, PILL_HEIGHT)
        placed.append((fitting, place))
        left += width + Space.XS
    return tuple(placed)
