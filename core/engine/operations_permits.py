"""The operation that lets a profile go without asking."""

from __future__ import annotations

from typing import Final

from core.engine.operation import Operation, Param, ParamKind

PERMITS: Final = (
    Operation(
        "permit",
        "core.engine.permitting:permit",
        "Start",
        "Let an open profile work here without asking; or show whether it may.",
        (
            Param("profile", "Name of the profile.", required=True, metavar="PROFILE"),
            Param(
                "repo_name",
                "Name of this repository, typed by you: the leave is for it alone.",
                flag="--repo-name",
                metavar="NAME",
            ),
            Param("revoke", "Take the leave back.", ParamKind.FLAG, "--revoke"),
        ),
        ("weft permit quick --repo-name shop", "weft permit quick --revoke"),
        local=True,  # a person's consent is given where the person is
        changes=True,
    ),
)
