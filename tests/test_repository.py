"""Rules about the repository itself that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
CODE: Final = ("core", "gui", "resources", "tests", "packaging")
MAX_FILE_LINES: Final = 500
MAX_FUNCTION_LINES: Final = 50
REGISTRIES: Final = re.compile(
    r"\b(?:(?:test\.)?pypi\.org|pythonhosted\.org|npmjs\.org|proxy\.golang\.org|crates\.io)\b"
)
SOMEBODYS_HOME: Final = re.compile(r"(?<![\w.])/(?:root|home/\w+|Users/\w+)/\w")


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def tracked_texts() -> Iterator[tuple[str, str]]:
    """Yield path and text of every file that a clone has, pictures left out."""
    shown = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if shown.returncode:
        pytest.skip("not a git checkout: an unpacked archive has no list of its files")
    for name in filter(None, os.fsdecode(shown.stdout).split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode(errors="replace")


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    found = [
        name
        for name, text in tracked_texts()
        if str(ROOT) in text or (name != "tests/test_repository.py" and SOMEBODYS_HOME.search(text))
    ]

    assert found == []


def test_only_the_lock_names_a_registry() -> None:
    exempt = {"uv.lock", "tests/test_repository.py"}

    found = [name for name, text in tracked_texts() if REGISTRIES.search(text)]

    assert set(found) <= exempt


def test_packaging_is_no_package() -> None:
    # `packaging/__init__.py` would shadow the library that pip, pytest and others import.
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_every_folder_of_the_product_is_a_package_that_says_what_it_is_for() -> None:
    folders = {path.parent for path in sources("core", "gui", "resources")}
    silent = [
        str(folder.relative_to(ROOT))
        for folder in folders
        # The migration runner loads these by path: their names begin with a digit.
        if folder.name != "migrations" and not docstring(folder / "__init__.py")
    ]

    assert silent == []


def docstring(module: Path) -> str | None:
    if not module.is_file():
        return None
    return ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_no_source_file_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*CODE)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MAX_FILE_LINES
    }

    assert long == {}


def test_no_function_is_too_long_to_read() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources(*CODE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and body_lines(node) > MAX_FUNCTION_LINES
    ]

    assert long == []


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines from the first statement on: what its docstring says is free."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_what_is_written_has_the_same_line_ends_on_every_system() -> None:
    # git and shells read some of it, and Windows would write others.
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources("core", "gui")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "write_text"
        and ast.unparse(node.func.value) != "files"  # the agents' own, which writes bytes
        and "newline" not in {keyword.arg for keyword in node.keywords}
    ]

    assert found == []


def test_no_test_sleeps_or_is_skipped_without_a_reason() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node).splitlines()[0]}"
        for path in sources("tests")
        if "agents_live" not in path.parts  # no tests: they pace programs that are not ours
        for node in outside_waits(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Call) and (sleeps(node) or skips_silently(node)))
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and has_bare_skip(node))
    ]

    assert found == []


def outside_waits(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every node, except in functions `wait_…`: those poll a condition (tests/waiting.py)."""
    yield node
    for child in ast.iter_child_nodes(node):
        function = ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(child, function) and child.name.startswith("wait_"):
            continue
        yield from outside_waits(child)


def has_bare_skip(test: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(each) == "pytest.mark.skip" for each in test.decorator_list)


def name_of(call: ast.Call) -> str:
    return ast.unparse(call.func)


def sleeps(call: ast.Call) -> bool:
    """Return whether a call waits for time to pass; `asyncio.sleep(0)` only yields."""
    if name_of(call) in {"time.sleep", "sleep", "QTest.qWait", "qtbot.wait"}:
        return True
    zero = call.args and isinstance(call.args[0], ast.Constant) and not call.args[0].value
    return name_of(call) == "asyncio.sleep" and not zero


def skips_silently(call: ast.Call) -> bool:
    skips = {"pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}
    has_reason = any(keyword.arg == "reason" for keyword in call.keywords)
    is_told = name_of(call) in {"pytest.skip", "pytest.mark.skip"} and bool(call.args)
    return name_of(call) in skips and not has_reason and not is_told
