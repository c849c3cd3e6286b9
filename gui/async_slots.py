"""Coroutines as Qt slots: errors end in the view's message bar, and none outlives the window."""

from __future__ import annotations

import asyncio
from functools import update_wrapper
from inspect import signature
from typing import TYPE_CHECKING, Any, Concatenate, Final, ParamSpec, Protocol, TypeVar, cast

from PySide6.QtCore import QObject
from shiboken6 import isValid

from gui.error_report import show_error

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from gui.widgets.message_bar import MessageBar


class Reporting(Protocol):
    """A view that knows where its errors are shown."""

    @property
    def message_bar(self) -> MessageBar:
        """Return where to tell what failed."""
        ...


V = TypeVar("V", bound=Reporting)
P = ParamSpec("P")
_running: Final[set[asyncio.Task[None]]] = set()
"""Keeps the tasks alive: the loop itself holds them weakly."""


def async_slot(
    operation: str,
) -> Callable[
    [Callable[Concatenate[V, P], Coroutine[Any, Any, None]]], Callable[Concatenate[V, P], None]
]:
    """Turn a coroutine method into a slot that starts it on the window's loop.

    *operation* names in the message bar what failed. Arguments of the signal that the method
    does not take (the `checked` of a button) are left out.
    """

    def decorate(
        method: Callable[Concatenate[V, P], Coroutine[Any, Any, None]],
    ) -> Callable[Concatenate[V, P], None]:
        takes = len(signature(method).parameters) - 1
        call = cast("Callable[..., Coroutine[Any, Any, None]]", method)

        def slot(self: V, /, *args: P.args, **kwargs: P.kwargs) -> None:
            start(self, operation, call(self, *args[:takes], **kwargs))

        update_wrapper(slot, method)
        return slot

    return decorate


def start(view: Reporting, operation: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Run *work* on the window's loop; its errors are shown on *view*'s message bar."""
    task = asyncio.get_running_loop().create_task(_guard(view, operation, work))
    _running.add(task)
    task.add_done_callback(_running.discard)
    task.add_done_callback(lambda _: work.close())  # cancelled early, it was never awaited
    return task


async def cancel_all() -> None:
    """Cancel what still runs and wait for its end; before the window's loop stops."""
    left = [task for task in _running if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _guard(view: Reporting, operation: str, work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001  the bridge is where all errors end
        if isinstance(view, QObject) and not isValid(view):
            return  # closed while it waited: there is nobody left to tell
        show_error(view.message_bar, operation, error)
