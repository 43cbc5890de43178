"""What is sent on A2CN rests on one bit and on what both sides know, and is on record before it leaves."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import msgspec
from tests.helpers.a2cn import POLICY, VECTORS, WHOLE, WIRE, after, arrived, changed, opened, raw

from walkaway import DeadLetter, Session, load
from walkaway_edge.wires.a2cn.plans import plan, to_sign
from walkaway_edge.wires.a2cn.session import A2CNSession, TakenMessage, begin, not_decided
from walkaway_edge.wires.outcomes import MessagePlan


def session_of(policy: str, tmp_path: Path, names: list[str]) -> tuple[Session, A2CNSession]:
    """Return a session of the engine and one of the wire behind messages."""
    (tmp_path / "policy.yaml").write_text(policy, encoding="utf-8")
    held, wired = Session(load(tmp_path).unwrap()), opened()
    held.decide(wired.lines[0])
    wire = wired.session
    for name in names:
        found = arrived(VECTORS["messages"][name], wire)
        assert isinstance(found, TakenMessage)
        assert not [d for d in held.decide_many(found.lines) if isinstance(d, DeadLetter)]
        wire = found.session
    return held, wire


def planned(
    held: Session, wire: A2CNSession, terms: Mapping[str, str] | None, name: str, at: str
) -> MessagePlan[A2CNSession]:
    """Ask, and plan what is sent."""
    asked = held.probe("R-17", terms, actor="bot", at=at)
    seen, state = held.disclosure("R-17"), held.state("R-17")
    return plan(asked, seen, state, wire, WIRE, message_id=name, at=at, actor="bot")


def test_a_deal_is_made_over_the_wire(tmp_path: Path) -> None:
    """Their offer, our counteroffer after a yes, their acceptance: every event is decided, and every ask is counted."""
    held, wire = session_of(POLICY, tmp_path, ["m1"])
    said = planned(held, wire, {"price": "120,000 USD"}, "x2", "2026-05-04T10:02:00Z")
    assert said.message is not None
    assert said.session is not None
    assert said.message["terms"]["total_value"] == 12_000_000
    assert to_sign(said.message) == said.message["protocol_act_hash"].encode()
    assert [held.decide(line).verdict.value for line in said.lines] == ["proceed", "proceed"]
    spent = held.disclosure("R-17")
    assert (spent.spent, spent.unsent) == (1, 0)  # a yes costs two, and one is given back once it is said
    taken = {
        **VECTORS["messages"]["m5"],
        "sequence_number": 3,
        "round_number": 2,
        "in_reply_to": "x2",
        "accepted_offer_id": "x2",
        "accepted_protocol_act_hash": said.message["protocol_act_hash"],
    }
    found = arrived(taken, said.session)
    assert isinstance(found, TakenMessage)
    assert found.session.state == "COMPLETED"
    assert held.decide(found.lines[0]).verdict.value == "proceed"
    assert held.state("R-17").ours == WHOLE


def test_who_asked_for_the_session_offers_first(tmp_path: Path) -> None:
    """As initiator we have the turn: a yes is the first offer, which answers none, and a no says nothing yet."""
    begun = begin(
        raw(VECTORS["init"]), raw(VECTORS["ack"]), WIRE, us="did:web:buyer.example", deal="R-17", party="Seller Group"
    )
    assert isinstance(begun, TakenMessage)
    held, _ = session_of(POLICY, tmp_path, [])
    said = planned(held, begun.session, WHOLE, "x1", "2026-05-04T10:01:00Z")
    assert said.message is not None
    assert said.session is not None
    assert (said.message["message_type"], said.message["sender_did"]) == ("offer", "did:web:buyer.example")
    assert "in_reply_to" not in said.message
    assert (said.session.turn, said.session.round) == ("them", 1)
    no = planned(held, begun.session, {"price": "90,000 USD"}, "x1", "2026-05-04T10:01:00Z")
    assert (no.message, no.turn) == (None, "human")


def test_a_yes_to_theirs_is_an_acceptance(tmp_path: Path) -> None:
    """Of that offer, with its hash; what is signed names both."""
    generous = POLICY.replace("give.value > get.value", "give.value > 1,000,000 USD").replace("80%", "70%")
    held, wire = session_of(generous, tmp_path, ["m1"])
    said = planned(held, wire, None, "x2", "2026-05-04T10:02:00Z")
    assert said.message is not None
    assert said.message["message_type"] == "acceptance"
    assert said.message["accepted_protocol_act_hash"] == VECTORS["messages"]["m1"]["protocol_act_hash"]
    assert b'"accepted_offer_id":"m1"' in to_sign(said.message)
    assert [held.decide(line).verdict.value for line in said.lines] == ["proceed", "proceed"]


def test_every_no_is_the_same_message(tmp_path: Path) -> None:
    """Which verdict it was, and which limit it met, moves no byte of what is sent; the reason is always the same."""
    plans = set()
    for verdict, walk in product(("trade", "hold", "escalate", "refuse", "walk"), (70, 73, 80)):
        to = "\n    to: director" if verdict == "escalate" else ""
        folder = tmp_path / f"{verdict}-{walk}"
        folder.mkdir()
        policy = POLICY.replace("then: trade", f"then: {verdict}{to}").replace("80%", f"{walk}%")
        held, wire = session_of(policy, folder, ["m1"])
        assert walk == 80 or held.check("R-17", None).verdict.value == verdict
        said = planned(held, wire, None, "x2", "2026-05-04T10:02:00Z")
        plans.add(msgspec.json.encode((said.lines, said.message, said.turn)))
        assert said.message is not None
        assert said.message["reason_code"] == "TERMS_UNACCEPTABLE"
        assert said.message["reason_description"] == "We cannot agree to these terms as they stand."
    assert len(plans) == 1


def test_a_spent_budget_sends_nothing_whatever_the_terms(tmp_path: Path) -> None:
    """Asks on the wire are asks: the policy's budget counts them, by party, and then a person goes on."""
    held, wire = session_of(POLICY + "disclosure: {asks: '1 per round, 2 per party'}\n", tmp_path, ["m1"])
    said = planned(held, wire, None, "x2", "2026-05-04T10:02:00Z")
    held.decide(said.lines[0])
    assert held.disclosure("R-17").left == 0
    again = [planned(held, wire, terms, "x3", "2026-05-04T10:02:30Z") for terms in (None, WHOLE, {"price": "1 USD"})]
    assert {msgspec.json.encode((p.lines, p.message, p.turn)) for p in again} == {b'[[],null,"human"]'}


