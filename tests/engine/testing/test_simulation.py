"""Tricks tried on policies, and deals bargained by a seller who only sends what is cleared."""

import json
import shutil
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from tests.helpers.findings import read

from walkaway import Core, Engine, InvalidInput, Policy, load
from walkaway.testing import Answering, Attack, Attacker, Dealer, Ending, Scenario, Spoken, bargains, summed
from walkaway.testing.simulation.space import as_heard, scenario_of, space_of

RULES = Path(__file__).parents[3] / "rules"
OPENING = {"id": "o", "deal": "D", "at": "2026-10-05T09:00:00Z", "type": "open", "actor": "ana"}
STEPS = """\
policy: steps
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: 60%, step: 1%}
  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}
package: {base: deal.list_price}
rules:
"""
TIRING = """\
  tiring: {on: our terms, when: since.opened < 3 hours, then: refuse, why: It tires of saying no.}
"""
PAID_OFFERS = """\
  paid: {on: our offer, when: give.value > 0 USD, unless: offer.prepay, then: trade, why: It hears no acceptance.}
"""
PAID_FULLY = """\
  paid: {on: our offer, when: give.value > get.value, then: trade, why: It hears no acceptance.}
"""
PAID_OFFERS_ONCE = """\
  paid:
    on: our terms
    when: give.value > 0 USD and ours.concessions < 1
    unless: offer.prepay
    then: trade
    why: It listens until we have conceded once.
"""
AMOUNT = """\
  amount:
    on: our terms
    when: give.value - asked.value - ours.net > 10,000 USD
    then: refuse
    why: It is the same in deals of every size.
"""
GIVEN_FOR_GOT = """\
  given: {on: our terms, when: give.value > get.value, then: trade, why: It wants something for everything.}
"""
EACH = """\
  each: {on: our terms, when: "give.value > 10,000 USD", then: refuse, why: It looks at what one offer gives.}
"""


def policy_with(rule: str) -> Policy:
    """Return a policy that has one rule beside the built-in ones."""
    return read(STEPS + rule).unwrap()


def dealer_of(policy: Policy, **facts: str) -> Dealer:
    """Return what opens deals of 100,000 USD, or with other facts."""
    return Dealer(Engine(policy, Core.PLAIN), {**OPENING, "facts": {"list_price": "100,000 USD"} | facts})


def attacks(policy: Policy) -> dict[tuple[str, str], Attack]:
    """Try every trick on a policy."""
    return {(a.name, a.by): a for a in Attacker(dealer_of(policy), 40).attacks()}


@pytest.mark.parametrize("name", ["saas-discounting", "used-car", "job-offer"])
def test_no_trick_of_our_own_gets_past_a_shipped_policy(name: str) -> None:
    """A rep who slices, repeats, drops the get or picks reaches nothing that one clean offer would not reach."""
    opening = json.loads((RULES / name / "deal.jsonl").read_text(encoding="utf-8").splitlines()[0])
    dealer = Dealer(Engine(load(RULES / name).unwrap(), Core.PLAIN), opening)
    ours = [a for a in Attacker(dealer, 40).attacks() if a.by == "us"]
    assert sum(a.tried for a in ours) > 5
    assert [a for a in ours if a.gain] == []


def test_what_one_offer_gives_is_sliced() -> None:
    """A rule on what one offer gives is passed in slices, up to the walk value: 50,000 USD beyond one clean offer."""
    found = attacks(policy_with(EACH))["salami", "us"]
    assert (found.gain, found.terms, found.rules) == (50_000_00, {"discount": "60%"}, ("each",))


def test_what_is_refused_is_said_again() -> None:
    """A rule that looks at the time lets the same offer through in the end."""
    found = attacks(policy_with(TIRING))["repeat", "us"]
    assert (found.gain > 0, found.rules) == (True, ("tiring",))


def test_a_get_is_dropped_once_a_rule_has_stopped_listening() -> None:
    """Where the first paid concession switches the rule off, the second offer takes the payment back."""
    found = attacks(policy_with(PAID_OFFERS_ONCE))["drop the get", "us"]
    assert (found.gain > 0, found.rules) == (True, ("paid",))


