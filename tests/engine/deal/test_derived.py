"""What is derived from the terms on the table: whose they are, what of it is unknown, and what rests on it."""

import json
from typing import Any

import pytest
from tests.helpers.findings import read

from walkaway import Engine, Policy, Stream
from walkaway.advice.counteroffers.telling import telling
from walkaway.backtest.columnar.understood import LeftOut, refusal
from walkaway.decide.authority import rests_on
from walkaway.policy.currencies import in_currency

TEXT = """\
policy: seats
version: 1
side: seller
currency: USD
deal:
  list: {type: money, default: 100 USD}
  budget: {type: money, optional: yes}
issues:
  seats: {type: count, start: 100, least: 1, worth: 100 USD per 1}
  price: {type: money, start: 100 USD, least: 0 USD, worth: 100 USD per 1 USD}
derived:
  total: offer.seats * offer.price
  least: 90% of deal.list * offer.seats
  spare: offer.seats * deal.budget
roles: [manager]
rules:
  thin: {why: w, on: our terms, when: derived.total < derived.least, then: escalate, to: manager}
  dear: {why: w, on: our terms, when: known(derived.spare) and derived.total > derived.spare, then: hold}
"""
POLICY = read(TEXT).unwrap()


def decided(*events: dict[str, Any], policy: Policy = POLICY) -> list[Any]:
    """Decide a deal's events."""
    lines = [
        json.dumps({"id": str(n), "deal": "d", "at": f"2026-10-0{n}T09:00:00Z", **event}).encode()
        for n, event in enumerate(events, 1)
    ]
    return list(Stream(Engine(policy)).lines(lines, "deal"))


def verdicts(*events: dict[str, Any], policy: Policy = POLICY) -> list[str]:
    return [str(decision.verdict) for decision in decided(*events, policy=policy)]


OPEN: dict[str, Any] = {"type": "open"}
OURS: dict[str, Any] = {"type": "offer", "by": "us", "actor": "ana"}


def test_what_an_offer_leaves_open_is_multiplied_as_it_stands() -> None:
    """Two hundred seats at the price of our word before, and then that price with these seats."""
    offers = [{**OURS, "terms": {"price": "90 USD"}}, {**OURS, "terms": {"seats": "200"}}]
    assert verdicts(OPEN, *offers) == ["proceed", "proceed", "proceed"]
    assert verdicts(OPEN, {**OURS, "terms": {"price": "89.99 USD"}}) == ["proceed", "escalate"]


def test_a_product_with_what_no_deal_states_is_unknown() -> None:
    """A rule that makes sure of it is silent; it is heard once the deal states the factor."""
    offer = {**OURS, "terms": {"seats": "100"}}
    update = {"type": "update", "facts": {"budget": "99 USD"}}
    assert verdicts(OPEN, offer) == ["proceed", "proceed"]
    assert verdicts(OPEN, update, offer) == ["proceed", "proceed", "hold"]


def test_an_approval_rests_on_what_a_product_is_made_of() -> None:
    """What the deal states of a factor may be stated otherwise; whoever approved saw the factor of that day."""
    thin, dear = (next(r for r in POLICY.rules if r.id == name) for name in ("thin", "dear"))
    assert rests_on(POLICY, thin) == ("deal.list",)
    assert rests_on(POLICY, dear) == ("deal.budget",)


def test_a_product_with_a_number_of_ours_tells_it() -> None:
    """Nine tenths of the list are ours to know: an agent hears nothing of the rule that compares with them."""
    assert {rule.id for rule in telling(POLICY)} >= {"thin"}
    assert "dear" not in {rule.id for rule in telling(POLICY)}


def test_a_product_is_counted_in_the_currency_of_its_deal() -> None:
    """A hundred at 100 yen are 10,000 yen, which has no smaller unit."""
    accepted = "currency: USD\ncurrencies: {accepted: [USD, JPY]}\n"
    plain = TEXT.replace("{type: money, default: 100 USD}", "money").replace("start: 100 USD,", "start: deal.list,")
    policy = read(
        plain.replace("currency: USD\n", accepted).replace("100 USD per 1}", "1% of deal.list per 1}")
    ).unwrap()
    yen = in_currency(policy, "JPY").derived["total"]
    assert (yen.unit.currency, yen.parts) == ("JPY", ((("offer.price", "offer.seats"), 1),))


def test_columns_leave_such_a_policy_to_the_engine() -> None:
    """And say why."""
    assert refusal(POLICY) is LeftOut.DERIVED


@pytest.mark.parametrize(
    ("tree", "seats", "price", "way"),
    [
        ("offer.seats * offer.price", 0, 0, 1),
        ("offer.seats * offer.price", 0, None, None),
        ("offer.seats * offer.price", 0, -1, None),
        ("offer.seats * offer.price", None, 0, 1),
        ("offer.seats * offer.price", -1, 5, 1),
        ("-1 * offer.seats * offer.price", 0, 0, -1),
        ("offer.price", None, None, 0),
        ("offer.seats * offer.price - offer.seats * deal.list", 0, 0, None),
        ("offer.seats * offer.seats * deal.list", 0, None, 1),
        ("offer.seats * offer.seats * deal.list", -1, None, None),
    ],
)
def test_what_grows_with_an_issue_does_so_while_its_other_factors_are_never_below_zero(
    tree: str, seats: int | None, price: int | None, way: int | None
) -> None:
    """A factor that may be below zero turns the way round; the issue's own does where it is there twice."""
    derived = read(TEXT.replace("total: offer.seats * offer.price", f"total: {tree}")).unwrap().derived["total"]
    least = {"offer.seats": seats, "offer.price": price, "deal.list": 0, "deal.budget": None}
    assert derived.way("offer.seats", least.__getitem__) == way
