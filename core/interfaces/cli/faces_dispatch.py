"""Who renders the operations of the dispatcher."""

from __future__ import annotations

from typing import Final

RENDERERS: Final = {
    "task order": "tasks:ordered",
    "suggest": "dispatch:suggested",
    "proposals": "dispatch:proposed",
    "accept": "dispatch:accepted",
    "dispatch show": "dispatch:standing",
    "dispatch pause": "dispatch:standing",
    "dispatch resume": "dispatch:standing",
    "dispatch mode": "dispatch:standing",
    "stage approve": "dispatch:stage",
    "stage reject": "dispatch:stage",
    "stage escalate": "dispatch:stage",
}
