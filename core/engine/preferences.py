"""Settings as people see and change them, and trust in a repository's own."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING

from core.clock import to_ms
from core.domain.overview import TrustView
from core.engine.context import REPO_SETTINGS
from core.errors import EnvironmentFault, Refused
from core.events import log
from core.git.drivers import is_driver, wanted_drivers_now
from core.paths import replace_file, user_settings_file
from core.settings.layers import digest, parse_value, read_layer, risky
from core.settings.options import OPTIONS, Option, Value
from core.store.schema import TrustRow
from core.store.transactions import transaction

if TYPE_CHECKING:
    from core.engine.context import Engine

_SHELL_KEYS = ("setup", "check")
_LIST = r"""\[(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\]"'])*\]"""
"""A list in TOML, whose texts may hold brackets themselves."""


def options_view(engine: Engine) -> tuple[tuple[Option, Value, str], ...]:
    """Return every option in force with its value and the layer that set it."""
    settings = engine.settings()
    return tuple(
        (option, settings.values[option.key], settings.source[option.key])
        for option in OPTIONS
        if option.in_force
    )


def set_preference(engine: Engine, key: str, text: str | None) -> None:
    """Write one option into the person's own file, or with None take it out.

    The rest of the file, comments included, stays as it is.

    Raises:
        SettingsError: Unknown key, or a value that does not fit.
        EnvironmentFault: The file cannot be written.
    """
    value = None if text is None else parse_value(key, text)
    file = user_settings_file()
    try:
        old = file.read_text(encoding="utf-8") if file.exists() else ""
        new = _with_line(old, key, None if value is None else f"{key} = {_toml(value)}")
        read_layer(new, source=str(file))
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = file.with_name(f"{file.name}.new")
        draft.write_text(new, encoding="utf-8", newline="\n")
        replace_file(draft, file)
    except OSError as error:
        raise EnvironmentFault(f"{file} cannot be written: {error.strerror}.") from error
    with transaction():
        repo = str(engine.repo.path) if engine.has_repo else None
        log.record(
            "setting.changed", engine.now(), actor=engine.actor, repo=repo, key=key, value=text
        )


def trust_view(engine: Engine) -> TrustView:
    """Return in full what this repository would run or reach: its settings and merge drivers."""
    layer = engine.repo_layer()
    asks = {} if layer is None else risky(layer)
    warnings = tuple(
        f"{key} runs in a shell: {asks[key]}" for key in _SHELL_KEYS if asks.get(key)
    ) + tuple(
        f"{name} works without asking (permissions = open)."
        for name, value in asks.items()
        if isinstance(value, dict) and value.get("permissions") == "open"
    )
    drivers = wanted_drivers_now(engine.place, engine.repo.base_ref)
    trusted = (layer is None or not asks or engine.is_trusted(layer)) and {*drivers} <= {
        *engine.allowed_drivers()
    }
    warnings += tuple(f"{key} runs in a shell for each file it merges." for key, _ in drivers)
    seen = digest(layer) if layer else ""
    seen = f"{seen}+{sha256(repr(drivers).encode()).hexdigest()}" if drivers else seen
    return TrustView(str(engine.repo.path), asks | dict(drivers), trusted, seen, warnings)


def trust(engine: Engine, *, digest: str) -> TrustView:
    """Allow exactly what was shown; *digest* is that of the `TrustView` a person saw.

    Raises:
        Refused: It changed since it was shown.
    """
    shown = trust_view(engine)
    if not shown.asks:
        return shown
    if shown.digest != digest:
        raise Refused(
            f"{REPO_SETTINGS} or the merge drivers changed since they were shown.",
            hint="Look again: weft trust",
        )
    now = engine.now()
    drivers = [[key, value] for key, value in shown.asks.items() if is_driver(key)]
    with transaction():
        TrustRow.delete().where(TrustRow.repo == engine.repo.id).execute()
        TrustRow.create(
            repo=engine.repo.id,
            digest=digest.partition("+")[0],
            drivers=json.dumps(drivers),
            actor=engine.actor,
            at_ms=to_ms(now),
        )
        log.record(
            "repo.trusted", now, actor=engine.actor, repo=shown.repo, asks=json.dumps(shown.asks)
        )
    return trust_view(engine)


def revoke_trust(engine: Engine) -> TrustView:
    """Take the trust in this repository's settings and merge drivers back."""
    with transaction():
        TrustRow.delete().where(TrustRow.repo == engine.repo.id).execute()
        log.record(
            "repo.trust_revoked", engine.now(), actor=engine.actor, repo=str(engine.repo.path)
        )
    return trust_view(engine)


def _toml(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return "[" + ", ".join(json.dumps(item, ensure_ascii=False) for item in value) + "]"


def _with_line(text: str, key: str, line: str | None) -> str:
    """Return *text* with the top-level `key = …` replaced, added or taken out."""
    head, table, rest = _before_first_table(text)
    pattern = re.compile(rf"^{re.escape(key)}\s*=\s*({_LIST}|[^\n]*)\n?", re.MULTILINE)
    if line is None:
        head = pattern.sub("", head)
    elif pattern.search(head):
        head = pattern.sub(lambda _: f"{line}\n", head, count=1)
    else:
        head = f"{head.rstrip()}\n{line}\n".lstrip("\n") + ("\n" if table else "")
    return head + table + rest


def _before_first_table(text: str) -> tuple[str, str, str]:
    found = re.search(r"^\[", text, re.MULTILINE)
    if not found:
        return text, "", ""
    return text[: found.start()], text[found.start() : found.end()], text[found.end() :]
