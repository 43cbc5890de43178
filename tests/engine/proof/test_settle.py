"""Mutants for which no deal was found: a proof that there is none, or the deal that the solver finds."""

import time

import pytest
from tests.helpers.findings import read, with_rule

from walkaway.events import On
from walkaway.policy.model import Policy
from walkaway.proof import settle as settling
from walkaway.proof.diff import Comparison
from walkaway.proof.settle import Settled, settle
from walkaway.testing.killers import shortest_killing_deal
from walkaway.testing.mutants import Mutant, mutants_of

pytestmark = pytest.mark.solver


def settled(policy: Policy, mutant: Mutant) -> Settled:
    return settle(policy, mutant, time.process_time, 60.0)


def test_a_leaf_that_another_implies_makes_no_difference():
    """It is proved, and of a rule that only advises as well."""
    more = "    enforcement: advisory\n"
    policy = read(with_rule("offer.discount > 5% and offer.discount > 3%", more=more)).unwrap()
    moved = [m for m in mutants_of(policy) if m.text.endswith("3%") and m.what.endswith("up by 0.0001%")]
    assert [settled(policy, m) for m in moved] == [Settled(True)]


def test_a_difference_comes_with_a_deal_that_shows_it():
    """The deal tells the two apart, though the rule decides nothing."""
    policy = read(with_rule("offer.discount > 5%", more="    enforcement: advisory\n")).unwrap()
    (turned,) = [m for m in mutants_of(policy) if m.of == "example" and m.what == "turned round"]
    found = settled(policy, turned)
    assert not found.is_alike
    told = shortest_killing_deal(policy, turned, found.deals)
    assert told is not None
    assert told.rule == "example"


def test_what_is_not_decided_in_time_is_not_alike():
    """No seconds, no proof."""
    policy = read(with_rule("offer.discount > 5%")).unwrap()
    assert settle(policy, next(mutants_of(policy)), time.process_time, 0.0) == Settled(False)


@pytest.mark.parametrize(
    ("unknown", "apart", "is_alike"),
    [((), (), True), ((On.OPEN,), (), False), ((), ("deals in other currencies than USD",), False)],
)
def test_a_mutant_is_alike_only_where_everything_was_compared(
    monkeypatch: pytest.MonkeyPatch, unknown: tuple[On, ...], apart: tuple[str, ...], is_alike: bool
) -> None:
    """No difference found is none proved, where some kind of event, or some deals, were left out."""
    monkeypatch.setattr(settling, "compare", lambda *_, **__: Comparison((), unknown, apart))
    policy = read(with_rule("offer.discount > 5%")).unwrap()
    assert settled(policy, next(mutants_of(policy))) == Settled(is_alike)
