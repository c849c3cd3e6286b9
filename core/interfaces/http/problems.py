"""Failures as HTTP: `{"error": {code, message, reasons, hint}}` and a status."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from starlette.responses import JSONResponse

from core.errors import EngineError, EnvironmentFault, UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

STATUS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "usage": 400,
        "not_found": 404,
        "not_a_repo": 404,
        "no_repo": 404,
        "not_yours": 403,
    }
)
"""HTTP status of an error's code; whatever else the engine refuses is a conflict with its state."""
CONFLICT: Final = 409
HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_CODES: Final = {404: "not_found", 405: "wrong_method"}


class Unacceptable(UserError):
    """A request that is refused before any operation is asked."""

    def __init__(self, status: int, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.word = code


def problem(
    status: int, code: str, message: str, *, reasons: tuple[str, ...] = (), hint: str = ""
) -> JSONResponse:
    """Return an error as a response."""
    told = {"code": code, "message": message, "reasons": list(reasons), "hint": hint}
    return JSONResponse({"error": told}, status, headers=HEADERS)


async def on_engine_error(_request: Request, error: Exception) -> Response:
    """Tell what the engine refused, or what failed outside of it."""
    assert isinstance(error, EngineError)
    if isinstance(error, Unacceptable):
        return problem(error.status, error.word, error.message, hint=error.hint)
    outside = isinstance(error, EnvironmentFault)
    status = 503 if outside else STATUS.get(error.code, CONFLICT)
    return problem(status, error.code, error.message, reasons=error.reasons, hint=error.hint)


async def on_http_error(_request: Request, error: Exception) -> Response:
    """Tell of a path or a method that does not exist."""
    status = int(getattr(error, "status_code", 500))
    headers = dict(getattr(error, "headers", None) or {})
    found = problem(status, _CODES.get(status, "refused"), _sentence(status))
    found.headers.update(headers)
    return found


async def on_bug(_request: Request, error: Exception) -> Response:
    """Tell of a bug without its insides; the log has the traceback."""
    return problem(500, "bug", f"This is a bug in Weft: {type(error).__name__}.")


def _sentence(status: int) -> str:
    match status:
        case 404:
            return "There is nothing at this path: /openapi.json lists the paths."
        case 405:
            return "This path does not take this method: /openapi.json lists what it takes."
        case _:
            return "The request cannot be taken."
