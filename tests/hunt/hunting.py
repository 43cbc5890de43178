"""Hunt round after round, each from a seed of its own, count what was tried, and report each find's smallest case."""

import argparse
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from tests.hunt.answers import hunt_laws, hunt_layouts
from tests.hunt.moves import hunt_moves
from tests.hunt.proofs import hunt_differences, hunt_layers, hunt_proofs
from tests.hunt.shrinking import smallest
from tests.hunt.tally import Contradiction, Tally

Hunt = Callable[..., Iterator[Contradiction]]
HUNTS: dict[str, Hunt] = {
    "proofs": hunt_proofs,
    "differences": hunt_differences,
    "moves": hunt_moves,
    "laws": hunt_laws,
    "layouts": hunt_layouts,
    "layers": hunt_layers,
}
SHRINK_S = 45.0


def hunt(
    seed: int,
    seconds: float,
    tally: Tally,
    names: Sequence[str] = tuple(HUNTS),
    tell: Callable[[Tally], None] | None = None,
    deals: Mapping[str, int] | None = None,
) -> Iterator[Contradiction]:
    """Go round the hunts until the time is over; return each contradiction, made as small as can be.

    Args:
        tell: Is told what was tried, once a minute.
        deals: By how many deals a hunt tries each thing, where that is another number than its own.
    """
    until = time.monotonic() + seconds
    number = 0
    told = time.monotonic()
    while time.monotonic() < until:
        name = names[number % len(names)]
        rng = Random(f"{seed}:{number}:{name}")
        asked = {"deals": deals[name]} if deals and name in deals else {}
        for found in HUNTS[name](rng, tally, **asked):
            yield smallest(found, SHRINK_S)
            if time.monotonic() > until:
                break
        number += 1
        if tell is not None and time.monotonic() > told + 60:
            told = time.monotonic()
            tell(tally)
    tally.counts["rounds"] = number


def report(found: Contradiction) -> str:
    """Return a contradiction with its whole case."""
    return f"\n== {found.law}\n{found.what}\n{found.made.shown()}\n"


def main() -> None:
    """Hunt as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.hunt", description=__doc__)
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("WALKAWAY_HUNT_MINUTES") or 60))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("WALKAWAY_SEED") or secrets.randbits(32)))
    parser.add_argument("--only", nargs="*", choices=HUNTS, default=list(HUNTS))
    asked = parser.parse_args()
    tally, began, count = Tally(), time.monotonic(), 0
    print(f"WALKAWAY_SEED={asked.seed}", flush=True)
    for found in hunt(asked.seed, asked.minutes * 60, tally, asked.only, lambda t: print(t, flush=True)):
        count += 1
        print(report(found), flush=True)
        print(tally, flush=True)
    print(f"{time.monotonic() - began:,.0f} s: {tally}; {count} contradictions", flush=True)
    sys.exit(bool(count))
