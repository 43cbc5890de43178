"""Mutants, and deals that tell them from the rule: every change is one, and every witness is true."""

import json
from collections import Counter

import pytest
from tests.helpers.findings import BASE, read, with_rule

from walkaway import Decision, Engine, Stream
from walkaway.engine import Core
from walkaway.mutants import Mutant, mutants
from walkaway.mutants import with_rule as with_changed
from walkaway.witness import Witness, witness

OPEN = {
    "id": "e0",
    "deal": "x",
    "at": "2026-10-05T09:00:00Z",
    "type": "open",
    "facts": {"list_price": "10,000 USD", "segment": "smb"},
}
OFFER = {
    "id": "e1",
    "deal": "x",
    "at": "2026-10-05T10:00:00Z",
    "type": "offer",
    "by": "us",
    "terms": {"discount": "1%"},
}


def of(when: str, more: str = "") -> list[Mutant]:
    """Give the mutants of the rule `example` with a condition."""
    return [m for m in mutants(read(with_rule(when, more=more)).unwrap()) if m.was.id == "example"]


@pytest.mark.parametrize(
    ("when", "changes"),
    [
        ("offer.discount > 5%", ["taken away", "turned round", "moved up by 0.0001%", "moved down by 0.0001%"]),
        ("give.value > get.value", ["taken away", "turned round", "moved up by 0.01 USD", "moved down by 0.01 USD"]),
        ("deal.segment = smb", ["taken away", "turned round"]),
        ("offer.prepay and known(deal.growth)", ["taken away", "turned round", "turned round"]),
        ("ours.offers between 2 and 4", ["taken away", *["turned round", "moved up by 1", "moved down by 1"] * 2]),
    ],
)
def test_a_policy_is_changed_in_every_small_way(when, changes):
    """The rule, each leaf, and each threshold both ways."""
    found = [m.what.removeprefix("its threshold ") for m in of(when)]
    assert found == changes


def test_a_mutant_differs_in_one_rule_only():
    """All other rules are the same, and the built-in ones are never changed."""
    policy = read(with_rule("not (offer.discount > 5% or ours.offers = 1)")).unwrap()
    for mutant in mutants(policy):
        changed = with_changed(policy, mutant.rule)
        assert [r.id for r, c in zip(policy.rules, changed.rules, strict=True) if r != c] == [mutant.was.id]
        assert not mutant.was.built_in
    assert Counter(m.was.id for m in mutants(policy)) == {"bad-faith": 4, "example": 7}


def fired(policy, found: Witness) -> bool:
    """Tell whether the rule `example` fires at the end of a witness."""
    lines = [json.dumps({**e, "id": f"e{n}", "deal": "d"}).encode() for n, e in enumerate(found.events)]
    *_, last = Stream(Engine(policy, Core.PLAIN)).lines(lines, "witness")
    assert isinstance(last, Decision)
    return "example" in {reason.rule for reason in last.reasons}


CONDITIONS = [
    "offer.discount > 5%",
    "give.value > get.value",
    "give.value > 5% of deal.list_price",
    "room.discount < 3% and give.value > 0 USD",
    "offer.term >= 24 months and deal.segment = enterprise",
    "known(theirs.last.discount) and theirs.last.discount - offer.discount > 5%",
    "ours.offers >= 2 and signals.deception >= 1",
    "known(deal.growth) and deal.growth < 2.5",
    "known(since.our_offer) and since.our_offer < 2 hours",
    "not (offer.support = gold or offer.discount <= 2%)",
    "max(offer.discount, 3%) > 4%",
]


@pytest.mark.parametrize("when", CONDITIONS)
def test_a_witness_tells_a_mutant_from_the_rule(when):
    """From one plain deal, for every mutant: the rule fires as the witness says, and changed it does the opposite."""
    policy = read(with_rule(when)).unwrap()
    for mutant in of(when):
        found = witness(policy, mutant, [(OPEN, OFFER)])
        assert found is not None, (mutant.leaf and mutant.leaf.text, mutant.what)
        assert fired(policy, found) is found.fires
        assert fired(with_changed(policy, mutant.rule), found) is not found.fires


def test_no_witness_is_given_where_there_is_none():
    """A leaf that another one implies can be changed, and no deal shows it."""
    policy = read(with_rule("offer.discount > 5% and offer.discount > 3%")).unwrap()
    moved = [m for m in of("offer.discount > 5% and offer.discount > 3%") if m.leaf and m.leaf.text.endswith("3%")]
    assert [witness(policy, m, [(OPEN, OFFER)]) for m in moved if "moved" in m.what] == [None, None]


def test_without_a_deal_there_is_no_witness():
    """A search begins from what is known."""
    policy = read(BASE).unwrap()
    assert witness(policy, next(mutants(policy)), []) is None
