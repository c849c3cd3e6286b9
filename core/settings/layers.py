"""Read TOML layers into `Settings`; unknown keys and wrong types name file, line and cure."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from core.errors import UserError
from core.settings.options import AGENTS, BY_KEY, OPTIONS, PERSONAL, Kind, Option, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_TRUE: Final = frozenset({"1", "true", "yes", "on"})
_FALSE: Final = frozenset({"0", "false", "no", "off"})
_PROFILE_KEYS: Final[Mapping[str, type | tuple[type, ...]]] = MappingProxyType(
    {
        "driver": str, "command": list, "env": dict, "permissions": str, "max": int, "home": list,
        "network": (str, list),
    }
)  # fmt: skip
DRIVERS: Final = ("acp", "claude", "codex", "command", "scripted")
PERMISSIONS: Final = ("watched", "sandboxed", "open")
_NETWORKS: Final = MappingProxyType({"none": (), "full": ("*",)})
_HOST: Final = re.compile(r"\*|\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")


class SettingsError(UserError):
    """A settings file or variable that cannot be taken; nothing of it was used."""

    code = "settings"


@dataclass(frozen=True, slots=True)
class ProfileSettings:
    """One `[agents.NAME]` table as written; `source` is the layer that it came from.

    `most` is its own cap on runs at once (`max`), 0 for none; `home` and `network` say what a
    sandbox lets through: entries of the person's home, and hosts (`*` for all); None where the
    table does not say.
    """

    name: str
    driver: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    permissions: str
    source: str
    most: int = 0
    home: tuple[str, ...] | None = None
    network: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """The values of one file or of the environment, checked."""

    source: str
    values: Mapping[str, Value] = field(default_factory=dict)
    profiles: Mapping[str, ProfileSettings] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """The merged view; `source` says for each key which layer won.

    `withheld` names what the repository's file sets but no person has trusted yet.
    """

    values: Mapping[str, Value]
    source: Mapping[str, str]
    profiles: Mapping[str, ProfileSettings]
    withheld: tuple[str, ...] = ()

    def text(self, key: str) -> str:
        """Return a TEXT or CHOICE option."""
        return str(self.values[key])

    def lines(self, key: str) -> tuple[str, ...]:
        """Return a LINES option."""
        value = self.values[key]
        assert isinstance(value, tuple)
        return value

    def number(self, key: str) -> float:
        """Return a NUMBER or INT option."""
        value = self.values[key]
        assert isinstance(value, int | float)
        return float(value)

    def whole(self, key: str) -> int:
        """Return an INT option."""
        return int(self.number(key))

    def flag(self, key: str) -> bool:
        """Return a BOOL option."""
        return bool(self.values[key])


def read_layer(text: str, *, source: str, of_repo: bool = False) -> Layer:
    """Parse and check one TOML file.

    Args:
        text: The file's content.
        source: Its name, for messages and for `Settings.source`.
        of_repo: True for `.weft.toml`, which cannot set personal options.

    Raises:
        SettingsError: With file, line and the nearest known key.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source} is not valid TOML: {error}.") from error
    values: dict[str, Value] = {}
    profiles: dict[str, ProfileSettings] = {}
    for key, value in raw.items():
        where = f"{source}, line {_line_of(text, key)}"
        if key == AGENTS:
            profiles = _profiles(value, where=source, text=text, source=source)
            continue
        option = BY_KEY.get(key)
        if option is None:
            raise SettingsError(f"{where}: unknown key {key!r}.", hint=_nearest(key))
        if of_repo and key in PERSONAL:
            raise SettingsError(
                f"{where}: {key!r} is personal and cannot be set by a repository.",
                hint="Move it to config.toml in Weft's home.",
            )
        values[key] = _checked(option, value, where)
    return Layer(source, values, profiles)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Return what `WEFT_<KEY>` variables set.

    Raises:
        SettingsError: A value that does not fit its option.
    """
    values: dict[str, Value] = {}
    for option in OPTIONS:
        name = f"WEFT_{option.key.upper()}"
        if name in environ:
            values[option.key] = _from_text(option, environ[name], name)
    return Layer("environment", values)


def merge_layers(
    repo: Layer | None, person: Layer, environment: Layer, *, trusted: bool
) -> Settings:
    """Merge the layers; of an untrusted repository's file, what could run or reach is withheld."""
    values: dict[str, Value] = {option.key: option.default for option in OPTIONS}
    source = dict.fromkeys(values, "default")
    profiles: dict[str, ProfileSettings] = {}
    withheld: list[str] = []
    for layer in (repo, person, environment):
        if layer is None:
            continue
        of_repo = layer is repo
        for key, value in layer.values.items():
            if of_repo and not trusted and BY_KEY[key].needs_trust:
                withheld.append(key)
                continue
            values[key] = _joined(BY_KEY[key], values[key], value)
            source[key] = layer.source
        for name, profile in layer.profiles.items():
            if of_repo and not trusted:
                withheld.append(f"{AGENTS}.{name}")
            else:
                profiles[name] = profile
    return Settings(values, source, profiles, tuple(withheld))


