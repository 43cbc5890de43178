"""Proofs over deals in any currency: at every rate above nothing, or not at all."""

import json
import time

import pytest
import z3
from tests.helpers.currencies import DRIFTING, POLICY, Event, abroad, made, offer, opened
from tests.helpers.deciding import follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.findings import read

from walkaway.deal.decode import Decoder
from walkaway.decide.compiler import compile_policy
from walkaway.decide.engine import Core, Engine
from walkaway.policy import in_currency
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.formulas.any_deal import AnyDeal, Preparation, solver
from walkaway.proof.formulas.common import apart
from walkaway.proof.formulas.properties import Property
from walkaway.proof.prove import Outcome, Proof, Prover, prove

pytestmark = pytest.mark.solver
EUROS = """\
policy: euros
version: 1
side: seller
currency: USD
currencies:
  accepted: [EUR]
  rates: {file: rates.csv, per: EUR, max_age: 6 days}
issues:
  price: {type: money, start: "90,000 USD", worth: "1 USD per 1 USD", walk: "50,000 USD"}
rules:
  low: {why: It costs as much to make., on: our terms, when: "offer.price < 60,000 USD", then: refuse}
"""

MARCH = "2026-03-04T16:00:00Z"


def theirs(at: str, discount: str, name: str) -> Event:
    """Return an offer of theirs."""
    return {**offer(at, discount, name), "by": "them"}


def test_formulas_say_of_a_deal_abroad_what_the_engine_says() -> None:
    """Facts, rules, verdict and constraints, before a rate is pinned anew and after it."""
    file = made(("2026-03-03", "USD", "2"), ("2026-03-09", "USD", "1.3"))
    policy = in_currency(abroad(POLICY + DRIFTING, file), "EUR")
    events = [
        opened("EUR", MARCH, "300,000"), offer(MARCH, "2%", reference="yes"), theirs(MARCH, "20%", "t1"),
        theirs(MARCH, "18%", "t2"), offer(MARCH, "3%", "e3"),
        {"id": "u1", "deal": "d", "at": "2026-03-10T12:00:00Z", "type": "update", "fx": "now", "actor": "rep"},
        offer("2026-03-10T12:00:00Z", "5%", "e4"), theirs("2026-03-10T13:00:00Z", "12%", "t3"),
        {"id": "a1", "deal": "d", "at": "2026-03-10T14:00:00Z", "type": "accept", "by": "us", "actor": "rep"},
    ]  # fmt: skip
    engine, decode = Engine(policy, Core.PLAIN), Decoder(policy).decode
    steps = list(follow(engine, [decode(json.dumps(event).encode()).unwrap() for event in events]))
    assert len({step.decision.verdict for step in steps}) > 1
    for step in steps:
        assert_encoded(policy, engine, step)


def test_a_property_is_proved_in_every_currency_at_every_rate() -> None:
    """Over an amount that is converted: what passes a limit in dollars passes it in no other currency either."""
    (found,) = prove(abroad(EUROS), time.process_time, 60.0, ["nothing-beyond-walk"])
    assert (found.outcome, found.why) == (Outcome.PROVED, "in every currency, at every rate")


def test_what_holds_at_one_rate_alone_is_not_proved() -> None:
    """A claim on the rate is so in the policy's own currency, and in no other."""
    claim = "prove:\n  par: {never: verdict = refuse and fx.rate != 1, why: An example.}\n"
    (found,) = prove(abroad(EUROS + claim), time.process_time, 60.0, ["par"])
    assert found.outcome is Outcome.UNDECIDED
    assert found.why == "proved of deals in USD, and not of those in EUR at every rate"


def test_another_currency_for_which_the_time_did_not_do_is_given_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not told as refuted somewhere while there is time that others did not need."""
    now, asked = [0.0], list[str]()

    def alone(_: Prover, one: Property, budget: TimeLimit, seconds: float) -> Proof:
        return Proof(one.name, one.says, Outcome.PROVED)

    def holds(_: Prover, one: Property, budget: TimeLimit) -> bool:
        asked.append(one.name)
        if asked.count("no-gift") == 1 and one.name == "no-gift":
            now[0] = budget.until
            return False
        return True

    monkeypatch.setattr(Prover, "alone", alone)
    monkeypatch.setattr(Prover, "holds", holds)
    names = ["nothing-beyond-walk", "no-gift", "saying-it-again"]
    found = {p.name: p.outcome for p in prove(abroad(EUROS), lambda: now[0], 9.0, names)}
    assert found == dict.fromkeys(names, Outcome.PROVED)
    assert asked.count("no-gift") == 2


def test_any_rate_above_nothing_is_looked_at() -> None:
    """In the policy's own currency it is 1, and in another any number above nothing, whole or not."""
    own = abroad(EUROS)
    assert AnyDeal(compile_policy(own), Preparation.PREPARED).known["fx.rate"].value == 10_000
    world = AnyDeal(compile_policy(in_currency(own, "EUR")), Preparation.PREPARED)
    asked = solver(world.asserted, 10_000)
    rate = world.known["fx.rate"].value
    assert [asked.check(rate == at) == z3.sat for at in (z3.RealVal("0.5"), 8_951, -1, 0)] == [True, True, False, False]


def test_policies_with_other_rates_are_told_apart() -> None:
    """What formulas say nothing of is said."""
    assert apart(abroad(), abroad()) == ()
    other = abroad(POLICY.replace("6 days", "7 days"))
    assert apart(abroad(), other) == ("in which other currencies deals may be, and at which rates",)


def test_a_policy_of_several_currencies_that_needs_no_rate_is_refuted_by_a_deal() -> None:
    """Where all amounts are shares of what the deal states nobody gives a rate, and a deal is found all the same."""
    without = EUROS.replace("  rates: {file: rates.csv, per: EUR, max_age: 6 days}\n", "").replace(
        '"90,000 USD"', "deal.list"
    )
    shares = without.replace(', walk: "50,000 USD"', "").replace(
        '"offer.price < 60,000 USD"', "offer.price < 60% of deal.list"
    )
    text = shares.replace("issues:\n", "deal: {list: {type: money, least: 0.01 USD}}\nissues:\n", 1)
    claim = "prove: {never-less: {on: our offer, never: verdict = proceed and offer.price < deal.list}}\n"
    (found,) = prove(read(text + claim).unwrap(), time.process_time, 60.0, ("never-less",))
    assert found.outcome is Outcome.REFUTED
