"""Stand-alone: print what a model's tokens cost, as JSON. Arguments: MODEL PROVIDER (or "").

It is a process of its own because the price list takes some 40 MB, which no runner shall hold.
Output: `{"input": n, "cached": n, "output": n}` in micro-dollars per million tokens, or `null`.
"""

from __future__ import annotations

import json
import sys

_SAMPLE = 1_000
"""Tokens to price: few, so that the answer is the plain rate and not that of one long request."""


def main(argv: list[str]) -> int:
    """Look *argv* up in the price list that is installed; nothing is fetched."""
    model, provider = argv
    json.dump(rates(model, provider), sys.stdout)
    return 0


def rates(model: str, provider: str) -> dict[str, int] | None:
    """Return micro-dollars per million tokens by kind, or None when the model is not listed."""
    from genai_prices import Usage, calc_price

    def cost(usage: Usage, whose: str | None) -> int:
        return round(calc_price(usage, model, provider_id=whose).total_price * 10**12 / _SAMPLE)

    for whose in dict.fromkeys((provider or None, None)):
        try:
            return {
                "input": cost(Usage(input_tokens=_SAMPLE), whose),
                "cached": cost(Usage(input_tokens=_SAMPLE, cache_read_tokens=_SAMPLE), whose),
                "output": cost(Usage(output_tokens=_SAMPLE), whose),
            }
        except (LookupError, ValueError):  # not listed, or listed without a price for it
            continue
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
