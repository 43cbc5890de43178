"""Deals that lack a fact on which worths rest, as formulas: their first event is judged in every way, or none is."""

from pathlib import Path

import pytest

from walkaway import load
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.compiler import compile_policy
from walkaway.events import On
from walkaway.proof.formulas.any_deal import CASES
from walkaway.proof.formulas.bounded import BoundedModel
from walkaway.proof.formulas.history import DealOpening, EarlierEvents

pytestmark = pytest.mark.solver

ROOT = Path(__file__).parents[3]
POLICIES = [
    *sorted(p.parent for p in ROOT.glob("rules/*/policy.yaml")),
    *sorted(p.parent for p in ROOT.glob("features/policies/*/policy.yaml")),
]
_MONDAY = 20_731


@pytest.mark.parametrize("path", POLICIES, ids=lambda p: p.name)
def test_the_first_event_of_a_deal_without_worths_is_judged(path: Path) -> None:
    """Nothing was said before, so nothing is accepted; and of several events nothing is said."""
    policy = load(path).unwrap()
    without = tuple(sorted(n for n in policy.needed if n.startswith("deal.")))
    opening = DealOpening(_MONDAY if policy.effective[0] is None else policy.effective[0], {}, without, ())
    for case in CASES:
        try:
            model = BoundedModel(compile_policy(policy), opening)
        except OutOfRange:
            assert not without
            return
        judged = model.judge(case)
        if model.scales is None and case.heard in (On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE):
            assert judged.requires is False
    model = BoundedModel(compile_policy(policy), opening)
    if model.scales is None:
        with pytest.raises(OutOfRange):
            model.follow(EarlierEvents(1, 0, 0, 0, {}))
