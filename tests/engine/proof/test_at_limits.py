"""Formulas say what the engine says at a limit and one unit on either side of it; random deals seldom lie there."""

from collections.abc import Mapping
from typing import Any

import pytest
from tests.helpers.deciding import Step, follow
from tests.helpers.encoded import assert_encoded
from tests.helpers.proving import policy_of

from walkaway.deal.decode import Decoder
from walkaway.deal.encode import canonical
from walkaway.decide.engine import Core, Engine
from walkaway.policy import Policy, read

pytestmark = pytest.mark.solver

POLICY = """\
policy: limits
version: 1
side: seller
currency: USD
THEIRS
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: 20%}
  support: {one of: {none: "1,000 USD", basic: 0 USD, gold: "-4,000 USD"}, start: basic, walk: basic, want: none}
  term: {type: months, start: 12 months, worth: 100 USD per month}
package: {base: deal.list_price, want: 95% of deal.list_price, walk: 90% of deal.list_price}
signals: [rude, deception]
roles: [manager]
rules:
  gone: {why: w, on: any, when: signals.rude >= 1, then: walk}
  lied: {why: w, on: any, when: signals.deception >= 1, then: walk, door: closed}
  beyond: {why: w, on: any, when: theirs.net > 0 USD or balance > 0 USD, then: trade, enforcement: advisory}
"""


def steps(by: str, *offers: Mapping[str, str], theirs: str = "") -> list[Step]:
    """Decide offers of one deal, and compute each by the formulas as well."""
    return told(theirs, *({"type": "offer", "by": by, "terms": terms} for terms in offers))


def told(theirs: str, *events: Mapping[str, Any]) -> list[Step]:
    """Decide events of one deal, all at one instant."""
    opened = {"type": "open", "facts": {"list_price": "100,000 USD"}}
    return decided(policy_of(POLICY.replace("THEIRS", theirs)), opened, *events)


def decided(policy: Policy, *said: Mapping[str, Any]) -> list[Step]:
    """Decide the events of a deal, all at one instant, and compute each by the formulas as well."""
    engine = Engine(policy, Core.PLAIN)
    decode = Decoder(policy).decode
    at = "2026-03-02T09:00:00Z"
    lines = [{"id": str(n), "deal": "D", "at": at, "actor": "ann", **event} for n, event in enumerate(said)]
    found = list(follow(engine, [decode(canonical(line)).unwrap() for line in lines]))
    for step in found:
        assert_encoded(engine.policy, engine, step)
    return found


@pytest.mark.parametrize("by", ["us", "them"])
@pytest.mark.parametrize(
    ("terms", "inside", "outside"),
    [
        ({}, {"discount": "8%", "support": "none"}, {"discount": "8.0001%", "support": "none"}),
        ({"term": "60 months"}, {"discount": "14.8%"}, {"discount": "14.8001%"}),
        ({"term": "240 months"}, {"discount": "20%"}, {"discount": "20.0001%"}),
        ({}, {"discount": "10%", "support": "basic"}, {"discount": "10.0001%", "support": "basic"}),
        ({}, {"discount": "5%", "support": "basic"}, {"discount": "5.0001%", "support": "basic"}),
        ({"term": "240 months"}, {"support": "basic"}, {"support": "gold"}),
    ],
)
def test_a_limit_is_passed_by_the_first_unit_past_it_and_by_none_before(
    by: str, terms: Mapping[str, str], inside: Mapping[str, str], outside: Mapping[str, str]
) -> None:
    """Of one issue and of the whole package: at it nothing is beyond, one smallest unit further on one more is."""
    rooms = [step.found.room for step in steps(by, {**terms, **inside}, {**terms, **outside})[1:]]
    at, past = (0 if room is None else len(room.beyond) + len(room.short) for room in rooms)
    assert past == at + 1


@pytest.mark.parametrize("theirs", ["", "theirs_base: start", "theirs_base: walk"])
def test_what_they_come_down_by_is_counted_alike_from_below_the_start_and_above_it(theirs: str) -> None:
    """From 15% to 10%, to less than nothing and to a gold support; one that begins above the start, and falls below."""
    steps("them", {"discount": "15%"}, {"discount": "10%"}, {"discount": "-1%"}, {"support": "gold"}, theirs=theirs)
    steps("them", {"term": "24 months"}, {"term": "6 months"}, {"term": "18 months"}, theirs=theirs)


