"""Secrets are masked before anything that an agent said is kept or shown.

Two kinds: what looks like one (keys and tokens of known makers, passwords in addresses, private
keys, assignments to names such as `API_TOKEN`, fields such as `"password"`), and what is known to
be one: the values of variables of the agent's environment whose names say so. A secret that two
lines or two messages share is masked in both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MASK: Final = "[secret]"
_SHORTEST: Final = 8
"""Values shorter than this are words rather than keys; masking them would blacken the text."""
_REACH: Final = 512
"""Characters of a line's end that are remembered, for a secret that goes on in the next one."""
_KEY_LINES: Final = 200
"""A private key that has not ended after so many lines was none."""

_TOKENS: Final = (
    ("ghp_ gho_ ghu_ ghs_ ghr_", r"gh[pousr]_[A-Za-z0-9]{16,40}"),
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{20,255}"),
    ("glpat-", r"glpat-[A-Za-z0-9_-]{16,255}"),
    ("sk- rk-", r"(?<![A-Za-z0-9])(?:sk|rk)-[A-Za-z0-9_-]{16,512}"),
    ("sk_live_ rk_live_ sk_test_", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}"),
    ("xox", r"xox[abeprs]-[A-Za-z0-9-]{10,255}"),
    ("AKIA ASIA", r"(?<![A-Za-z0-9])A[KS]IA[0-9A-Z]{16}"),
    ("AIza", r"AIza[0-9A-Za-z_-]{30,60}"),
    ("npm_", r"npm_[A-Za-z0-9]{30,60}"),
    ("pypi-", r"pypi-[A-Za-z0-9_-]{40,512}"),
    ("hf_", r"(?<![A-Za-z0-9])hf_[A-Za-z0-9]{24,60}"),
    ("eyJ", r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?"),
)
_BEGUN: Final = re.compile(
    r"(?:gh[pousr]_|github_pat_|glpat-|(?<![A-Za-z0-9])sk-(?:ant|proj)-|xox[abeprs]-|AKIA|AIza"
    r"|npm_|pypi-|eyJ[A-Za-z0-9_-]{8,}\.)[A-Za-z0-9._-]*$"
)
"""A key that a line's end cuts off: too short to be whole, plain enough to be one."""
_TOKEN: Final = re.compile("|".join(pattern for _, pattern in _TOKENS))
_KEY: Final = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END[^-]*-----|$)")
_KEY_END: Final = re.compile(r".*?-----END [A-Z ]{0,30}PRIVATE KEY-----")
_HEADER: Final = re.compile(
    r"(?i)((?:authorization|x-api-key|api-key|private-token)[\"']?\s*[:=]\s*[\"']?"
    r"(?:(?:bearer|basic|token)\s+)?)([^\s\"',]{8,})"
)
_ADDRESS: Final = re.compile(r"(://[^\s/:@]{0,128}:)([^\s/@]{1,255})(?=@)")
_ASSIGNED: Final = re.compile(
    r"(\b[A-Z][A-Z0-9_]*(?:TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|PRIVATE_KEY|ACCESS_KEY)[A-Z0-9_]*"
    r"=[\"']?)([^\s\"'$(){}<>]{8,})"
)
_FIELD: Final = re.compile(
    r"((?i:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)\\?[\"']:"
    r"\s*\\?[\"'])([^\s\"'\\]{8,})(?=\\?[\"'])"
)
"""A field of JSON and its like: name and value between quotes, the value one word."""
_TOKEN_HINTS: Final = tuple(hint for hints, _ in _TOKENS for hint in hints.split())
_HEADER_HINTS: Final = ("uthorization", "UTHORIZATION", "pi-", "PI-", "rivate-t", "RIVATE-T")
_NAME_HINTS: Final = ("TOKEN", "SECRET", "PASSW", "KEY")
_FIELD_HINTS: Final = ('":', "':")
_RULES: Final = (
    (_TOKEN_HINTS, _TOKEN, MASK),
    (("PRIVATE KEY",), _KEY, MASK),
    (("://",), _ADDRESS, rf"\g<1>{MASK}"),
    (_HEADER_HINTS, _HEADER, rf"\g<1>{MASK}"),
    (_NAME_HINTS, _ASSIGNED, rf"\g<1>{MASK}"),
    (_FIELD_HINTS, _FIELD, rf"\g<1>{MASK}"),
)
"""What is replaced by what in one line; a line without any of the hints is not searched."""
_HINTS: Final = (*_TOKEN_HINTS, "://", *_HEADER_HINTS, *_NAME_HINTS, *_FIELD_HINTS)
_SECRET_NAME: Final = re.compile(
    r"(?i)token|secret|passw|pwd|api_?key|private_?key|access_?key|credential|auth_?key|cookie"
)


