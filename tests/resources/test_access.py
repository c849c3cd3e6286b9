"""What ships can be read by name, and nothing else can."""

import pytest

from resources import access


def test_a_shipped_file_is_read_by_its_name() -> None:
    assert access.exists("icons/board.svg")
    assert access.read_text("icons/board.svg").startswith("<svg")
    assert access.read_bytes("icons/board.svg").startswith(b"<svg")


def test_a_folder_lists_its_files_with_their_folder() -> None:
    assert "icons/weft.svg" in access.list_names("icons")


@pytest.mark.parametrize("name", ["../pyproject.toml", "/etc/passwd", "icons/../../README.md"])
def test_a_name_never_leads_out_of_the_package(name: str) -> None:
    with pytest.raises(ValueError, match="inside the package"):
        access.read_text(name)


def test_every_outline_is_drawn_on_the_same_grid_with_the_same_stroke() -> None:
    outlines = [name for name in access.list_names("icons") if name != "icons/weft.svg"]

    odd = [
        name
        for name in outlines
        if 'viewBox="0 0 16 16"' not in access.read_text(name)
        or 'stroke="currentColor" stroke-width="1.4"' not in access.read_text(name)
    ]

    assert odd == []