def risky(layer: Layer) -> dict[str, Any]:
    """Return what a person must see before trusting the repository's file; empty if nothing."""
    found: dict[str, Any] = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in layer.values.items()
        if BY_KEY[key].needs_trust
    }
    for name, profile in layer.profiles.items():
        found[f"{AGENTS}.{name}"] = {
            "driver": profile.driver,
            "command": list(profile.command),
            "env": dict(profile.env),
            "permissions": profile.permissions,
            **({} if profile.home is None else {"home": list(profile.home)}),
            **({} if profile.network is None else {"network": list(profile.network)}),
        }
    return found


def digest(layer: Layer) -> str:
    """Return a digest of `risky(layer)`: a change of it asks again."""
    text = json.dumps(risky(layer), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def parse_value(key: str, text: str) -> Value:
    """Return *text*, as typed by a person, as a value of option *key*.

    Raises:
        SettingsError: Unknown key or a value that does not fit.
    """
    if key not in BY_KEY:
        raise SettingsError(f"Unknown key {key!r}.", hint=_nearest(key))
    return _from_text(BY_KEY[key], text, key)


def _joined(option: Option, older: Value, newer: Value) -> Value:
    if option.only_extended and isinstance(older, tuple) and isinstance(newer, tuple):
        return older + tuple(item for item in newer if item not in older)
    return newer


def _from_text(option: Option, text: str, where: str) -> Value:
    match option.kind:
        case Kind.LINES:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case Kind.BOOL:
            if text.lower() in _TRUE | _FALSE:
                return text.lower() in _TRUE
        case Kind.INT | Kind.NUMBER:
            try:
                return _checked(
                    option, int(text) if option.kind is Kind.INT else float(text), where
                )
            except ValueError:
                pass  # the sentence below says it
        case Kind.TEXT | Kind.CHOICE:
            return _checked(option, text, where)
    raise SettingsError(f"{where}: {option.key!r} wants {_wanted(option)}, not {text!r}.")


def _checked(option: Option, value: object, where: str) -> Value:
    fits = False
    result: Value = ""
    match option.kind:
        case Kind.BOOL if isinstance(value, bool):
            fits, result = True, value
        case Kind.INT if isinstance(value, int) and not isinstance(value, bool):
            fits, result = True, value
        case Kind.NUMBER if isinstance(value, int | float) and not isinstance(value, bool):
            fits, result = True, float(value)
        case Kind.TEXT if isinstance(value, str):
            fits, result = "\n" not in value and "\0" not in value, value
        case Kind.CHOICE if isinstance(value, str):
            fits, result = value in option.choices, value
        case Kind.LINES if isinstance(value, list):
            fits = all(isinstance(item, str) for item in value)
            result = tuple(str(item) for item in value)
        case _:
            pass
    if fits and option.least is not None and isinstance(result, int | float):
        fits = result >= option.least
        if result > option.most:
            raise SettingsError(f"{where}: {option.key!r} is at most {option.most:.0f}.")
    if not fits:
        raise SettingsError(f"{where}: {option.key!r} wants {_wanted(option)}, not {value!r}.")
    return result


def _wanted(option: Option) -> str:
    if option.kind is Kind.CHOICE:
        return "one of " + ", ".join(option.choices)
    least = "" if option.least is None else f" of at least {option.least:g}"
    return f"a {option.kind.value}{least}"


def _profiles(value: object, *, where: str, text: str, source: str) -> dict[str, ProfileSettings]:
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: 'agents' holds tables such as [agents.quick].")
    return {
        name: _profile(name, table, f"{source}, line {_line_of(text, f'[agents.{name}]')}", source)
        for name, table in value.items()
    }


def _profile(name: str, table: object, where: str, source: str) -> ProfileSettings:
    if not isinstance(table, dict):
        raise SettingsError(f"{where}: [agents.{name}] must be a table.")
    for key, value in table.items():
        wanted = _PROFILE_KEYS.get(key)
        if wanted is None:
            near = difflib.get_close_matches(key, _PROFILE_KEYS, n=1)
            raise SettingsError(
                f"{where}: unknown key {key!r} in [agents.{name}].",
                hint=f"Did you mean {near[0]!r}?" if near else "",
            )
        if not isinstance(value, wanted) or isinstance(value, bool):
            raise SettingsError(f"{where}: {key!r} in [agents.{name}] is of the wrong type.")
    driver, permissions = table.get("driver", "command"), table.get("permissions", "watched")
    command, env = table.get("command", []), table.get("env", {})
    if driver not in DRIVERS:
        raise SettingsError(f"{where}: driver {driver!r} is not one of {', '.join(DRIVERS)}.")
    if permissions not in PERMISSIONS:
        raise SettingsError(
            f"{where}: permissions {permissions!r} is not one of {', '.join(PERMISSIONS)}."
        )
    if not all(isinstance(part, str) for part in [*command, *env.values()]):
        raise SettingsError(f"{where}: 'command' and 'env' of [agents.{name}] hold texts only.")
    most = table.get("max", 0)
    if most < 0:
        raise SettingsError(f"{where}: 'max' in [agents.{name}] is at least 0.")
    home, network = _let_through(name, table, where)
    return ProfileSettings(
        name, driver, tuple(command), dict(env), permissions, source, most, home, network
    )


def _let_through(
    name: str, table: Mapping[str, Any], where: str
) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """Return what a sandbox lets through: entries of the home, and hosts of the network."""
    network, home = table.get("network"), table.get("home")
    if isinstance(network, str):
        if network not in _NETWORKS:
            raise SettingsError(
                f"{where}: network {network!r} is not none, full or a list of hosts.",
                hint='Such as network = ["api.example.com"].',
            )
        network = _NETWORKS[network]
    for host in network or ():
        if not isinstance(host, str) or not _HOST.fullmatch(host):
            raise SettingsError(
                f"{where}: {host!r} in 'network' of [agents.{name}] is no host.",
                hint="A name, name:port, or .example.com for all below it.",
            )
    for entry in home or ():
        path = PurePosixPath(entry) if isinstance(entry, str) else None
        if path is None or not path.parts or path.is_absolute() or ".." in path.parts:
            raise SettingsError(
                f"{where}: {entry!r} in 'home' of [agents.{name}] is no entry below your home.",
                hint='Such as home = [".config/tool"].',
            )
    return (None if home is None else tuple(home)), (None if network is None else tuple(network))


def _line_of(text: str, key: str) -> int:
    pattern = re.escape(key) if key.startswith("[") else rf"^[ \t]*\[?{re.escape(key)}\b"
    found = re.search(pattern, text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1


def _nearest(key: str) -> str:
    near = difflib.get_close_matches(key, [*BY_KEY, AGENTS], n=1)
    return (
        f"Did you mean {near[0]!r}?"
        if near
        else "The manual, docs/manual/settings.md, lists the known keys."
    )
