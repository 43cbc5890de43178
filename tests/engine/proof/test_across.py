"""Policies whose worths and limits hang on another issue are proved and compared at each of its values."""

import json
import time

import pytest
from tests.engine.deal.test_across import TEXT, policy_of

from walkaway.proof.diff import compare
from walkaway.proof.prove import Outcome, prove
from walkaway.testing.mutants import mutants_of

pytestmark = pytest.mark.solver

SMALL = TEXT.replace("[12 months, 24 months, 36 months]", "[12 months, 24 months]")
SMALL = "".join(line for line in SMALL.splitlines(keepends=True) if not line.lstrip().startswith("36 months"))
SMALL = SMALL.replace(", 36 months: 15%}", "}").replace(", 36 months: 300% of deal.year}", "}")
LAWS = ("better-is-no-worse",)


def test_laws_are_proved_at_every_value() -> None:
    """Also that better terms with the same term are no worse."""
    found = list(prove(policy_of(SMALL), time.process_time, 30.0, LAWS))
    assert [(each.name, each.outcome) for each in found] == [(law, Outcome.PROVED) for law in LAWS]
    assert "with the same `term`" in found[0].says


def test_a_claim_that_fails_at_one_value_is_refuted_by_a_deal_with_it() -> None:
    """Nothing is said proved that holds at the other values alone."""
    never = "verdict = proceed and offer.worth < 169% of deal.year and offer.term = 24 months"
    claim = f'prove: {{mild: {{never: "{never}", on: our offer}}}}\n'
    open_handed = SMALL.replace("give.value > get.value", "give.value > 10 * deal.year").replace("> 9%", "> 99%")
    (found,) = prove(policy_of(open_handed + claim), time.process_time, 30.0, ("mild",))
    assert found.outcome is Outcome.REFUTED
    assert json.loads(found.deals[0].lines[-1])["terms"]["term"] == "24 months"


def test_two_policies_differ_where_a_limit_does_at_one_value() -> None:
    """And the deal that shows it is at that value."""
    tighter = policy_of(SMALL.replace("24 months: 18%}", "24 months: 17%}"))
    (region,) = compare(policy_of(SMALL), tighter, time.process_time, 30.0, enough=True).regions
    terms = [json.loads(line).get("terms", {}) for line in region.deals[0].lines]
    assert any(term.get("term") == "24 months" for term in terms)


def test_a_limit_is_mutated_at_each_value() -> None:
    """One up and one down."""
    places = [m.of for m in mutants_of(policy_of(SMALL)) if m.of.startswith("walk at")]
    assert places.count("walk at 12 months of discount") == places.count("walk at 24 months of discount") == 2