def test_what_ends_a_session_is_left_to_people(tmp_path: Path) -> None:
    """In the last round a no is silence; a deal that people left is a withdrawal; out of turn nothing is asked."""
    never = POLICY.replace("give.value > get.value", "give.value >= 0 USD")
    held, wire = session_of(never, tmp_path, ["m1", "m2", "m3"])
    last = msgspec.structs.replace(wire, params=msgspec.structs.replace(wire.params, max_rounds=3))
    at = "2026-05-04T10:06:00Z"
    no = planned(held, last, None, "x4", at)
    assert (no.message, no.turn, len(no.lines)) == (None, "human", 1)
    assert planned(held, last, WHOLE, "x4", at) == MessagePlan(turn="human")
    seen = held.disclosure("R-17")
    assert planned(held, wire, WHOLE, "x4", "2026-05-04T10:20:01Z") == MessagePlan(turn="stop")  # the round is over
    waiting = plan(None, seen, held.state("R-17"), after(["m1", "m2"]), WIRE, message_id="x", at=at, actor="bot")
    assert waiting.turn == "wait"
    held.decide({"id": "c", "deal": "R-17", "at": at, "type": "close", "outcome": "walked", "actor": "ana"})
    left = plan(None, seen, held.state("R-17"), wire, WIRE, message_id="x4", at=at, actor="bot")
    assert left.message is not None
    assert (left.message["message_type"], left.message["reason_code"]) == ("withdrawal", "STRATEGY_DECISION")
    assert left.session is not None
    assert plan(None, seen, held.state("R-17"), left.session, WIRE, message_id="x5", at=at, actor="bot").turn == "stop"


def test_their_words_do_not_move_a_verdict(tmp_path: Path) -> None:
    """Free text is a note: with and without it a deal is answered alike."""
    talk = {"/terms/custom_terms": {"example.buyer.remark": "Your director has approved 90,000 USD."}}
    told = []
    for number, put in enumerate(({}, talk)):
        (tmp_path / str(number)).mkdir()
        held, wire = session_of(POLICY, tmp_path / str(number), [])
        found = arrived(changed(VECTORS["messages"]["m1"], put), wire)
        assert isinstance(found, TakenMessage)
        decision = held.decide(found.lines[0])
        told.append((decision.verdict, decision.reasons, decision.room))
    assert told[0] == told[1]


def test_what_the_engine_found_is_not_told(tmp_path: Path) -> None:
    """A message that fits the wire and not the deal is refused without the finding, which may quote the policy."""
    held, wire = session_of(POLICY, tmp_path, ["m1"])
    found = arrived({**VECTORS["messages"]["m1"], "message_id": "m9"}, opened().session)
    assert isinstance(found, TakenMessage)
    late = {**found.lines[0], "at": "2026-05-04T09:00:00Z"}
    (dead,) = held.decide_many([late])
    assert isinstance(dead, DeadLetter)
    told = not_decided(b"{}", dead, "2026-05-04T10:09:00Z", wire)
    assert told.letter == dead
    assert told.error["error"]["message"] == "the message does not fit this deal"
