"""Generated functions read each fact as the rooms do, also once what it rests on is taken back."""

import json
from functools import cache

import pytest
from tests.helpers.generated_functions import assert_same
from tests.helpers.saas import saas

from walkaway.deal.decode import Decoder
from walkaway.decide.engine import Core, Engine

FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
SAID = {"terms": {"term": "24 months"}, "final": True, "until": "2026-10-05T00:00:00Z"}
LATER = {"at": "2026-10-07T09:00:00Z", "terms": {"term": "19 months"}}
ENDS = [
    [],
    [{"type": "withdraw"}],
    [{"type": "offer", "terms": {"term": "20 months"}}],
    [{"type": "tick", "at": "2026-10-06T09:00:00Z"}],
]


@cache
def reading(fact):
    """Return the engine of a policy with a rule on our terms and on their offers that reads a fact."""
    hears = ["our terms", "their offer"]
    return Engine(saas(rules={"reads": {"why": "w", "on": hears, "when": fact, "then": "trade"}}), Core.PLAIN)


@pytest.mark.parametrize("reads", ["theirs.final", "ours.final", "known(theirs.worth)", "agreed.stands"])
@pytest.mark.parametrize("end", ENDS, ids=["stands", "is taken back", "is replaced", "lapses"])
@pytest.mark.parametrize("by", ["us", "them"])
@pytest.mark.parametrize("goes_on", ["us", "them"])
def test_a_word_is_read_alike_whatever_became_of_it(reads, end, by, goes_on):
    """It stands, was taken back, was replaced, or binds no longer, when either side says something next."""
    engine = reading(reads)
    other = "them" if by == "us" else "us"
    events = [
        {"type": "open", "facts": FACTS},
        {"type": "offer", "by": other, "terms": {"term": "18 months"}},
        {"type": "offer", "by": by, **SAID},
        *({"by": by, **event} if event["type"] != "tick" else event for event in end),
        {"type": "offer", "by": goes_on, **LATER},
    ]
    lines = [
        {"id": f"e{n}", "deal": "D", "at": f"2026-10-0{min(n, 4)}T09:00:00Z", "actor": "ana", **event}
        for n, event in enumerate(events, 1)
    ]
    decode = Decoder(engine.policy).decode
    seen = assert_same(engine, [decode(json.dumps(line).encode()).unwrap() for line in lines])
    assert seen["Offer"]
