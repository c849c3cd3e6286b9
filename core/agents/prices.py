"""What tokens cost when the program itself does not say: by the price list of genai-prices.

Nothing is fetched: the list is the one that is installed. What is not in it costs an unknown
amount, never nothing.
"""

from __future__ import annotations

import json
import logging
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.agents import price_lookup
from core.processes.programs import NO_WINDOW, own_environment, script_command

logger = logging.getLogger(__name__)
_MILLION: Final = 1_000_000
_LOOKUP_S: Final = 30.0
_VARIANT: Final = re.compile(r"\[[^\]]*\]$")
"""What agents put behind a model's name: `gpt-5.1[high]`, `opus[1m]`."""

_PROVIDERS: Final = MappingProxyType(
    {
        "claude": "anthropic",
        "anthropic": "anthropic",
        "codex": "openai",
        "openai": "openai",
        "gemini": "google",
        "google": "google",
        "vibe": "mistral",
        "mistral": "mistral",
        "kimi": "moonshotai",
        "moonshot": "moonshotai",
        "deepseek": "deepseek",
        "grok": "x-ai",
    }
)
"""Words in an agent's or a provider's name, and whose price list that means."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Micro-dollars per million tokens: read anew, read from a cache, written."""

    input: int
    cached: int
    output: int


def price(
    model: str,
    hint: str,
    input_tokens: int | None,
    output_tokens: int | None,
    cached_tokens: int | None = None,
) -> int | None:
    """Return what the tokens of a session cost in micro-dollars; None when it is not known.

    The first call for a model waits half a second for a process: call it in a thread.

    Args:
        model: As the agent names it; a variant in brackets or a provider before `/` is no harm.
        hint: A word that tells the provider, such as the profile's name; may be empty.
        input_tokens: All that was read, what came from a cache included.
        output_tokens: All that was written, thinking included.
        cached_tokens: How many of *input_tokens* came from a cache.

    Source:
        The base rates: surcharges for a single very long request are unknown from sums.
    """
    read, written = input_tokens or 0, output_tokens or 0
    if not model or read + written <= 0:
        return None
    name, provider = _named(model, hint)
    rates = _rates(name, provider)
    if rates is None:
        return None
    cached = min(max(cached_tokens or 0, 0), read)
    total = (read - cached) * rates.input + cached * rates.cached + written * rates.output
    return round(total / _MILLION) or None


def _named(model: str, hint: str) -> tuple[str, str]:
    """Return the model's bare name and its provider's, which may be empty."""
    before, _, name = _VARIANT.sub("", model.strip()).rpartition("/")
    for words in (before.casefold(), hint.casefold()):
        for word, provider in _PROVIDERS.items():
            if word in words:
                return name, provider
    return name, ""


@cache
def _rates(model: str, provider: str) -> Rates | None:
    try:
        done = subprocess.run(
            script_command(Path(price_lookup.__file__), model, provider),
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LOOKUP_S,
            check=True,
            creationflags=NO_WINDOW,
        )
        found = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        logger.warning("the price of %s could not be looked up: %s", model, error)
        return None
    if found is None or not (found["input"] or found["output"]):
        return None
    return Rates(found["input"], found["cached"], found["output"])
