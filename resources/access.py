"""Read what ships with Weft, from a checkout, a wheel or a frozen bundle alike.

Names are relative to this package and use `/`: `icons/board.svg`, `themes/buttons.qss`.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath


def read_bytes(name: str) -> bytes:
    """Return the contents of the resource *name*; FileNotFoundError if it does not ship."""
    return _locate(name).read_bytes()


def read_text(name: str) -> str:
    """Return the UTF-8 text of the resource *name*; FileNotFoundError if it does not ship."""
    return _locate(name).read_text(encoding="utf-8")


def exists(name: str) -> bool:
    """Whether a file called *name* ships."""
    return _locate(name).is_file()


def list_names(folder: str) -> list[str]:
    """Return the names of the files directly in *folder*, sorted, each with its folder."""
    found = _locate(folder).iterdir()
    return sorted(f"{folder}/{entry.name}" for entry in found if entry.is_file())


def _locate(name: str) -> Traversable:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"A resource name stays inside the package: {name!r}")
    return files("resources").joinpath(*path.parts)
