"""The small policies of the features are as clean as those that ship."""

from pathlib import Path

import pytest

from walkaway import load

pytestmark = pytest.mark.slow

POLICIES = sorted((Path(__file__).parents[2] / "features" / "policies").iterdir())


@pytest.mark.parametrize("path", POLICIES, ids=[p.name for p in POLICIES])
def test_a_policy_of_the_features_has_no_findings(path):
    """Not even a warning."""
    assert load(path).findings == ()
