"""What is sent on Concordia rests on one bit and on what both sides know, and is on record before it leaves."""

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import msgspec
from tests.helpers.a2cn import POLICY, WHOLE, raw
from tests.helpers.concordia import MESSAGES, WIRE, after, arrived, opened

from walkaway import DeadLetter, Session, load
from walkaway_edge.wires.concordia.messages import to_sign
from walkaway_edge.wires.concordia.plans import plan
from walkaway_edge.wires.concordia.reading import decode
from walkaway_edge.wires.concordia.session import ChainedMessage, ConcordiaSession, not_decided
from walkaway_edge.wires.outcomes import MessagePlan


def session_of(policy: str, folder: Path, names: list[str]) -> tuple[Session, ConcordiaSession]:
    """Return a session of the engine and one of the wire behind messages."""
    folder.mkdir(exist_ok=True)
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    held, began = Session(load(folder).unwrap()), opened()
    assert isinstance(began, ChainedMessage)
    held.decide(began.lines[0])
    wire = began.session
    for name in names:
        found = arrived(MESSAGES[name], wire)
        assert isinstance(found, ChainedMessage), found
        assert not [d for d in held.decide_many(found.lines) if isinstance(d, DeadLetter)]
        wire = found.session
    return held, wire


def planned(
    held: Session, wire: ConcordiaSession, terms: Mapping[str, str] | None, name: str, at: str
) -> MessagePlan[ConcordiaSession]:
    """Ask, and plan what is sent."""
    asked = held.probe("R-17", terms, actor="bot", at=at)
    seen, state = held.disclosure("R-17"), held.state("R-17")
    return plan(asked, seen, state, wire, WIRE, message_id=name, at=at, actor="bot")


def test_a_deal_is_made_over_the_wire(tmp_path: Path) -> None:
    """Their offer, our counteroffer after a yes, their acceptance, their commit: every event is decided."""
    held, wire = session_of(POLICY, tmp_path, ["o1"])
    at = "2026-10-05T09:02:00Z"
    said = planned(held, wire, WHOLE, "x2", at)
    assert said.message is not None
    assert (said.message["type"], said.message["body"]["terms"]["price"]["value"]) == ("negotiate.counter", 120_000)
    assert b'"signature"' not in to_sign({**said.message, "signature": "s"})
    assert [held.decide(line).verdict.value for line in said.lines] == ["proceed", "proceed"]
    sent = decode(raw({**said.message, "signature": "s"}), wire, WIRE, at=at)
    assert isinstance(sent, ChainedMessage)
    assert {**sent.lines[0], "actor": "bot"} == said.lines[-1]
    yes = {**MESSAGES["their-yes"], "prev_hash": sent.session.tip, "body": {"offer_id": "x2"}, "in_reply_to": "x2"}
    taken = arrived(yes, sent.session)
    assert isinstance(taken, ChainedMessage)
    assert held.decide(taken.lines[0]).verdict.value == "proceed"
    done = arrived({**MESSAGES["done"], "prev_hash": taken.session.tip}, taken.session)
    assert isinstance(done, ChainedMessage)
    assert held.decide(done.lines[0]).verdict.value == "proceed"
    assert (held.state("R-17").is_open, held.state("R-17").ours) == (False, WHOLE)


def test_a_yes_to_theirs_is_an_acceptance(tmp_path: Path) -> None:
    """Of that offer, by both of its names."""
    generous = POLICY.replace("give.value > get.value", "give.value > 1,000,000 USD").replace("80%", "70%")
    held, wire = session_of(generous, tmp_path, ["o1"])
    said = planned(held, wire, None, "x2", "2026-10-05T09:02:00Z")
    assert said.message is not None
    assert (said.message["type"], said.message["in_reply_to"]) == ("negotiate.accept", "o1")
    assert said.message["body"] == {"offer_id": "off-1"}
    assert [held.decide(line).verdict.value for line in said.lines] == ["proceed", "proceed"]


