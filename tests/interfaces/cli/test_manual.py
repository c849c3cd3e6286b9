"""The manual's page of commands is the table's."""

from __future__ import annotations

from pathlib import Path

from core.engine.table import OPERATIONS
from core.interfaces.cli.manual import page

PAGE = Path(__file__).parents[3] / "docs" / "manual" / "commands.md"


def test_the_page_is_up_to_date() -> None:
    told = "run: python -m core.interfaces.cli.manual > docs/manual/commands.md"
    assert PAGE.read_text(encoding="utf-8") == page(), told


def test_the_page_has_each_operation_with_its_examples() -> None:
    written = page()

    for operation in OPERATIONS:
        assert f"\n### {operation.name}\n" in written
        assert all(example in written for example in operation.examples)
