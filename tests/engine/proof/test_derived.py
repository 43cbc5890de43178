"""Products of what is negotiated in proofs: bounds, order and guards prove; what refutes has been decided so."""

import json
import time

import pytest
from tests.helpers.findings import read

from walkaway.policy import Policy
from walkaway.proof.formulas.products import guards
from walkaway.proof.prove import Outcome, Proof, prove
from walkaway.testing.mutants import mutants_of

pytestmark = pytest.mark.solver

TEXT = """\
policy: seats
version: 1
side: seller
currency: USD
deal:
  list: {type: money, default: 100 USD, least: 0.01 USD}
issues:
  seats: {type: count, start: 100, least: 1, most: 5000, worth: deal.list per 1}
  price: {type: money, start: deal.list, least: 0 USD, worth: 100 USD per 1 USD, walk: 60 USD}
derived:
  total: offer.seats * offer.price
  list: offer.seats * deal.list
roles: [manager]
rules:
  even: {why: w, on: our terms, when: give.value > get.value, then: trade}
  thin: {why: w, on: our terms, when: derived.total < 90% of derived.list, then: escalate, to: manager}
"""


def policy_of(claims: str = "", rules: str = "") -> Policy:
    """Read the policy with more rules, and with claims about our offers."""
    said = f"prove: {{it: {{on: our offer, {claims}}}}}\n" if claims else ""
    return read(TEXT + rules + said).unwrap()


def proved(policy: Policy, name: str = "it", seconds: float = 60.0) -> Proof:
    """Return the outcome for one property."""
    (found,) = prove(policy, time.process_time, seconds, (name,))
    return found


@pytest.mark.parametrize(
    "claim",
    [
        'never: "offer.price < 50 USD and offer.seats <= 100 and derived.total > 5,000 USD"',
        'never: "offer.seats >= 200 and offer.price >= 80 USD and derived.total < 16,000 USD"',
        'never: "offer.price < 80% of deal.list and derived.total > 80% of derived.list"',
    ],
)
def test_what_bounds_and_guards_say_of_a_product_is_proved(claim: str) -> None:
    """One comparison of a price with a number, or with a share of the list, times the seats."""
    assert proved(policy_of(claim)).outcome is Outcome.PROVED


def test_a_product_that_no_answer_stops_is_shown_by_a_deal() -> None:
    """The engine has decided it: its seats at its price come to less than what is claimed."""
    found = proved(policy_of('never: "derived.total < 7,000 USD and verdict = proceed"'))
    assert found.outcome is Outcome.REFUTED
    events = [json.loads(line) for line in found.deals[0].lines]
    said = {"seats": "100", "price": events[0].get("facts", {}).get("list", "100 USD")}
    for event in events[1:]:
        said |= event.get("terms", {}) if event.get("by") == "us" else {}
    price = float(said["price"].removesuffix(" USD").replace(",", ""))
    assert int(said["seats"].replace(",", "")) * price < 7_000


def test_a_claim_that_holds_up_to_a_cent_is_not_proved() -> None:
    """A hundred seats at fifty dollars come to five thousand, and not to more; at fifty dollars they do come to it."""
    almost = policy_of('never: "offer.price <= 50 USD and offer.seats <= 100 and derived.total >= 5,000 USD"')
    assert proved(almost, seconds=1.5).outcome is not Outcome.PROVED


def test_a_share_of_what_grows_with_it_is_no_worse_for_better_terms() -> None:
    """More seats at a higher price: both sides of the rule hold the seats, and the prices compare as they did."""
    assert proved(policy_of(), "better-is-no-worse").outcome is Outcome.PROVED


def test_comparisons_are_multiplied_only_where_their_products_are_derived() -> None:
    """Of those in rules and claims; where both sides are products, by what they share."""
    found = guards(policy_of('never: "offer.price < 80% of deal.list and offer.seats > 7"'))
    assert {(tuple(name for name, _, _ in g.terms), g.by) for g in found} == {
        (("deal.list", "offer.price"), "offer.seats"),
        (("offer.seats",), "offer.price"),
        (("offer.seats",), "deal.list"),
    }


def test_what_reads_a_product_is_mutated() -> None:
    """Its comparison is turned round and its threshold is moved, as for every other fact."""
    found = {m.what for m in mutants_of(policy_of()) if m.of == "thin"}
    assert len(found) >= 3
