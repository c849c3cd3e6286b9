"""An agent's session as a person can take it over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Attachment:
    """How a session is opened in the agent's own interface, in a terminal.

    `folder` is where, an absolute path; `environment` what the profile sets beside the person's
    own variables.
    """

    task: str
    session: str
    command: tuple[str, ...]
    folder: str
    environment: Mapping[str, str] = field(default_factory=dict)
