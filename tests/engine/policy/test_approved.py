"""Issues of which an approval covers the value alone that it names."""

import time

from tests.helpers.findings import read

from walkaway import Engine, Policy, Stream
from walkaway.advice.counteroffers import Seeker
from walkaway.policy import read as read_policy
from walkaway.proof.diff import compare
from walkaway.proof.formulas.common import apart

TEXT = """\
policy: as-named
version: 1
side: seller
currency: USD
issues:
  discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%", walk: 30%, least: 0%}
  term: {type: months, start: 12 months, worth: 100 USD per month, least: 1 month, most: 60 months, approved: as named}
roles: [manager]
rules:
  asks: {why: w, on: our terms, when: offer.discount >= 15%, then: escalate, to: manager}
"""
PLAIN = TEXT.replace(", approved: as named", "")


def policy_of(text: str) -> Policy:
    """Read a policy."""
    return read(text).unwrap()


def test_no_counteroffer_rests_on_an_approval_of_another_value() -> None:
    """What passes instead of 18% for 36 months is what was approved, or what needs no approval."""
    engine = Engine(policy_of(TEXT))
    approved = b'"approver":"dana","role":"manager","terms":{"discount":"18%","term":"12 months"}'
    offered = b'"by":"us","actor":"ana","terms":{"discount":"18%","term":"36 months"}'
    lines = [
        b'{"id":"1","deal":"d","at":"2026-10-01T09:00:00Z","type":"open"}',
        b'{"id":"2","deal":"d","at":"2026-10-02T09:00:00Z","type":"approve",' + approved + b"}",
        b'{"id":"3","deal":"d","at":"2026-10-03T09:00:00Z","type":"offer",' + offered + b"}",
    ]
    *_, answer = Stream(engine, record=lambda e: Seeker(e).record).lines(lines, "deal")
    assert answer.verdict == "escalate"
    assert answer.counteroffers
    for counter in answer.counteroffers:
        discount, term = counter.terms.get("discount", "18%"), counter.terms.get("term", "36 months")
        assert term == "12 months" or float(discount.rstrip("%")) < 15, counter


def test_a_layer_below_may_ask_for_the_very_value_and_not_for_less() -> None:
    """As named is tighter; what is above stands."""
    below = b"policy: low\nversion: 1\nextends: up\nissues:\n  term: {approved: %b}\n"
    files = {"up/policy.yaml": PLAIN.encode()}
    tighter = read_policy(below % b"as named", "policy.yaml", files.get)
    assert tighter.unwrap().issues["term"].as_named
    files = {"up/policy.yaml": TEXT.encode()}
    (finding,) = read_policy(below % b"or better", "policy.yaml", files.get).findings
    assert finding.code.name == "LOOSER_THAN_LAYER"


def test_nothing_is_proved_of_two_policies_that_differ_in_what_approvals_cover() -> None:
    """`diff` says that it cannot tell."""
    old, new = policy_of(PLAIN), policy_of(TEXT)
    assert apart(old, new) == ("what approvals cover",)
    assert not compare(old, new, time.process_time, 5.0).is_same
    assert apart(new, new) == ()
