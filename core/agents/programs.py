"""The programs that Weft knows: one preset each, data in `resources/agents/presets.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from resources.access import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRESETS: Final = "agents/presets.toml"


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """Settings of ours that a program is made to read before the repository's.

    Attributes:
        variable: The variable that holds them, or the name of their file.
        as_file: Whether they go into a file.
        above: A file of the administrator's that wins over them, or empty.
        tables: Settings for `all` and for each policy.
    """

    variable: str
    as_file: bool
    above: str
    tables: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Program:
    """One preset; the words are explained at the head of the file."""

    name: str
    title: str
    driver: str
    command: tuple[str, ...]
    least: str = ""
    version: tuple[str, ...] = ()
    install: str = ""
    passed: tuple[str, ...] = ()
    home: tuple[str, ...] = ()
    network: tuple[str, ...] = ("*",)
    env: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    resume: tuple[str, ...] = ()
    prompt: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()
    mcp: str = "none"
    stream: str = ""
    settings: OwnSettings | None = None
    holds: bool = True


@cache
def programs() -> Mapping[str, Program]:
    """Return every preset by name."""
    tables = tomllib.loads(read_text(_PRESETS))
    return MappingProxyType({name: _program(name, table) for name, table in tables.items()})


def program_for(name: str, driver: str) -> Program | None:
    """Return the preset that a profile called *name* with *driver* goes by, or None.

    A profile of another name goes by its driver's own program; a plain command by none.
    """
    known = programs()
    found = known.get(name)
    if found is not None and found.driver == driver:
        return found
    own = known.get(driver)
    return own if own is not None and own.driver == driver else None


def named_program(name: str) -> Program | None:
    """Return the preset called *name*, or None."""
    return programs().get(name)


def is_second_way(name: str) -> bool:
    """Whether *name* is another way to the program of a preset: `gemini-headless` to `gemini`."""
    known = programs()
    return name in known and name.rpartition("-")[0] in known


def attach_command(program: str, session: str) -> tuple[str, ...]:
    """Return the words that open *session* in the program's own interface; none when it cannot."""
    known = named_program(program)
    if known is None or not session:
        return ()
    return tuple(word.replace("{session}", session) for word in known.attach)


def _program(name: str, table: Mapping[str, Any]) -> Program:
    return Program(
        name=name,
        title=table["title"],
        driver=table["driver"],
        command=tuple(table["command"]),
        least=table.get("least", ""),
        version=tuple(table.get("version", ())),
        install=table.get("install", ""),
        passed=tuple(table.get("pass", ())),
        home=tuple(table.get("home", ())),
        network=tuple(table.get("network", ("*",))),
        env=table.get("env", {}),
        flags={policy: tuple(words) for policy, words in table.get("flags", {}).items()},
        resume=tuple(table.get("resume", ())),
        prompt=tuple(table.get("prompt", ())),
        attach=tuple(table.get("attach", ())),
        mcp=table.get("mcp", "none"),
        stream=table.get("stream", ""),
        settings=_settings(table.get("settings")),
        holds=table.get("holds", True),
    )


def _settings(table: Mapping[str, Any] | None) -> OwnSettings | None:
    if table is None:
        return None
    tables = {key: value for key, value in table.items() if isinstance(value, dict)}
    return OwnSettings(table["variable"], table["as"] == "file", table.get("above", ""), tables)
