"""What is proved of a policy before any offer is tried."""

import pytest

from walkaway import policy
from walkaway.advice.counteroffers.varying import OfferRules, telling
from walkaway.decide.compiler import compile_policy

HEAD = """
policy: p
version: 1
side: seller
currency: USD
deal: {list_price: money, urgent: yes/no, seats: count}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: 20%}
  term: {type: months, start: 12 months, worth: 100 USD per month}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD"}, start: basic}
signals: [abuse]
roles: [manager]
rules:
  aside: {why: w, on: their offer, when: signals.abuse >= 1, then: hold}
"""


def offer_rules(*rules: str, blind: bool = False) -> OfferRules:
    """Prepare a policy with further rules."""
    text = HEAD + "".join(f"  {rule}\n" for rule in rules)
    read = policy.read(text.encode(), "policy.yaml", lambda _: None).unwrap()
    return OfferRules(read, compile_policy(read), blind=blind)


@pytest.mark.parametrize(
    ("when", "proved"),
    [
        ("give.value > get.value", {"discount", "term", "support"}),
        ("room.discount < 3% and give.value > 0 USD", {"discount", "term", "support"}),
        ("offer.discount > 10%", {"discount", "term", "support"}),
        ("offer.discount < 10%", {"term", "support"}),
        ("give.value = 5 USD", set()),
        ("give.value + asked.value > 5 USD", set()),
        ("get.value < give.value and give.net > 0 USD", {"discount", "term", "support"}),
        ("2 * give.value > get.value", {"discount", "term", "support"}),
        ("give.value > 2 * get.value", set()),
        ("get.value < 5 USD", set()),
        ("max(give.value, 3 USD) > get.value", set()),
        ("asked.value > 5 USD", set()),
        ("offer.term < 24 months or offer.discount > 5%", {"discount", "term", "support"}),
        ("offer.term > 24 months", {"discount", "support"}),
        ("offer.support = gold", {"discount", "term"}),
        ("deal.seats >= 3 and deal.urgent", {"discount", "term", "support"}),
        ("deal.seats * offer.discount > 100%", {"term", "support"}),
        ("not approved.manager and give.value > 0 USD", {"discount", "term", "support"}),
    ],
)
def test_a_search_may_halve_only_what_is_proved(when, proved):
    """An issue is proved where moving it in our favour can only switch the rule off."""
    found = offer_rules(f"r: {{why: w, on: our offer, when: {when!r}, then: trade}}")
    assert {name for name, is_proved in found.proved.items() if is_proved} == proved


@pytest.mark.parametrize("enforcement", ["advisory", "shadow"])
def test_rules_that_decide_nothing_need_no_proof(enforcement):
    """Advice never keeps an offer from passing."""
    found = offer_rules(
        f"r: {{why: w, on: our offer, when: asked.value > 5 USD, then: trade, enforcement: {enforcement}}}"
    )
    assert all(found.proved.values())


def test_a_conclusion_is_proved_through_the_rules_that_draw_it():
    """A rule that reads a conclusion goes the way of those that conclude it."""
    steep = "steep: {why: w, on: our offer, when: offer.discount > 10%, then: {conclude: steep}}"
    when = "r: {why: w, on: our offer, when: concluded.steep, then: trade}"
    unless = "r: {why: w, on: our offer, unless: concluded.steep, then: trade}"
    assert offer_rules(steep, when).proved["discount"]
    assert not offer_rules(steep, unless).proved["discount"]
    assert offer_rules(steep, unless).proved["term"]


def test_rules_that_read_no_terms_are_run_once():
    """Only what the terms can change is tried again for every package."""
    found = offer_rules(
        "fixed: {why: w, on: our offer, when: deal.urgent, then: {conclude: rush}}",
        "reads: {why: w, on: our offer, when: concluded.rush and offer.discount > 5%, then: trade}",
        "silent: {why: w, on: our offer, when: ours.in_a_row >= 2, then: hold}",
    )
    varying, settled = ({r.id for r in rules} for rules in (found.varying, found.settled))
    assert {"reads", "fixed", "beyond-walk"} <= varying
    assert {"fixed", "silent", "left", "unprepared"} <= settled
    assert "silent" not in varying


def test_a_rule_that_reads_a_limit_is_silent_and_so_is_what_follows_from_it():
    """For the other side these rules do not exist."""
    rules = (
        "near: {why: w, on: our offer, when: room.discount < 3%, then: {conclude: near}}",
        "then: {why: w, on: our offer, when: concluded.near, then: hold}",
        "fair: {why: w, on: our offer, when: give.value > get.value, then: trade}",
    )
    found = offer_rules(*rules, blind=True)
    assert {r.id for r in telling(found.policy)} == {"near", "then", "beyond-walk", "short-of-want"}
    kept = {r.id for r in (*found.varying, *found.settled)}
    assert "fair" in kept
    assert not kept & {"near", "then", "beyond-walk"}
