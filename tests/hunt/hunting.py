"""Hunt round after round, each from a seed of its own, count what was tried, and report each find's smallest case."""

import argparse
import os
import secrets
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from tests.hunt.answers import hunt_laws, hunt_layouts
from tests.hunt.made import Made
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
AIMED_AT = {"proofs": "proofs tried", "differences": "differences tried"}
"""What is counted of a hunt until enough of it was tried."""


def hunt(
    seed: int,
    seconds: float,
    tally: Tally,
    names: Sequence[str] = tuple(HUNTS),
    tell: Callable[[Tally], None] | None = None,
    deals: Mapping[str, int] | None = None,
    aim: int = 0,
    most: Mapping[str, int] | None = None,
) -> Iterator[Contradiction]:
    """Go round the hunts until the time is over; return each contradiction, made as small as can be.

    Args:
        tell: Is told what was tried, once a minute.
        deals: By how many deals a hunt tries each thing, where that is another number than its own.
        aim: How many proofs and differences are enough: the one of which less was tried is next, and both end there.
        most: How many rounds of each hunt are enough, so that no quick machine sees more than others; any if left out.
    """
    until = tally.until = time.monotonic() + seconds
    told = time.monotonic()
    rounds = Counter[str]()
    while time.monotonic() < until:
        name = _next([n for n in names if most is None or rounds[n] < most[n]], rounds, tally, aim)
        if name is None:
            break
        asked = {"deals": deals[name]} if deals and name in deals else {}
        for found in _round(name, f"{seed}:{rounds[name]}:{name}", tally, asked):
            tally.add("contradictions")
            yield found if found.law == CRASH else smallest(found, SHRINK_S)
            if time.monotonic() > until:
                break
        rounds[name] += 1
        if tell is not None and time.monotonic() > told + 60:
            told = time.monotonic()
            tell(tally)
    tally.counts["rounds"] = rounds.total()


def _next(names: Sequence[str], rounds: Mapping[str, int], tally: Tally, aim: int) -> str | None:
    """Return the hunt whose turn it is: where there is an aim the one furthest from it; none once all have theirs."""
    if not aim:
        return min(names, key=lambda n: rounds[n], default=None)
    left = [n for n in names if n not in AIMED_AT or tally.counts[AIMED_AT[n]] < aim]
    aimed = [n for n in left if n in AIMED_AT]
    return min(aimed, key=lambda n: tally.counts[AIMED_AT[n]]) if aimed else None


CRASH = "a traceback"


def _round(name: str, seed: str, tally: Tally, asked: Mapping[str, int]) -> Iterator[Contradiction]:
    """Go one round of a hunt; what ends in a traceback is a find as well, and the hunt goes on after it."""
    try:
        yield from HUNTS[name](Random(seed), tally, **asked)
    except Exception:  # noqa: BLE001 - whatever it is, it is a fault of ours
        yield Contradiction(CRASH, f"round {seed}\n{traceback.format_exc()}", Made({}), lambda _: None)


def report(found: Contradiction) -> str:
    """Return a contradiction with its whole case."""
    return f"\n== {found.law}\n{found.what}\n{found.made.shown()}\n"


def main() -> None:
    """Hunt as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.hunt", description=__doc__)
    parser.add_argument("--minutes", type=float, default=float(os.environ.get("WALKAWAY_HUNT_MINUTES") or 60))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("WALKAWAY_SEED") or secrets.randbits(32)))
    parser.add_argument("--only", nargs="*", choices=HUNTS, default=list(HUNTS))
    parser.add_argument("--aim", type=int, default=0, help="proofs and differences that are enough")
    parser.add_argument(
        "--deals",
        type=int,
        default=0,
        help="by how many a proof and a difference are tried, if not by their own number",
    )
    asked = parser.parse_args()
    deals = {name: asked.deals for name in asked.only if asked.deals and name in AIMED_AT}
    tally, began, count = Tally(), time.monotonic(), 0
    print(f"WALKAWAY_SEED={asked.seed}", flush=True)
    for found in hunt(
        asked.seed, asked.minutes * 60, tally, asked.only, lambda t: print(t, flush=True), deals, asked.aim
    ):
        count += 1
        print(report(found), flush=True)
        print(tally, flush=True)
    print(f"{time.monotonic() - began:,.0f} s: {tally}; {count} contradictions", flush=True)
    sys.exit(bool(count))
