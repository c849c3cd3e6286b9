"""Tool tips of words that others wrote: shown as they stand, never as markup."""

from PySide6.QtGui import Qt


def plain_tip(text: str) -> str:
    """Return *text* so that a tool tip shows it as it is.

    Qt takes a tip for HTML as soon as a tag is in its first line: a title such as "Fix <b>" would
    lose it, its line breaks too, and a picture that it names would be loaded.
    """
    return Qt.convertFromPlainText(text) if Qt.mightBeRichText(text) else text
