"""The manual's page of commands, made from the table: `python -m core.interfaces.cli.manual`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.engine.table import OPERATIONS
from core.interfaces.cli.commands import SHARED
from core.interfaces.cli.faces import FACES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.engine.operation import Operation, Param

_HEAD: Final = """\
# Commands

<!-- Made from the table of operations: python -m core.interfaces.cli.manual -->

`weft` without a command opens the window. `weft COMMAND --help` shows what stands here.

Every command works from any folder of the repository or of one of its worktrees. A terminal gets
colour, tables and progress; a pipe gets plain lines, tables as tab-separated columns without a
head. Talk (what to do next, progress, questions) goes to standard error.
"""
_STATUSES: Final = """\
## Exit status

| status | meaning |
| --- | --- |
| 0 | done |
| 1 | refused or failed; each reason stands on its own line of standard error |
| 2 | wrong usage |
| 3 | conflicts found, where `--exit-code` was given |
| 130 | interrupted |

With `--json` an error is `{"error": {"code", "message", "reasons", "hint"}}` on standard output.

## Completion

`eval "$(_WEFT_COMPLETE=bash_source weft)"` in `~/.bashrc`; `zsh_source` and `fish_source` likewise.
"""


def page() -> str:
    """Return the page as Markdown."""
    groups: dict[str, list[Operation]] = {}
    for operation in OPERATIONS:
        groups.setdefault(operation.group, []).append(operation)
    parts = [_HEAD, "## Options of every command\n", _options(SHARED)]
    for group, operations in groups.items():
        parts.append(f"## {group}\n")
        parts += [_section(operation) for operation in operations]
    return "\n".join([*parts, _STATUSES])


def synopsis(operation: Operation) -> str:
    """Return the command with its positional parameters and required options."""
    shown = []
    for param in operation.params:
        if not param.flag:
            word = _word(param) if param.required else f"[{_word(param)}]"
            shown.append(f"{word}..." if param.many else word)
        elif param.required:
            shown.append(f"{param.flag} {_word(param)}")
    return " ".join(["weft", operation.name, *shown])


def _section(operation: Operation) -> str:
    params = (*operation.params, *FACES[operation.name].extras)
    parts = [f"### {operation.name}\n", f"`{synopsis(operation)}`\n", f"{operation.help}\n"]
    if operation.details:
        parts.append(f"{operation.details}\n")
    if params:
        parts.append(_options(params))
    examples = "\n".join(operation.examples)
    parts.append(f"```sh\n{examples}\n```\n")
    return "\n".join(parts)


def _options(params: Iterable[Param]) -> str:
    rows = (f"| `{_spelling(param)}` | {_meaning(param)} |" for param in params)
    return "\n".join(["| option | meaning |", "| --- | --- |", *rows, ""])


def _spelling(param: Param) -> str:
    if not param.flag:
        return _word(param)
    return param.flag if param.kind.value == "flag" else f"{param.flag} {_word(param)}"


def _meaning(param: Param) -> str:
    choices = (
        f" One of {', '.join(f'`{word}`' for word in param.choices)}." if param.choices else ""
    )
    again = " May be repeated." if param.many and param.flag else ""
    return f"{param.help}{choices}{again}".replace("|", "\\|")


def _word(param: Param) -> str:
    return param.metavar or ("WORD" if param.choices else param.name.upper())


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
