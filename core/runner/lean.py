"""To be imported before anything else by the runner: the standard library without its extras.

asyncio loads TLS where it can, hashes OpenSSL, shutil two compressors; a runner speaks with pipes
and local sockets alone and makes no archives. It spares 9 MB of some 32 in each runner.
"""

from __future__ import annotations

import sys
from typing import Final

_UNUSED: Final = ("ssl", "_ssl", "_hashlib", "bz2", "lzma")

_missing = [name for name in _UNUSED if name not in sys.modules]
for _name in _missing:  # an import of it fails, as if it had not been built
    sys.modules[_name] = None  # type: ignore[assignment]

import asyncio  # noqa: E402
import hashlib  # noqa: E402
import hmac  # noqa: E402
import shutil  # noqa: E402

for _name in _missing:
    del sys.modules[_name]  # whoever needs one after all may have it

__all__ = ["asyncio", "hashlib", "hmac", "shutil"]
