"""What a session remembers of its messages is bounded, and a repeat of what was let go is taken no second time."""

from pathlib import Path

import pytest
from tests.helpers import a2cn, concordia
from tests.helpers.adcp import PACKAGES, POLICY, arrived
from tests.wires.test_adcp_plans import Desk

from walkaway import Code, DeadLetter
from walkaway_edge.wires import outcomes
from walkaway_edge.wires.adcp.session import TakenRequest
from walkaway_edge.wires.concordia.session import ChainedMessage
from walkaway_edge.wires.outcomes import REMEMBERED, Refusal, remembered


def test_the_oldest_is_let_go() -> None:
    """The latest are known, in their order; one that comes again takes no place."""
    seen: dict[str, int] = {}
    for number in range(REMEMBERED + 50):
        seen = dict(remembered(seen, f"m{number}", number))
    assert list(seen) == [f"m{number}" for number in range(50, REMEMBERED + 50)]
    assert remembered(seen, "m60", 60) == seen


def test_questions_without_end_take_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of Concordia that was let go does not follow the last one any more."""
    monkeypatch.setattr(outcomes, "REMEMBERED", 5)
    session = concordia.after(["o1"])
    asks = []
    for number in range(30):
        asks.append({**concordia.MESSAGES["what"], "id": f"q{number}", "prev_hash": session.tip})
        found = concordia.arrived(asks[-1], session)
        assert isinstance(found, ChainedMessage), found
        session = found.session
        assert len(session.seen) <= 5
    again = concordia.arrived(asks[-1], session)
    assert again == ChainedMessage((), session)
    for message in (concordia.MESSAGES["o1"], asks[0]):
        refused = concordia.arrived(message, session)
        assert isinstance(refused, Refusal)
        assert refused.error["error"]["code"] == "broken_chain"


def test_an_offer_that_was_let_go_has_no_number_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message of A2CN that was let go is out of its turn."""
    monkeypatch.setattr(outcomes, "REMEMBERED", 1)
    session = a2cn.after(["m1", "m2"])
    assert list(session.seen) == [a2cn.VECTORS["messages"]["m2"]["message_id"]]
    refused = a2cn.arrived(a2cn.VECTORS["messages"]["m1"], session)
    assert isinstance(refused, Refusal)
    assert "SEQUENCE_ERROR" in str(refused.error)


def test_a_request_that_was_let_go_is_on_record_already(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its event has the id of one that is there, said at another instant: the engine decides it no second time."""
    monkeypatch.setattr(outcomes, "REMEMBERED", 1)
    desk = Desk(POLICY, tmp_path)
    desk.says(PACKAGES["p1"], "p1")
    (line,) = desk.hears("r1")
    desk.says({**PACKAGES["p1"], "sponsor": "yes", "ends": "2027-02-15", "budget": "70,000 USD"}, "p2")
    desk.hears("r2")
    desk.says(PACKAGES["p1"], "p3")
    events = desk.held.state("V-1").events
    again = arrived("r1", desk.wire, None, desk.now())
    assert isinstance(again, TakenRequest)
    assert [each["id"] for each in again.lines] == [line["id"]]
    (found,) = desk.held.decide_many(again.lines)
    assert isinstance(found, DeadLetter)
    assert found.findings[0].code is Code.ID_REUSED
    assert desk.held.state("V-1").events == events