@pytest.mark.parametrize("by", ["us", "them"])
def test_nobody_picks_from_a_package(by: str) -> None:
    """A part that is accepted is heard as an offer of ours would be, even by a rule that listens to offers alone."""
    found = attacks(policy_with(PAID_OFFERS))["cherry-pick", by]
    assert (found.tried > 0, found.gain) == (True, 0)


def test_who_agrees_first_asks_again() -> None:
    """Under a rule that listens to offers alone, what they ask for after the agreement is free."""
    found = attacks(policy_with(PAID_FULLY))["nibble", "them"]
    assert (found.gain, found.rules) == (59_000_00, ("paid",))


def test_what_one_clean_offer_may_give_is_no_gain_of_a_nibble() -> None:
    """An agreement that asked for more than it had to is paid for still when they have asked for one thing more."""
    found = attacks(policy_with(GIVEN_FOR_GOT))["nibble", "them"]
    assert (found.tried > 0, found.gain) == (True, 0)


def test_an_invented_demand_buys_nothing_where_none_counts_beyond_our_walk() -> None:
    """Dropped, it counts as a move from what they said; or from our walk value, or the start, where they said more."""
    near = STEPS.replace("walk: 60%", "walk: 20%") + GIVEN_FOR_GOT
    found = {
        base: attacks(read(near.replace("issues:", f"theirs_base: {base}\nissues:")).unwrap())
        for base in ("said", "walk", "start")
    }
    gains = {base: (all_of["inflate", "them"].gain, all_of["open high", "them"].gain) for base, all_of in found.items()}
    assert gains == {"said": (5_000_00, 10_000_00), "walk": (0, 10_000_00), "start": (0, 0)}


@pytest.mark.parametrize("base", ["walk", "start"])
@pytest.mark.parametrize("name", sorted(deal.parent.name for deal in RULES.glob("*/deal.jsonl")))
def test_their_tricks_get_nothing_where_their_word_is_bound(name: str, base: str, tmp_path: Path) -> None:
    """By `walk` no trick of theirs gets more of a shipped policy than opening high is paid; by `start` none does."""
    folder = tmp_path / name
    shutil.copytree(RULES / name, folder)
    text = (folder / "policy.yaml").read_text(encoding="utf-8")
    (folder / "policy.yaml").write_text(f"{text}\ntheirs_base: {base}\n", encoding="utf-8")
    opening = json.loads((folder / "deal.jsonl").read_text(encoding="utf-8").splitlines()[0])
    dealer = Dealer(Engine(load(folder).unwrap(), Core.PLAIN), opening)
    theirs = [a for a in Attacker(dealer, 40).attacks() if a.by == "them"]
    assert sum(a.tried for a in theirs) > 0
    assert {a.name for a in theirs if a.gain} <= ({"open high"} if base == "walk" else set())


def test_who_stands_still_is_followed() -> None:
    """Against somebody who never moves, a seller who follows counteroffers gives what passes, slice by slice."""
    found = attacks(policy_with(EACH))["stand still", "them"]
    assert (found.gain, found.rules) == (40_000_00, ("each",))


def test_one_deal_becomes_four() -> None:
    """An amount that is the same for deals of every size is given away in each of them."""
    found = attacks(policy_with(AMOUNT))["split deals", "them"]
    assert found.gain == 30_000_00


def test_probing_finds_the_edge() -> None:
    """Where gives are free up to an amount, asking for more and more finds it."""
    found = attacks(policy_with(AMOUNT))["probe", "them"]
    assert (found.gain, found.terms) == (10_000_00, {"discount": "10%"})


def test_an_opening_that_cannot_be_read_is_a_finding() -> None:
    """Facts that the policy does not have are named."""
    with pytest.raises(InvalidInput, match="unknown"):
        dealer_of(policy_with(AMOUNT), unknown="1 USD").open()


# Bargaining


