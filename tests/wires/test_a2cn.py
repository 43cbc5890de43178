"""A2CN 0.2: each message is its event lines or a refusal, and is written back as it was; a plan rests on one bit."""

import copy
import json
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from walkaway import DeadLetter, Session, load
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.a2cn.messages import STATUS, act_hash, canonical
from walkaway_edge.wires.a2cn.plans import MessagePlan, plan, to_sign
from walkaway_edge.wires.a2cn.reading import decode
from walkaway_edge.wires.a2cn.session import A2CN, A2CNSession, TakenMessage, begin, not_decided
from walkaway_edge.wires.a2cn.writing import encode
from walkaway_edge.wires.outcomes import Refusal
from walkaway_edge.wires.terms import read_map

HERE = Path(__file__).parent
VECTORS: dict[str, Any] = json.loads((HERE / "a2cn.json").read_text(encoding="utf-8"))
WIRE = A2CN(
    read_map(json.dumps(VECTORS["wire"]["terms"]).encode()),
    VECTORS["wire"]["deal_types"],
    VECTORS["wire"]["reasons"],
)
POLICY = (HERE / "policy.yaml").read_text(encoding="utf-8")
Message = dict[str, Any]


def raw(message: Mapping[str, Any]) -> bytes:
    """Return a message as it may come: its keys in any order, with spaces."""
    return json.dumps(message, indent=1).encode()


def opened() -> TakenMessage:
    """Return the beginning of the session that the vectors are about."""
    found = begin(
        raw(VECTORS["init"]), raw(VECTORS["ack"]), WIRE, us="did:web:seller.example", deal="R-17", party="Buyer Group"
    )
    assert isinstance(found, TakenMessage)
    return found


def arrived(message: Mapping[str, Any], session: A2CNSession, at: str = "") -> TakenMessage | Refusal:
    """Return what a message is that comes when it was sent."""
    return decode(raw(message), session, WIRE, at=at or message["timestamp"])


def after(names: list[str]) -> A2CNSession:
    """Return the session behind messages of the vectors."""
    session = opened().session
    for name in names:
        found = arrived(VECTORS["messages"][name], session)
        assert isinstance(found, TakenMessage), (name, found)
        session = found.session
    return session


def changed(message: Message, put: Mapping[str, Any]) -> Message:
    """Return a message with fields changed, or taken out, and the hash of what it says then."""
    made = copy.deepcopy(message)
    for pointer, value in put.items():
        *way, last = (int(key) if key.isdigit() else key for key in pointer.split("/")[1:])
        inside: Any = made
        for key in way:
            inside = inside[key]
        if value is None:
            del inside[last]
        else:
            inside[last] = value
    if "protocol_act_hash" in made and "/protocol_act_hash" not in put:
        made["protocol_act_hash"] = act_hash(dict.fromkeys(message, "") | made)
    return made


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["note"] for case in VECTORS["cases"]])
def test_a_message_is_what_its_vector_says(case: Mapping[str, Any]) -> None:
    """Its event lines, or the wire's own error with the place, and the session as it was."""
    session = after(case["after"])
    message = changed(VECTORS["messages"][case["message"]], case.get("put", {}))
    at = case.get("at") or max(message["timestamp"], VECTORS["messages"][case["message"]]["timestamp"])
    found = decode(raw(message), session, WIRE, at=at)
    if "lines" in case:
        assert isinstance(found, TakenMessage), found
        assert list(found.lines) == case["lines"]
        return
    assert isinstance(found, Refusal)
    error = found.error["error"]
    assert (error["code"], error["detail"]) == (case["refused"], case["pointer"])
    assert found.status == STATUS[error["code"]]
    assert found.letter.original == raw(message)


def test_the_hashes_of_the_vectors_are_those_of_another_library() -> None:
    """What is signed is canonical as `rfc8785` writes it: the vectors' hashes were made by that."""
    offers = [m for m in VECTORS["messages"].values() if "protocol_act_hash" in m]
    assert len(offers) == 5
    assert [act_hash(offer) for offer in offers] == [offer["protocol_act_hash"] for offer in offers]


