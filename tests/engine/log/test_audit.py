"""Audit: each thing that should not have been done is recorded, found, and named in a line."""

import pytest
from tests.helpers.logs import Event, counted_salts, deal, record

from walkaway import Core
from walkaway.log.audit import audit
from walkaway.log.desk import Desk
from walkaway.log.erase import erase, of_deal
from walkaway.log.store import Store

OPEN = {"type": "open", "facts": {"list_price": "100,000 USD", "segment": "large"}}
ASK = {"type": "offer", "by": "them", "terms": {"discount": "20%", "term": "36 months"}}
DEEP = {"type": "offer", "by": "us", "actor": "robin", "terms": {"discount": "20%", "term": "36 months"}}
FAIR = {"type": "offer", "by": "us", "actor": "robin", "terms": {"discount": "5%", "term": "60 months"}}
APPROVAL = {"type": "approve", "approver": "sam", "role": "manager", "terms": {"discount": "25%"}}
ACCEPT = {"type": "accept", "by": "them"}
WON = {"type": "close", "outcome": "won"}
UNDECIDED = "closed won with no decision on the accepted terms"
LIE = {"type": "signal", "by": "them", "kind": "deception", "note": "They showed a forged quote."}


def course(*steps: Event) -> list[Event]:
    """Return a deal's events, a minute apart."""
    return [{"id": f"e{n}", "deal": "D-1", "at": f"2026-10-05T09:{n:02d}:00Z", **step} for n, step in enumerate(steps)]


def audited(store: Store, events: list[Event]) -> list[str]:
    record(store, events)
    return [str(f) for f in audit(store, Desk(store, Core.PLAIN, lambda _: None))]


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        ([OPEN, FAIR, ACCEPT, WON], []),
        ([OPEN, APPROVAL, DEEP, {"type": "close", "outcome": "lost"}], []),
        (
            [OPEN, DEEP, {**APPROVAL, "approver": "robin"}],
            ["entry 2, deal `D-1`: `robin` approved their own offer: event `e1` of entry 1"],
        ),
        (
            [OPEN, {**APPROVAL, "approver": "robin"}, DEEP],
            ["entry 2, deal `D-1`: `robin` approved their own offer: event `e2` of entry 2"],
        ),
        ([OPEN, DEEP, {**APPROVAL, "approver": "robin", "terms": {"discount": "19%", "term": "36 months"}}], []),
        (
            [OPEN, {**APPROVAL, "until": "2026-10-05T09:01:30Z"}, DEEP],
            ["entry 2, deal `D-1`: event `e2` rests on approval `e1` after its end"],
        ),
        ([OPEN, {**APPROVAL, "until": "2026-10-05T09:02:00Z"}, DEEP], []),
        ([OPEN, {**APPROVAL, "until": "2026-10-05T09:01:30Z"}, APPROVAL, DEEP], []),
        (
            [OPEN, WON],
            ["entry 1, deal `D-1`: closed won with no decision on the accepted terms: nobody accepted the last offer"],
        ),
        (
            [OPEN, FAIR, ACCEPT, {**FAIR, "terms": {"discount": "1%"}}, WON],
            [f"entry 4, deal `D-1`: {UNDECIDED}: nobody accepted the last offer"],
        ),
        (
            [OPEN, FAIR, {**ACCEPT, "issues": ["term"]}, WON],
            [f"entry 3, deal `D-1`: {UNDECIDED}: the sides differ on `discount`"],
        ),
        (
            [OPEN, {**FAIR, "terms": {"discount": "31%"}}, ACCEPT, WON],
            ["entry 3, deal `D-1`: closed won beyond walk: event `e2` was decided `refuse`"],
        ),
        (
            [OPEN, ASK, {"type": "accept", "by": "us"}, WON],
            ["entry 3, deal `D-1`: closed won on terms that event `e2` was decided `escalate` for"],
        ),
        (
            [OPEN, FAIR, LIE, ACCEPT, WON],
            [
                "entry 4, deal `D-1`: `walk` was decided, with door closed, and the deal was signed anyway",
                "entry 4, deal `D-1`: closed won on terms that event `e3` was decided `walk` for",
            ],
        ),
    ],
    ids=range(14),
)
def test_what_should_not_have_been_done_is_one_line(store: Store, steps: list[Event], wanted: list[str]) -> None:
    """A deal's course gives exactly the findings that stand beside it."""
    assert audited(store, course(*steps)) == wanted


def test_an_honest_log_has_no_finding(store: Store) -> None:
    """The deal that all tests share gives none."""
    assert audited(store, deal()) == []


def test_it_holds_after_names_are_erased(store: Store) -> None:
    """Whether two names are the same stays known; who it was does not."""
    record(store, course(OPEN, DEEP, {**APPROVAL, "approver": "robin"}))
    gone = of_deal(store, "D-1")
    erase(store, lambda: gone, "2026-11-01T00:00:00Z", "dpo", "asked", counted_salts(10**6), "0.1.0")
    (found,) = audit(store, Desk(store, Core.PLAIN, lambda _: None))
    assert found.what == "somebody whose name is erased approved their own offer: event `e1` of entry 1"