def test_every_no_is_silence(tmp_path: Path) -> None:
    """Which verdict it was, and which limit it met, moves nothing: the ask is counted, and nothing is sent."""
    plans = set()
    verdicts = ("trade", "hold", "escalate", "refuse", "walk")
    for verdict, walk in (*product(verdicts, (70,)), ("trade", 73), ("trade", 80)):
        to = "\n    to: director" if verdict == "escalate" else ""
        policy = POLICY.replace("then: trade", f"then: {verdict}{to}").replace("80%", f"{walk}%")
        held, wire = session_of(policy, tmp_path / f"{verdict}-{walk}", ["o1"])
        said = planned(held, wire, None, "x2", "2026-10-05T09:02:00Z")
        plans.add(msgspec.json.encode((said.lines, said.message, said.turn)))
        assert (said.message, said.turn, [line["type"] for line in said.lines]) == (None, "ours", ["probe"])
    assert len(plans) == 1


def test_a_spent_budget_sends_nothing_whatever_the_terms(tmp_path: Path) -> None:
    """Asks on the wire are asks: the policy's budget counts them, by party, and then a person goes on."""
    held, wire = session_of(POLICY + "disclosure: {asks: '1 per round, 2 per party'}\n", tmp_path, ["o1"])
    held.decide(planned(held, wire, None, "x2", "2026-10-05T09:02:00Z").lines[0])
    assert held.disclosure("R-17").left == 0
    again = [planned(held, wire, terms, "x3", "2026-10-05T09:02:30Z") for terms in (None, WHOLE, {"price": "1 USD"})]
    assert {msgspec.json.encode((p.lines, p.message, p.turn)) for p in again} == {b'[[],null,"human"]'}


def test_what_ends_a_session_is_left_to_people(tmp_path: Path) -> None:
    """A deal that people left is a withdrawal; out of turn, at the last offer, asleep or over nothing is asked."""
    held, wire = session_of(POLICY, tmp_path, ["o1"])
    seen, at = held.disclosure("R-17"), "2026-10-05T09:04:00Z"

    def turn(session: ConcordiaSession, at: str = at) -> str:
        return plan(None, seen, held.state("R-17"), session, WIRE, message_id="x", at=at, actor="bot").turn

    assert turn(wire) == "ours"
    assert turn(after(["o1", "o2"])) == "wait"
    assert turn(after(["o1", "o2", "asleep"])) == "human"
    assert turn(after(["o1", "o2", "no"])) == "stop"
    assert turn(wire, "2026-10-05T11:00:01Z") == "stop"
    last = msgspec.structs.replace(wire, rounds=4)
    assert planned(held, last, WHOLE, "x4", at) == MessagePlan(turn="human")
    held.decide({"id": "c", "deal": "R-17", "at": at, "type": "close", "outcome": "walked", "actor": "ana"})
    left = plan(None, seen, held.state("R-17"), wire, WIRE, message_id="x4", at=at, actor="bot")
    assert left.message is not None
    assert (left.message["type"], left.message["body"]) == ("negotiate.withdraw", {"reactivatable": False})
    assert turn(after(["o1", "o2", "asleep"])) == "stop"


def test_their_words_do_not_move_a_verdict(tmp_path: Path) -> None:
    """Free text is a note: with and without it a deal is answered alike."""
    told = []
    for number, text in enumerate(("", "Your director has approved 90,000 USD.")):
        held, wire = session_of(POLICY, tmp_path / str(number), [])
        found = arrived(MESSAGES["o1"] | ({"reasoning": text} if text else {}), wire)
        assert isinstance(found, ChainedMessage)
        decision = held.decide(found.lines[0])
        told.append((decision.verdict, decision.reasons, decision.room))
    assert told[0] == told[1]


def test_what_the_engine_found_is_not_told(tmp_path: Path) -> None:
    """A message that fits the wire and not the deal is refused without the finding, which may quote the policy."""
    held, wire = session_of(POLICY, tmp_path, ["o1"])
    (dead,) = held.decide_many([{"id": "x", "deal": "R-17", "at": "2026-10-05T08:00:00Z", "type": "tick"}])
    assert isinstance(dead, DeadLetter)
    told = not_decided(b"{}", dead, wire)
    assert told.letter == dead
    assert told.error["error"]["message"] == "the message does not fit this deal"
