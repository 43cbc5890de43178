"""The hunt: some minutes with a fresh seed; what it finds fails, with its smallest case.

WALKAWAY_HUNT_MINUTES=60 pytest -m hunt --timeout 0 -s tests/hunt
"""

import os

import pytest
from tests.helpers.strategies import SEED
from tests.hunt.hunting import HUNTS, hunt, report
from tests.hunt.tally import Tally

pytestmark = pytest.mark.hunt

MINUTES = float(os.environ.get("WALKAWAY_HUNT_MINUTES") or 2)


def test_no_deal_contradicts_what_walkaway_says(capsys: pytest.CaptureFixture[str]) -> None:
    """Of random policies, changes of them and deals, none contradicts a proof, a comparison, a layout, or a law."""
    tally = Tally()
    found = [report(f) for f in hunt(SEED, MINUTES * 60, tally, tuple(HUNTS))]
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}: {tally}")
    assert not found, "\n".join(found)
