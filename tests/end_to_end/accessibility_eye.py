"""What a screen reader sees, for a test: `python3 accessibility_eye.py APPLICATION`.

It runs on the system's Python, which alone has the bindings of AT-SPI, and imports nothing of
Weft's. A request is a line of JSON on standard input, the answer a line on standard output:

| request | answer |
| --- | --- |
| `{"wait": true}` | true once the application is on the accessibility bus |
| `{"find": {"name", "prefix", "role", "within", "shown"}}` | the nodes that match, in order |
| `{"press": id}` | true: its first action was done |
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import gi  # type: ignore[import-not-found]  # the system's, not of `.venv`

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # type: ignore[import-not-found] # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST = 30
MOST_CHILDREN = 400


class Eye:
    """Looks at one application; nodes are told apart by numbers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[Any] = []

    def answer(self, request: dict[str, Any]) -> Any:
        """Do what a request asks for."""
        match request:
            case {"find": wanted}:
                return self.find(**wanted)
            case {"press": number}:
                return bool(self.nodes[number].do_action(0))
            case _:
                return self.application() is not None

    def application(self) -> Any:
        """Return the application, or None while it is not there."""
        # Without a main loop nobody hears that an application came or went: ask anew each time.
        while GLib.MainContext.default().iteration(may_block=False):
            pass
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()
        found = None
        for index in range(desktop.get_child_count()):
            try:
                child = desktop.get_child_at_index(index)
                # One that was killed stays on the list for a while, dead or without a window.
                if child.get_name() == self.name and child.get_child_count():
                    found = child
            except (GLib.Error, AttributeError):
                continue
        return found

    def find(
        self,
        name: str | None = None,
        prefix: str | None = None,
        role: str | None = None,
        within: int | None = None,
        *,
        shown: bool = True,
    ) -> list[dict[str, Any]]:
        """Return the nodes that match, with where they are."""
        root = self.application() if within is None else self.nodes[within]
        found = []
        for node in self.walk(root, 0, shown=shown):
            called = node.get_name() or ""
            if name is not None and called != name:
                continue
            if prefix is not None and not called.startswith(prefix):
                continue
            if role is not None and node.get_role_name() != role:
                continue
            found.append(self.describe(node, called))
        return found

    def walk(self, node: Any, depth: int, *, shown: bool) -> Iterator[Any]:
        """Yield what lies below *node*; objects die while one walks, and are passed over."""
        if node is None or depth > DEEPEST:
            return
        for index in range(min(node.get_child_count(), MOST_CHILDREN)):
            child = node.get_child_at_index(index)
            if child is None or (shown and not is_shown(child)):
                continue
            yield child
            yield from self.walk(child, depth + 1, shown=shown)

    def describe(self, node: Any, name: str) -> dict[str, Any]:
        """Return what a test may want to know about a node."""
        self.nodes.append(node)
        states = node.get_state_set()
        box = (0, 0, 0, 0)
        component = node.get_component_iface()
        if component is not None:
            place = component.get_extents(Atspi.CoordType.SCREEN)
            box = (place.x, place.y, place.width, place.height)
        return {
            "number": len(self.nodes) - 1,
            "name": name,
            "role": node.get_role_name(),
            "description": node.get_description() or "",
            "focused": states.contains(Atspi.StateType.FOCUSED),
            "enabled": states.contains(Atspi.StateType.ENABLED),
            "focusable": states.contains(Atspi.StateType.FOCUSABLE),
            "box": box,
        }


def is_shown(node: Any) -> bool:
    """Return whether a node is on the screen."""
    return bool(node.get_state_set().contains(Atspi.StateType.SHOWING))


def main() -> None:
    """Answer until standard input ends."""
    eye = Eye(sys.argv[1])
    for line in sys.stdin:
        try:
            answer = eye.answer(json.loads(line))
        except GLib.Error as error:  # an object died meanwhile, or the application did
            answer = {"lost": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
