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
roles: [manager]
rules:
  beyond: {why: w, on: any, when: theirs.net > 0 USD or balance > 0 USD, then: trade, enforcement: advisory}
"""


def steps(by: str, *offers: Mapping[str, str], theirs: str = "") -> list[Step]:
    """Decide offers of one deal, and compute each by the formulas as well."""
    engine = Engine(policy_of(POLICY.replace("THEIRS", theirs)), Core.PLAIN)
    decode = Decoder(engine.policy).decode
    said: list[dict[str, Any]] = [{"type": "open", "facts": {"list_price": "100,000 USD"}}]
    said += [{"type": "offer", "by": by, "actor": "ann", "terms": terms} for terms in offers]
    at = "2026-03-02T09:00:00Z"
    lines = [{"id": str(n), "deal": "D", "at": at, **event} for n, event in enumerate(said)]
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
