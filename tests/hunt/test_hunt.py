"""The hunt: minutes with a fresh seed, a step of CI; what it finds fails, with its seed and its smallest case.

It fails by a contradiction alone: where time runs out, less was tried.
"""

import os
from collections.abc import Sequence
from itertools import islice

import pytest
from tests.helpers.strategies import SEED
from tests.hunt.hunting import hunt, report
from tests.hunt.tally import Tally

pytestmark = pytest.mark.hunt

MINUTES = float(os.environ.get("WALKAWAY_HUNT_MINUTES") or 3)
DEALS = {"proofs": 500, "differences": 500}
"""Fewer than in the long run, so that more policies are met and no round goes on for long."""
FINDS = 2
"""With so many it ends; each is made small, which takes time."""


@pytest.mark.parametrize(
    "names",
    [("proofs", "differences"), ("moves", "laws", "layouts", "layers")],
    ids=["what-a-solver-says", "what-is-answered"],
)
def test_no_deal_contradicts_what_walkaway_says(names: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Of random policies, changes of them and deals, none contradicts a proof, a comparison, a layout, or a law."""
    tally = Tally()
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}")
    found = [report(f) for f in islice(hunt(SEED, MINUTES * 60, tally, names, deals=DEALS), FINDS)]
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}: {tally}")
    assert not found, f"WALKAWAY_SEED={SEED}\n" + "\n".join(found)
