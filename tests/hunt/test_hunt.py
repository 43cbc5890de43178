"""The hunt: minutes with a tree's own seed, a step of CI; what it finds fails, with its seed and its smallest case.

It fails by a contradiction alone: where time runs out, less was tried. Where a machine is quick, the rounds run out
first: none sees more than whoever ran all of them.
"""

import os
from collections.abc import Callable, Sequence
from itertools import islice

import pytest
from tests.helpers.strategies import SEED
from tests.hunt.hunting import hunt, report
from tests.hunt.tally import Tally

pytestmark = pytest.mark.hunt

MINUTES = float(os.environ.get("WALKAWAY_HUNT_MINUTES") or 3.5)
ROUNDS = {"proofs": 20, "differences": 20, "moves": 100, "laws": 100, "layouts": 100, "layers": 100}
"""As many rounds of a hunt as there are, however long it may take."""
DEALS = {"proofs": 500, "differences": 500}
"""Fewer than in the long run, so that more policies are met and no round goes on for long."""
FINDS = 2
"""With so many it ends; each is made small, which takes time."""


@pytest.mark.parametrize(
    "names",
    [("proofs", "differences"), ("moves", "laws", "layouts", "layers")],
    ids=["what-a-solver-says", "what-is-answered"],
)
def test_no_deal_contradicts_what_walkaway_says(
    names: Sequence[str], record_property: Callable[[str, object], None]
) -> None:
    """Of random policies, changes of them and deals, none contradicts a proof, a comparison, a layout, or a law."""
    tally = Tally()
    found = [report(f) for f in islice(hunt(SEED, MINUTES * 60, tally, names, deals=DEALS, most=ROUNDS), FINDS)]
    record_property("tried", f"WALKAWAY_SEED={SEED}: {tally}")
    assert not found, f"WALKAWAY_SEED={SEED}\n" + "\n".join(found)
