"""The three kinds of failure, each told in the message bar in its own way."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from core.errors import EngineError, EnvironmentFault, UserError
from gui.theme.tokens import Tone

if TYPE_CHECKING:
    from gui.widgets.message_bar import MessageBar

logger = logging.getLogger(__name__)


def show_error(bar: MessageBar, operation: str, error: Exception) -> None:
    """Show *error* in *bar*; never blocks, never opens a modal dialog.

    *operation* says in two or three words what was tried (`Move card`).
    """
    match error:
        case UserError():
            bar.show_message(f"{operation}: {error}", why(error), Tone.WARN)
        case EnvironmentFault():
            logger.warning("%s failed", operation, exc_info=error)
            bar.show_message(f"{operation} failed: {error}", why(error), Tone.BAD)
        case _:
            logger.error("%s hit a bug", operation, exc_info=error)
            bar.show_message(f"{operation} failed because of a bug", repr(error), Tone.BAD)


def why(error: EngineError) -> str:
    """Return the reasons and what to do next in one line."""
    return " ".join([*error.reasons, error.hint]).strip()
