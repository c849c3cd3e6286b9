"""The manual's page of settings says what the options say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.settings.options import OPTIONS, PERSONAL, Kind, Option

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[3] / "docs" / "manual" / "settings.md"


def table() -> Iterator[str]:
    """Return the rows of every option, by section."""
    for section in dict.fromkeys(option.section for option in OPTIONS):
        yield f"## {section}"
        yield ""
        yield "| key | value | default | meaning |"
        yield "| --- | --- | --- | --- |"
        for option in OPTIONS:
            if option.section == section:
                yield row(option)
        yield ""


def row(option: Option) -> str:
    """Return one option as a row."""
    kind = option.kind.value
    if option.kind is Kind.CHOICE:
        kind = " · ".join(f"`{choice}`" for choice in option.choices)
    unit = f" ({option.unit})" if option.unit else ""
    default = "none" if option.default in ("", ()) else f"`{toml(option)}`"
    notes = [
        " **Trust.**" if option.needs_trust else "",
        " *Personal.*" if option.key in PERSONAL else "",
        " *Only extended.*" if option.only_extended else "",
        "" if option.in_force else " *Not in force yet.*",
    ]
    return f"| `{option.key}` | {kind}{unit} | {default} | {option.help}{''.join(notes)} |"


def toml(option: Option) -> str:
    """Return a default as it would be written in a settings file."""
    match option.default:
        case bool():
            return str(option.default).lower()
        case str():
            return f'"{option.default}"'
        case _:
            return (
                f"{option.default:g}" if isinstance(option.default, float) else str(option.default)
            )


def test_every_option_stands_in_the_manual_as_it_is() -> None:
    wanted = "\n".join(table())

    assert wanted in PAGE.read_text(encoding="utf-8"), f"the page wants:\n\n{wanted}"