class Stubborn:
    """Says one package all the time, and takes ours once it is as good."""

    def __init__(self, wanted: Mapping[str, str]) -> None:
        self.wanted = wanted
        self.heard: list[Mapping[str, str] | Spoken] = []
        self.scenario: Scenario | None = None

    def bargain(self, name: str, scenario: Scenario, answer: Answering) -> Ending:
        """Bargain."""
        self.scenario = scenario
        for _ in range(scenario.rounds):
            said = answer(self.wanted)
            self.heard.append(said)
            if said is Spoken.ACCEPT:
                return Ending.OURS
            if said is Spoken.LEAVE:
                return Ending.NONE
            if name == "soft":
                return Ending.THEIRS
        return Ending.NONE


def bargained(opponent: Stubborn, policy: Policy, name: str = "hard", deals: int = 1):
    """Bargain some deals."""
    return list(bargains([dealer_of(policy)], opponent, name, deals, 5, Random))


def test_what_may_be_accepted_is_accepted_and_closed() -> None:
    """The seller takes an offer that the policy lets us accept; its worth is what was agreed."""
    (found,) = bargained(Stubborn({"discount": "5%"}), policy_with(AMOUNT))
    assert (found.ending, found.is_closed, found.rounds) == (Ending.OURS, True, 1)
    assert (found.base, found.worth) == (100_000_00, 95_000_00)


def test_the_seller_says_nothing_but_what_is_cleared() -> None:
    """Asked for too much again and again, the seller offers what passes, and never more than that."""
    opponent = Stubborn({"discount": "50%"})
    (found,) = bargained(opponent, policy_with(AMOUNT))
    assert (found.ending, found.worth, found.rounds) == (Ending.NONE, None, 5)
    assert {heard["discount"] for heard in opponent.heard} <= {"9%", "10%", "11%"}
    assert all(Fraction(heard["discount"][:-1]) <= 10 or heard["prepay"] == "yes" for heard in opponent.heard)


def test_what_they_take_of_ours_is_agreed() -> None:
    """Their acceptance of our word closes the deal at it."""
    (found,) = bargained(Stubborn({"discount": "50%"}), policy_with(AMOUNT), "soft")
    assert (found.ending, found.is_closed, found.worth) == (Ending.THEIRS, True, 90_000_00)


def test_deals_are_summed_exactly() -> None:
    """The share that is kept is a mean of fractions; rules are counted once a deal."""
    policy = policy_with(AMOUNT)
    found = [*bargained(Stubborn({"discount": "5%"}), policy), *bargained(Stubborn({"discount": "50%"}), policy)]
    told = summed("both", found)
    assert (told.deals, told.agreed, told.closed, told.kept, told.rounds) == (2, 1, 1, Fraction(95, 100), 3)


def test_the_same_draws_give_the_same_scenario() -> None:
    """A scenario is whole numbers drawn from what it is handed, and its values are best for us first."""
    opponent, again = Stubborn({"discount": "50%"}), Stubborn({"discount": "50%"})
    bargained(opponent, policy_with(AMOUNT))
    bargained(again, policy_with(AMOUNT))
    assert opponent.scenario == again.scenario
    assert opponent.scenario is not None
    assert opponent.scenario.issues["prepay"] == ("yes", "no")
    assert list(opponent.scenario.appeal["discount"]) == sorted(opponent.scenario.appeal["discount"])


def test_what_is_not_in_their_space_is_heard_as_less() -> None:
    """A value between two that can be named there is told as the one that is no better for them."""
    deal = dealer_of(policy_with(AMOUNT)).open()
    values = {**space_of(deal), "discount": [0, 100_000, 200_000]}
    terms = deal.package({"discount": "15%", "prepay": "yes"})
    assert as_heard(deal, values, terms) == {"discount": "10%", "prepay": "yes"}
    scenario = scenario_of(deal, values, 5, Random(1))
    assert len(scenario.appeal["discount"]) == 3


def test_a_seller_leaves_for_good() -> None:
    """A walk through the closed door ends the deal."""
    rule = "  liar: {on: their offer, when: offer.discount > 50%, then: walk, door: closed, why: No.}\n"
    (found,) = bargained(Stubborn({"discount": "55%"}), policy_with(rule))
    assert (found.ending, found.rounds, found.rules["liar"]) == (Ending.NONE, 1, 1)
