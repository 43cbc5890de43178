"""Revoking an approval brings none back that it took the place of, whatever is folded again afterwards."""

import json
from typing import Any

import pytest
from tests.helpers.agreeing import Judging, engine_of
from tests.helpers.haggling import POLICIES, Said

from walkaway import Decision, Stream

PAID = {"prepay": "yes", "term": "120 months"}
SELLER = POLICIES[0]


def event(n: int, kind: str, **said: Any) -> Said:
    """Return an event, a day after the one before it."""
    return {"id": f"e{n}", "deal": "D", "at": f"2026-10-{5 + n:02d}T09:00:00+00:00", "type": kind, **said}


def offers(n: int, discount: str) -> Said:
    """Return an offer of ours by Ana, of a discount that is paid for."""
    return event(n, "offer", by="us", actor="ana", terms={"discount": discount, **PAID})


def approves(n: int, discount: str) -> Said:
    """Return an approval of Dana's of at most a discount; it takes the place of the one before."""
    return event(n, "approve", approver="dana", role="manager", terms={"discount": discount, **PAID})


OPEN = event(1, "open", facts={"list_price": "10,000 USD"})
DANA_REVOKES = event(5, "revoke", approver="dana", of="e3")


def answers(*events: Said) -> list[str]:
    """Return the engine's answers, where the reference evaluator has the same."""
    Judging(encoded=False).judge([SELLER], events)
    stream, found = Stream(engine_of(SELLER["policy"])), []
    for place, said in enumerate(events, 1):
        (answer, *_) = stream.line(json.dumps(said).encode(), "deal.jsonl", place)
        assert isinstance(answer, Decision)
        found.append(answer.verdict.value)
    return found


def test_what_a_replaced_approval_allowed_is_cleared_by_no_later_revocation() -> None:
    """12% was approved, then 9% in its place, so that 10% asks; revoking the 9%, and another, leaves it asking."""
    other = event(6, "approve", approver="eve", role="cfo", terms={"discount": "1%"})
    taken = event(7, "revoke", approver="eve", of="e6")
    found = answers(
        OPEN, approves(2, "12%"), approves(3, "9%"), offers(4, "10%"), DANA_REVOKES, other, taken, offers(8, "10%")
    )
    assert (found[3], found[7]) == ("escalate", "escalate")


def test_what_a_revoked_approval_cleared_is_not_cleared_by_the_one_before() -> None:
    """9% went out by the second approval alone, which had taken the place of the first."""
    found = answers(OPEN, approves(2, "12%"), approves(3, "9%"), offers(4, "9%"), DANA_REVOKES, offers(6, "9%"))
    assert (found[3], found[5]) == ("proceed", "escalate")


@pytest.mark.parametrize("slip", ["e5", "e6"])
def test_no_void_at_once_brings_a_replaced_approval_back(slip: str) -> None:
    """Of the revocation, or of something else: 10% asks as before."""
    void = event(7, "void", of=slip, reason="slip", actor="eve")
    said = [OPEN, approves(2, "12%"), approves(3, "9%"), offers(4, "10%"), DANA_REVOKES, event(6, "tick")]
    found = answers(*said, void, offers(8, "10%"))
    assert (found[3], found[7]) == ("escalate", "escalate")


def test_a_void_leaves_what_an_approval_that_was_revoked_had_counted() -> None:
    """A rule reads how often we have spoken in a row: a void that would make it one less is not carried out at once."""
    said = [OPEN, event(2, "tick"), approves(3, "9%"), offers(4, "9%"), DANA_REVOKES, event(6, "tick")]
    void = event(7, "void", of="e6", reason="slip", actor="eve")
    stream = Stream(engine_of(SELLER["policy"]))
    for place, one in enumerate([*said, void], 1):
        list(stream.line(json.dumps(one).encode(), "deal.jsonl", place))
    assert stream.deals["D"].position.ours.in_a_row == 1
