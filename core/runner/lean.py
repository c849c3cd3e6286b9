"""To be imported before anything else by the runner: the standard library without its extras.

asyncio loads TLS where it can, hashlib OpenSSL, shutil three compressors; a runner speaks with
pipes and local sockets alone and makes no archives. Other modules are only named by those that
import them, and hardly ever used: they are loaded when they are. It spares 11 MB in each runner.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

TYPE_CHECKING = False  # as in `typing`, which is not loaded here
if TYPE_CHECKING:
    from typing import Any, Final

_UNUSED: Final = ("ssl", "_ssl", "bz2", "lzma", "zlib")
LATE: Final = (
    "ast",
    "asyncio.sslproto",
    "asyncio.staggered",
    "copy",
    "difflib",
    "inspect",
    "ipaddress",
    "linecache",
    "locale",
    "shlex",
    "tempfile",
    "textwrap",
    "tokenize",
    "traceback",
    "urllib.parse",
)
"""What modules of the idle runner import whole (`import ast`), to use it in rare cases only."""
_TAKEN: Final = {"traceback": "extract_stack", "urllib.parse": "quote_from_bytes"}
"""The one function that asyncio and pathlib take out of such a module while they are imported."""


class LateModule(ModuleType):
    """Stands in `sys.modules` for a module until somebody uses that, from whatever thread.

    Who has imported it keeps this object, which hands everything on. The module itself is loaded
    by an import like any other, under the locks that Python has for it: the lazy modules of
    `importlib.util` show a second thread half a module (before Python 3.12), or hold a lock of
    their own across it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        if name in _TAKEN:
            vars(self)[_TAKEN[name]] = self._call

    def __getattr__(self, name: str) -> Any:
        # `inspect.getmodule` asks all modules for their files, an import from one for its path.
        if name in {"__file__", "__path__"} and self._is_late():
            raise AttributeError(name)
        return getattr(self._loaded(), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._loaded(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._loaded(), name)

    def __dir__(self) -> list[str]:
        return dir(self._loaded())

    def _call(self, *args: Any, **kwargs: Any) -> Any:
        """Be the function that is taken."""
        return getattr(self._loaded(), _TAKEN[self.__name__])(*args, **kwargs)

    def _is_late(self) -> bool:
        return sys.modules.get(self.__name__) is self

    def _loaded(self) -> ModuleType:
        name = self.__name__
        if self._is_late():
            sys.modules.pop(name, None)
        return importlib.import_module(name)


class _ForDataclasses(LateModule):
    """`inspect` as dataclasses uses it for each class, which would load it at once.

    The signature becomes the docstring of a class that has none, which is all of them in optimised
    bytecode: nobody reads it. Before Python 3.14 a class has its annotations in itself.
    """

    @staticmethod
    def signature(*_of: object, **_how: object) -> str:
        return "(...)"

    @staticmethod
    def get_annotations(of: type) -> dict[str, Any]:
        return dict(vars(of).get("__annotations__", {}))


class _Unread:
    """Stands for what is written in annotations, or in their place, and read by nobody."""

    def __call__(self, *_of: object, **_how: object) -> _Unread:
        return self

    def __getitem__(self, _of: object) -> _Unread:
        return self


_ANNOTATING: Final[dict[str, Any]] = {
    "TYPE_CHECKING": False,
    "Protocol": type("Protocol", (), {}),
    "_GenericAlias": type("_GenericAlias", (), {}),  # dataclasses look for `ClassVar[...]`
    "final": lambda of: of,
} | {
    name: _Unread()
    for name in ("Any", "ClassVar", "Final", "Optional", "ParamSpec", "Self", "Type", "TypeVar")
}
_ANNOTATED: Final = frozenset({"asyncio", "core", "dataclasses"})


class _ForAnnotations(LateModule):
    """`typing` as Weft's own modules and asyncio need it: 0.4 MB of words for type checkers.

    Any other module gets all names from the real one, so that no library mixes the two.
    """

    def __getattr__(self, name: str) -> Any:
        if name in _ANNOTATING:
            asks = str(sys._getframe(1).f_globals.get("__name__"))
            if asks.partition(".")[0] in _ANNOTATED:
                return _ANNOTATING[name]
        return super().__getattr__(name)


if "_hashlib" not in sys.modules:
    sys.modules["_hashlib"] = None  # type: ignore[assignment]  # Python's own hashes will do
for _name in LATE:
    if _name not in sys.modules:
        sys.modules[_name] = LateModule(_name)
if "typing" not in sys.modules:
    sys.modules["typing"] = _ForAnnotations("typing")

import dataclasses  # noqa: E402

dataclasses.inspect = _ForDataclasses("inspect")  # type: ignore[attr-defined]

_missing = [name for name in _UNUSED if name not in sys.modules]
for _name in _missing:  # an import of it fails, as if it had not been built
    sys.modules[_name] = None  # type: ignore[assignment]

import asyncio  # noqa: E402
import shutil  # noqa: E402
import urllib  # noqa: E402

for _name in LATE:  # a package has its modules as attributes
    _package, _, _last = _name.rpartition(".")
    if _package:
        setattr(sys.modules[_package], _last, sys.modules[_name])
for _name in _missing:
    del sys.modules[_name]  # whoever needs one after all may have it

__all__ = ["asyncio", "shutil", "urllib"]