WORDS = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.integers(-(2**53) + 1, 2**53 - 1) | WORDS | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=6,
)


@given(value=JSON)
@settings(max_examples=40)
def test_canonical_json_is_that_of_another_library(value: object) -> None:
    """Keys in the order of UTF-16, escapes as RFC 8785 has them."""
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


UNMAPPED = ("protocol_act_signature", "acceptance_signature", "reason_code", "reason_description")


def mapped(message: Mapping[str, Any]) -> Message:
    """Return the fields of a message that are mapped: all but signatures and reasons."""
    return {name: value for name, value in message.items() if name not in UNMAPPED}


@pytest.mark.parametrize("case", [case for case in VECTORS["cases"] if "lines" in case and "put" not in case])
def test_what_was_read_is_written_back(case: Mapping[str, Any]) -> None:
    """encode(decode(m)) = m on mapped fields, for each vector that comes for the first time and is no mere tick."""
    message = VECTORS["messages"][case["message"]]
    if case["message"] in case["after"] or message["message_type"] == "timeout_notification":
        return
    assert mapped(encode(case["lines"][0], after(case["after"]), WIRE)) == mapped(message)


@given(
    total=st.integers(0, 2**53),
    days=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)),
    months=st.integers(1, 1_200),
    renews=st.booleans(),
    incoterm=st.sampled_from([None, "DAP", "EXW"]),
)
@settings(max_examples=40)
def test_every_offer_that_is_read_is_written_back(
    total: int, days: tuple[int, int], months: int, renews: bool, incoterm: str | None
) -> None:
    """encode(decode(m)) = m on mapped fields, whatever the terms."""
    year, month = divmod(2026 * 12 + 6 + months, 12)
    ended = {1: "12-31", 2: "01-31", 3: "02-29" if year % 4 == 0 and (year % 100 or year % 400 == 0) else "02-28"}
    ended |= {4: "03-31", 5: "04-30", 6: "05-31", 7: "06-30", 8: "07-31", 9: "08-31", 10: "09-30", 11: "10-31"}
    end = f"{year - (month == 0)}-{(ended | {12: '11-30'})[month + 1]}"
    put: dict[str, Any] = {
        "/terms/total_value": total,
        "/terms/line_items/0/unit_price": total,
        "/terms/line_items/0/total": total,
        "/terms/payment_terms/net_days": days[0],
        "/terms/contract_duration/cancellation_notice_days": days[1],
        "/terms/contract_duration/end_date": end,
        "/terms/contract_duration/auto_renewal": renews,
    } | ({"/terms/delivery_terms": {"incoterm": incoterm}} if incoterm else {})
    message, session = changed(VECTORS["messages"]["m1"], put), opened().session
    found = arrived(message, session)
    assert isinstance(found, TakenMessage), found
    assert mapped(encode(found.lines[0], session, WIRE)) == mapped(message)


