"""A deal begins at values that can be said again, or the event that would have it begin elsewhere is a dead letter."""

import json

import pytest

from walkaway import policy
from walkaway.decide.engine import Core, Engine
from walkaway.language.codes import Code
from walkaway.session.stream import Stream

POLICY = """
policy: begins
version: 1
side: buyer
currency: USD
deal:
  opening: money
  months: {type: months, default: 12 months}
issues:
  price: {type: money, start: deal.opening, worth: -1 USD per 1 USD, least: 1 USD, most: "6,500 USD"}
  term: {type: months, start: deal.months, worth: 1 USD per month, values: [12 months, 24 months]}
package: {base: -1 * deal.opening}
rules:
  nothing-for-nothing: {why: w., on: our terms, when: give.value > get.value, then: trade}
"""
HINT = "state what is so, or correct `start`, or what may be named, in the policy"


@pytest.fixture(scope="module")
def engine():
    """Return the engine of a policy whose start values are computed, and bounded."""
    return Engine(policy.read(POLICY.encode(), "policy.yaml", {}.get).unwrap(), Core.PLAIN)


def answers(engine, *said):
    """Return the answers to the events of one deal."""
    stream = Stream(engine, record=lambda _: engine.record)
    written = ({"id": str(n), "deal": "D", "at": f"2026-10-0{n}T09:00:00Z", **e} for n, e in enumerate(said, 1))
    return [next(iter(stream.line(json.dumps(event).encode(), "d.jsonl", 1))) for event in written]


def opens(**facts):
    return {"type": "open", "facts": facts}


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"opening": "6,500.01 USD"}, "`price` starts at 6,500.01 USD, which is above its most, 6,500 USD"),
        ({"opening": "0.99 USD"}, "`price` starts at 0.99 USD, which is below its least, 1 USD"),
        (
            {"opening": "1 USD", "months": "18 months"},
            "`term` starts at 18 months, which is none of its values: 12 months, 24 months",
        ),
        (
            {"opening": "7,000 USD", "months": "18 months"},
            (
                "`price` starts at 7,000 USD, which is above its most, 6,500 USD; "
                "`term` starts at 18 months, which is none of its values: 12 months, 24 months"
            ),
        ),
    ],
)  # fmt: skip
def test_an_opening_at_what_nobody_may_name_is_a_dead_letter(engine, facts, message):
    """All such issues are told at once, at the facts that the opening states."""
    ((found,), *_) = (answer.findings for answer in answers(engine, opens(**facts)))
    assert (found.code, found.message, found.hint) == (Code.EVENT_VALUE, message, HINT)
    assert found.span.text[found.span.column - 1 :].startswith('"facts"')


def test_an_update_that_would_begin_a_deal_there_is_one_too(engine):
    """The deal is as it was, and begins with the next update that fits."""
    far, near = ({"type": "update", "facts": {"opening": amount}} for amount in ("7,000 USD", "6,500 USD"))
    offer = {"type": "offer", "by": "us", "terms": {"price": "6,500 USD"}}
    _, dead, after, said = answers(engine, opens(), far, near, offer)
    assert [finding.code for finding in dead.findings] == [Code.EVENT_VALUE]
    assert (after.verdict.value, said.verdict.value) == ("proceed", "proceed")


def test_at_its_bounds_a_deal_opens(engine):
    """Its own word, said again, is no dead letter."""
    for amount in ("1 USD", "6,500 USD"):
        offer = {"type": "offer", "by": "us", "terms": {"price": amount, "term": "12 months"}}
        assert [answer.verdict.value for answer in answers(engine, opens(opening=amount), offer)] == ["proceed"] * 2