def secret_values(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values that must not be kept: of secret names, and passwords in addresses."""
    found = set()
    for name, value in environment.items():
        if _SECRET_NAME.search(name):
            found.add(value)
        found.update(password for _, password in _ADDRESS.findall(value))
    return tuple(sorted(value for value in found if len(value) >= _SHORTEST))


class Masker:
    """Masks the text of one run; remembers of each kind of line how the last one ended."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {part for value in secrets for part in value.splitlines()}
        self._known = sorted((s for s in known if len(s) >= _SHORTEST), key=len, reverse=True)
        self._hints = (*_HINTS, *self._known)
        self._tails: dict[str, str] = {}
        self._key_lines: dict[str, int] = {}

    def mask(self, text: str) -> str:
        """Return a whole text, of one line or many, with its secrets masked."""
        fresh = Masker.__new__(Masker)
        fresh._known, fresh._hints = self._known, self._hints
        fresh._tails, fresh._key_lines = {}, {}
        return "\n".join(fresh.lines("", text.split("\n")))

    def lines(self, kind: str, lines: Sequence[str]) -> Sequence[str]:
        """Return the next lines of one kind, masked; what the last ones left open is closed."""
        if not lines:
            return lines
        tail = self._tails.get(kind, "")
        flat = tail + "".join(lines)
        if kind not in self._key_lines and not any(hint in flat for hint in self._hints):
            self._tails[kind] = lines[-1][-_REACH:]
            return lines
        return list(self._masked(kind, lines))

    def _masked(self, kind: str, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            tail, self._tails[kind] = self._tails.get(kind, ""), line[-_REACH:]
            if kind in self._key_lines:
                yield self._in_key(kind, line)
                continue
            text = self._alone(self._closed(tail, line))
            if "PRIVATE KEY-----" in line and "-----END" not in line and "BEGIN" in line:
                self._key_lines[kind] = 0
            yield self._without_begun(text)

    def _in_key(self, kind: str, line: str) -> str:
        """Return a line within a private key: nothing of it, until the key ends."""
        end = _KEY_END.match(line)
        self._key_lines[kind] += 1
        if end is None and self._key_lines[kind] < _KEY_LINES:
            return MASK
        del self._key_lines[kind]
        return MASK + (line[end.end() :] if end else "")

    def _closed(self, tail: str, line: str) -> str:
        """Mask the head of *line* when a secret began at the end of the line before.

        A key of open length that ends with its line takes the next one's first word along.
        """
        joined = tail + line[:_REACH]
        if not any(hint in joined for hint in (*_TOKEN_HINTS, *self._known)):
            return line
        for start, end in self._spans(joined):
            if start < len(tail) < end:
                return MASK + line[end - len(tail) :]
        return line

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        for found in _TOKEN.finditer(text):
            yield found.span()
        for value in self._known:
            at = text.find(value)
            if at >= 0:
                yield at, at + len(value)

    def _alone(self, line: str) -> str:
        """Mask what is whole within one line."""
        for value in self._known:
            line = line.replace(value, MASK)
        for hints, pattern, instead in _RULES:
            if any(hint in line for hint in hints):
                line = pattern.sub(instead, line)
        return line

    def _without_begun(self, line: str) -> str:
        """Mask the beginning of a secret that the line's end cuts off."""
        line = _BEGUN.sub(MASK, line)
        for value in self._known:
            at = line.rfind(value[:_SHORTEST])
            if at >= 0 and value.startswith(line[at:]):
                line = line[:at] + MASK
        return line