def places(value: Any, pointer: str = "") -> list[str]:
    """Return the pointer of everything inside a message."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, each in inside for way in (f"{pointer}/{key}", *places(each, f"{pointer}/{key}"))]


PLACES = [(name, way) for name in ("m1", "m2", "m3", "m5", "m3r") for way in places(VECTORS["messages"][name])]
BEFORE = {"m1": [], "m2": ["m1"], "m3": ["m1", "m2"], "m5": ["m1", "m2", "m3", "m4"], "m3r": ["m1", "m2"]}


@given(place=st.sampled_from(PLACES), value=JSON | st.sampled_from([0, 1, -1, True, "", "2026-05-04T10:05:01Z", {}]))
@settings(max_examples=60)
def test_a_message_with_anything_in_it_is_read_as_it_stands_or_refused(place: tuple[str, str], value: object) -> None:
    """Whatever stands in whichever field: nothing raises, and what is taken is written back to the byte."""
    name, way = place
    session = after(BEFORE[name])
    message = changed(VECTORS["messages"][name], {way: value})
    found = decode(raw(message), session, WIRE, at="2026-05-04T10:08:45Z")
    if isinstance(found, Refusal):
        assert found.letter.findings
        return
    again = encode(found.lines[0], session, WIRE)
    assert json.dumps(mapped(again), sort_keys=True) == json.dumps(mapped(message), sort_keys=True)


HOSTILE = {
    "no text": b"\xff",
    "no JSON": b"{",
    "no object": b"[]",
    "a fraction": b'{"message_type": "offer", "terms": {"total_value": 1.5}}',
    "no number": b'{"sequence_number": NaN}',
    "twice": b'{"message_id": "a", "message_id": "b"}',
    "half a pair": b'{"message_id": "\\ud800"}',
    "deep": b'{"a":' * 5_000,
    "a long number": b'{"a": ' + b"9" * 5_000 + b"}",
    "long": b" " * (1 << 20) + b"{}",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_message_is_a_dead_letter(data: bytes) -> None:
    """Nothing is read into it, and the bytes are kept."""
    found = decode(data, opened().session, WIRE, at="2026-05-04T10:01:00Z")
    assert isinstance(found, Refusal)
    assert (found.error["error"]["code"], found.letter.original) == ("INVALID_REQUEST", data)


def test_a_session_opens_a_deal() -> None:
    """With the facts of its type and of the caller, under the name that the party has in every deal."""
    assert list(opened().lines) == [VECTORS["opens"]]


@pytest.mark.parametrize(
    ("part", "put", "code"),
    [
        ("ack", {"/protocol_version": "0.2"}, "PROTOCOL_VERSION_MISMATCH"),
        ("ack", {"/session_params_accepted/max_rounds": 6}, "SESSION_WRONG_STATE"),
        ("ack", {"/session_params_accepted/currency": "EUR"}, "SESSION_WRONG_STATE"),
        ("ack", {"/in_reply_to": "m9"}, "SESSION_WRONG_STATE"),
        ("ack", {"/responder/did": "did:web:other.example"}, "UNAUTHORIZED_SENDER"),
        ("init", {"/session_params/round_timeout_seconds": 0}, "INVALID_REQUEST"),
        ("ack", {"/session_params_accepted/deal_type": "favours"}, "DEAL_TYPE_NOT_SUPPORTED"),
    ],
)
def test_a_session_that_is_not_agreed_on_opens_nothing(part: str, put: Mapping[str, Any], code: str) -> None:
    """Both messages have to say the same, of versions, types and companies that are known."""
    said = {name: raw(changed(VECTORS[name], put if name == part else {})) for name in ("init", "ack")}
    found = begin(said["init"], said["ack"], WIRE, us="did:web:seller.example", deal="R-17", party="Buyer Group")
    assert isinstance(found, Refusal)
    assert found.error["error"]["code"] == code


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


def planned(held: Session, wire: A2CNSession, terms: Mapping[str, str] | None, name: str, at: str) -> MessagePlan:
    """Ask, and plan what is sent."""
    asked = held.probe("R-17", terms, actor="bot", at=at)
    seen, state = held.disclosure("R-17"), held.state("R-17")
    return plan(asked, seen, state, wire, WIRE, message_id=name, at=at, actor="bot")


WHOLE = {"price": "120,000 USD", "payment": "30 days", "term": "12 months", "notice": "60 days", "renews": "no"}


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


def test_terms_that_the_wire_has_no_word_for_are_not_sent() -> None:
    """A package with an issue too many or one too few, or an amount between two cents, is an error and no message."""
    session = after(["m1"])
    line = {"id": "x", "by": "us", "type": "offer", "at": "2026-05-04T10:02:00Z", "until": "2026-05-04T10:03:00Z"}
    less = {name: text for name, text in WHOLE.items() if name != "payment"}
    for terms in ({**WHOLE, "support": "gold"}, less, {**WHOLE, "price": "1.001 USD"}, {**WHOLE, "term": "0 months"}):
        with pytest.raises(EdgeProblem):
            encode({**line, "terms": terms}, session, WIRE)
