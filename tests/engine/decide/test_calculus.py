"""The calculus, worked: what is judged and against what. Each test is a row of docs/calculus.md, or a law of it."""

import pytest
from tests.engine.conftest import Telling
from tests.helpers.saas import saas

DAY = 24
FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}


def begun(facts=FACTS, policy=None, **more):
    """Return a deal that is open, at a list price of 100,000 USD if nothing else is said."""
    deal = Telling(saas() if policy is None else policy)
    deal.open(facts=facts, **more)
    return deal


def they(**terms):
    return {"type": "offer", "by": "them", "terms": terms}


def we(actor="ana", **terms):
    return {"type": "offer", "by": "us", "actor": actor, "terms": terms}


def they_accept(**more):
    return {"type": "accept", "by": "them", **more}


def we_accept(actor="ana", **more):
    return {"type": "accept", "by": "us", "actor": actor, **more}


def approval(approver, role="director", **more):
    return {"type": "approve", "approver": approver, "role": role, **more}


WON = {"type": "close", "outcome": "won", "actor": "ana"}
LONG = {"term": "36 months", "prepay": "yes"}
FLOOR = {"discount": "18%", **LONG}
WORKED = {
    "again-and-accepted": (
        [they(discount="30%"), we(discount="19%"), we(discount="19%"), they_accept(), WON],
        ["trade", "refuse", "refuse", "refuse", "refuse"],
    ),
    "a-counter-with-less": (
        [we(discount="5%", **LONG), they(discount="5%", term="12 months", prepay="no"), we_accept()],
        ["proceed", "trade", "trade"],
    ),
    "a-gift-mended": (
        [they(discount="30%"), we(discount="7%"), we(discount="5%", **LONG), they_accept(), WON],
        ["trade", "trade", "proceed", "proceed", "proceed"],
    ),
    "silence-is-no-prepayment": (
        [we(discount="2%", prepay="yes"), they(discount="2%"), we_accept()],
        ["proceed", "trade", "trade"],
    ),
    "our-word-stands": (
        [they(discount="20%"), they(discount="15%"), we(discount="5%"), they(discount="20%"), we(discount="5%"),
         we(discount="8%")],
        ["trade", "trade", "proceed", "trade", "proceed", "hold"],
    ),
    "nobody-approves-what-they-moved": (
        [they(discount="40%"), they(discount="20%"), we(**FLOOR), we("bob", **FLOOR), approval("ana", terms=FLOOR),
         we("bob", **FLOOR), approval("dana", terms=FLOOR), we("bob", **FLOOR)],
        ["trade", "trade", "escalate", "escalate", "proceed", "escalate", "proceed", "proceed"],
    ),
    "one-thing-counts-once": (
        [they(discount="30%", prepay="no"), they(discount="30%", prepay="yes"), we(discount="4%", prepay="yes")],
        ["trade", "trade", "trade"],
    ),
    "less-than-they-offer": (
        [they(discount="30%"), they(discount="5%"), we(discount="7%", term="13 months")],
        ["trade", "proceed", "hold"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", WORKED)
def test_the_worked_examples_come_out(row):
    """Section 8 of the calculus, row by row."""
    events, expected = WORKED[row]
    deal = begun()
    assert [deal(**event).verdict for event in events] == expected