THEY, WE = {"type": "offer", "by": "them"}, {"type": "offer", "by": "us"}
LONGER, DEEP = {"terms": {"term": "24 months"}}, {"terms": {"discount": "30%"}}
APPROVED = {"type": "approve", "approver": "dana", "role": "manager", **DEEP}


@pytest.mark.parametrize(
    "events",
    [
        [{"type": "signal", "by": "them", "kind": "rude"}, {**THEY, **LONGER}, {"type": "tick"}],
        [{"type": "signal", "by": "them", "kind": "deception"}, {**WE, **LONGER}, {"type": "tick"}],
        [{**WE, **DEEP}, {"type": "reject", "by": "them"}, {"type": "reject", "by": "them"}, {"type": "tick"}],
        [{**THEY, **LONGER}, {"type": "reject", "by": "us"}, {**WE, **LONGER}, {"type": "close", "outcome": "won"}],
        [{**WE, **LONGER}, {"type": "accept", "by": "them"}, {"type": "close", "outcome": "won"}],
        [{**WE, **DEEP}, APPROVED, {**WE, **DEEP}, {**THEY, **DEEP}, {"type": "close", "outcome": "lost"}],
        [{**WE, **LONGER}, {"type": "withdraw", "by": "us"}, {**THEY, **LONGER}, {"type": "accept", "by": "us"}],
    ],
    ids=["left", "left for good", "refused and rejected", "taken", "accepted", "approved", "withdrawn"],
)
def test_what_happens_all_at_one_instant_is_ruled_out_by_nothing(events: list[dict[str, Any]]) -> None:
    """Nothing need lie between two events: what formulas assume of every deal holds of such a one."""
    assert len(told("", *events)) == len(events) + 1


OPENED = """\
policy: opened
version: 1
effective: {from: 2026-03-02, to: 2026-03-02}
side: seller
currency: USD
deal:
  list_price: {type: money, least: 1 USD, most: "100,000 USD"}
  seats: {type: count, least: 1, most: 9}
  longest: {type: months, default: 36 months}
tables: {caps: {file: caps.csv, key: seats}}
issues:
  discount: {type: percent, start: 0%, least: 0%, most: 50%, worth: -1% of deal.list_price per 1%, walk: 20%}
  rebate: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: "caps[deal.seats].walk"}
  term: {type: months, start: 12 months, worth: -100 USD per month, walk: deal.longest}
  support: {one of: {none: "1,000 USD", basic: 0 USD, gold: "-4,000 USD"}, start: basic, walk: basic}
  prepay: {type: yes/no, start: no, worth: -1% of deal.list_price, walk: no}
package: {base: deal.list_price, walk: 90% of deal.list_price}
rules:
  little: {why: w, on: our terms, when: offer.discount > 10%, then: trade}
"""
CAPS = b"seats,walk,from\n1..4,5%,\n5..9,6%,\n1..4,7%,2026-03-02\n"


@pytest.mark.parametrize("seats", [1, 4, 5, 9])
@pytest.mark.parametrize("price", ["1 USD", "100,000 USD"])
@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"discount": "20%", "term": "36 months", "support": "basic", "prepay": "no", "package": "90,000 USD"},
        {"discount": "19.9999%", "term": "35 months", "support": "none", "package": "90,000.01 USD"},
    ],
    ids=["the policy's", "the same", "tighter"],
)
def test_a_deal_that_opens_at_every_edge_is_ruled_out_by_nothing(
    seats: int, price: str, limits: Mapping[str, str]
) -> None:
    """On its policy's first day, which is the last; at the least and the most of facts; with limits as they are."""
    policy = read(OPENED.encode(), "policy.yaml", {"caps.csv": CAPS}.get).unwrap()
    brought = {name: {"walk": value} for name, value in limits.items()}
    opened = {"type": "open", "facts": {"list_price": price, "seats": seats}, "limits": brought}
    found = decided(policy, opened, *({**WE, "terms": {"discount": d}} for d in ("0%", "50%")))
    assert [step.found.at.known["walk.rebate"] for step in found] == [70_000 if seats < 5 else 60_000] * 3
