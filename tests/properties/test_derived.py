"""Products of what is negotiated are what they say, to whoever reckons them.

A long run over deals made up from fresh seeds:

    WALKAWAY_DERIVED=20000 pytest --timeout 0 -s tests/properties/test_derived.py
"""

import json
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from random import Random

import pytest
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.enumerated import answer
from tests.helpers.generated_functions import assert_same
from tests.helpers.haggling import DERIVED, haggled, loaded
from tests.helpers.strategies import SEED, size

from walkaway.advice.counteroffers import ADVISED, Seeker
from walkaway.deal.decode import Decoder
from walkaway.decide.core import rete
from walkaway.decide.engine import Core, Engine
from walkaway.events import AnyEvent, Offer
from walkaway.language.values import Exact
from walkaway.proof.formulas.concrete import act_of, state_of
from walkaway.proof.formulas.encode import Codes
from walkaway.proof.formulas.facts import Facts
from walkaway.proof.formulas.logic import Truth
from walkaway.proof.formulas.products import product_envelope, product_grows, product_order, product_signs
from walkaway.proof.formulas.worths import Asserted

pytestmark = [pytest.mark.slow, pytest.mark.search]

DEALS = size("WALKAWAY_DERIVED", 12, 400)
ENGINE = Engine(loaded(DERIVED[0]), Core.BOTH if rete.is_available() else Core.PLAIN)


def deals() -> list[list[AnyEvent]]:
    """Return deals made up at random; every other one states what a derived fact may lack."""
    random, found, decoder = Random(SEED), [], Decoder(ENGINE.policy)
    for number in range(DEALS):
        _, events = haggled(random.getrandbits(40), DERIVED)
        if number % 2:
            events[0]["facts"]["budget"] = str(random.randint(0, 60))
        read = [event for e in events if (event := decoder.decode(json.dumps(e).encode()).value) is not None]
        found.append(read)
    return found


def product(terms: Mapping[str, Exact], known: Mapping[str, Exact | None], name: str) -> Fraction | None:
    """Return a derived fact in its smallest unit, as one would reckon it by hand."""
    said = {issue: Fraction(value) for issue, value in terms.items() if isinstance(value, int | Fraction)}
    match name:
        case "total":
            return said["users"] * said["price"]
        case "list":
            return said["users"] * Fraction(known["deal.list"] or 0)
        case "off":
            return said["discount"] / 1_000_000 * said["price"]
        case "support":
            return said["term"] * said["monthly"]
        case _:
            budget = known.get("deal.budget")
            return None if budget is None else said["users"] * Fraction(budget) - said["users"] ** 2 * Fraction(3, 10)


def test_a_derived_fact_is_the_product_of_the_terms_on_the_table() -> None:
    """In fractions, of whoever's terms they are; unknown where the deal does not state a factor, and without terms."""
    seen = Counter[str]()
    for events in deals():
        for step in follow(ENGINE, events):
            facts, move = ENGINE.all_facts(step.found), step.found.move
            for name in ENGINE.policy.derived:
                found = facts[f"derived.{name}"]
                expected = None if move is None else product(move.terms, step.position.known, name)
                assert found == expected, name
                seen[f"{name} {'unknown' if found is None else type(found).__name__}"] += 1
    assert {"total int", "off Fraction", "spare unknown", "spare int", "total unknown"} <= seen.keys()


def test_generated_functions_and_both_cores_give_what_the_rooms_give() -> None:
    """Event by event the same evidence, and the same deal afterwards."""
    seen = Counter[str]()
    for events in deals()[: DEALS // 2]:
        seen += assert_same(ENGINE, events)
    assert seen["Offer"] > DEALS / 4


@pytest.mark.solver
def test_formulas_say_what_the_engine_says() -> None:
    """Products that proofs rest on, written a second time, are the engine's at every event."""
    for events in deals()[: DEALS // 2]:
        for step in follow(ENGINE, events):
            assert_encoded(ENGINE.policy, ENGINE, step)


class Holding(Asserted):
    """Formulas about known numbers, each of which is so."""

    def add(self, formula: Truth) -> None:
        assert formula is True
        self.names += 1


@pytest.mark.solver
def test_what_proofs_are_told_of_products_is_so_of_every_deal() -> None:
    """Each comparison of a factor, both sides times the other one, holds of the terms that were said; none is false."""
    told = 0
    for events in deals()[: DEALS // 2]:
        for step in follow(ENGINE, events):
            codes, holding = Codes(), Holding()
            state = state_of(ENGINE.policy, step.position, step.event, codes)
            facts = Facts(ENGINE.policy, state, act_of(ENGINE, step.found, state, codes), holding)
            for name in ENGINE.policy.derived:
                facts.get(f"derived.{name}")
            told += holding.names
    assert told > 0


@pytest.mark.solver
def test_what_is_said_of_a_product_is_so_of_any_two_numbers() -> None:
    """Signs, order and envelopes, within their bounds and outside them, and at them."""
    random = Random(SEED)
    for _ in range(DEALS * 40):
        one, other, third, fourth = (random.randint(-4, 4) for _ in range(4))
        spans = tuple(random.choice(((None, None), (0, None), (-2, 3), (None, 2), (1, 1))) for _ in range(2))
        assert product_envelope((one, other), spans, one * other) is True
        assert product_grows((one, other), one * other, (third, fourth), third * fourth) is True
        assert product_signs(one, other, one * other) is True
        assert product_order(one, other, one * other, third, one * third) is True


def test_a_package_is_answered_as_by_the_engine() -> None:
    """Put together from its values, a package fires the rules that an offer of ours with these terms would."""
    random, seeker, tried = Random(SEED), Seeker(ENGINE), 0
    for events in deals():
        for step in follow(ENGINE, events):
            asked = seeker.asked(step.found) if step.found.ruling.verdict in ADVISED else None
            probe = seeker.probe(asked) if asked and isinstance(asked.event, Offer) else None
            if probe is None or probe.position.theirs.stands:
                continue
            values = [[*probe.values.every(i), probe.offered[i], probe.cleared[i]] for i in range(len(probe.issues))]
            package = tuple(random.choice(v) for v in values)
            assert probe.outcome(package) == answer(ENGINE, probe, package)
            tried += 1
    assert tried > 0
