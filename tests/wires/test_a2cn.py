"""A2CN 0.2: each message is its event lines or a refusal, and is written back as it was."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.a2cn import VECTORS, WHOLE, WIRE, Message, after, arrived, changed, opened, raw

from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.a2cn.messages import STATUS, act_hash
from walkaway_edge.wires.a2cn.reading import decode
from walkaway_edge.wires.a2cn.session import TakenMessage, begin
from walkaway_edge.wires.a2cn.writing import encode
from walkaway_edge.wires.outcomes import Refusal, canonical


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
    "deeper than is walked": b'{"a": ' + b"[" * 400 + b"]" * 400 + b"}",
    "an exponent that no number has": b'{"a": 1e99999999999999999999}',
    "a nought that is none": b'{"a": 1e-1000030}',
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


def test_terms_that_the_wire_has_no_word_for_are_not_sent() -> None:
    """A package with an issue too many or one too few, or an amount between two cents, is an error and no message."""
    session = after(["m1"])
    line = {"id": "x", "by": "us", "type": "offer", "at": "2026-05-04T10:02:00Z", "until": "2026-05-04T10:03:00Z"}
    less = {name: text for name, text in WHOLE.items() if name != "payment"}
    for terms in ({**WHOLE, "support": "gold"}, less, {**WHOLE, "price": "1.001 USD"}, {**WHOLE, "term": "0 months"}):
        with pytest.raises(EdgeProblem):
            encode({**line, "terms": terms}, session, WIRE)
