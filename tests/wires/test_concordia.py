"""Concordia 0.1: each message is its event lines or a refusal, and is written back as it was."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.a2cn import WHOLE, changed, raw
from tests.helpers.concordia import MESSAGES, VECTORS, WIRE, after, arrived, opened
from tests.wires.test_a2cn import HOSTILE, JSON, places

from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.concordia.issues import read_agreement, read_terms, write_terms
from walkaway_edge.wires.concordia.messages import STATUS, chain_hash
from walkaway_edge.wires.concordia.reading import decode
from walkaway_edge.wires.concordia.session import ChainedMessage, offer_until
from walkaway_edge.wires.concordia.writing import encode
from walkaway_edge.wires.outcomes import Refusal, read_object


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["note"] for case in VECTORS["cases"]])
def test_a_message_is_what_its_vector_says(case: Mapping[str, Any]) -> None:
    """Its event lines, or the error with the place."""
    session = after(case["after"])
    put = {way: session.tip if value == "TIP" else value for way, value in case.get("put", {}).items()}
    message = changed(MESSAGES[case["message"]], put)
    found = arrived(message, session, case.get("at") or MESSAGES[case["message"]]["timestamp"])
    if "lines" in case:
        assert isinstance(found, ChainedMessage), found
        assert list(found.lines) == case["lines"]
        assert (case["message"] in case["after"]) == (found.session == session)
        return
    assert isinstance(found, Refusal), found
    error = found.error["error"]
    assert (error["code"], error["pointer"]) == (case["refused"], case["pointer"])
    assert (found.status, found.letter.original) == (STATUS[error["code"]], raw(message))


@pytest.mark.parametrize("name", MESSAGES)
def test_the_hash_of_a_message_is_that_of_another_library(name: str) -> None:
    """Over all of it, its signature included, as `rfc8785` writes it."""
    read = read_object(raw(MESSAGES[name]), "", fractions=True)
    assert chain_hash(read) == f"sha256:{hashlib.sha256(rfc8785.dumps(MESSAGES[name])).hexdigest()}"


UNMAPPED = ("signature", "to")


def mapped(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are mapped: all but signatures, recipients, principals, names of offers and reasons."""
    found = {name: value for name, value in message.items() if name not in UNMAPPED}
    found["from"] = {"agent_id": found["from"]["agent_id"]}
    found["body"] = {name: value for name, value in found["body"].items() if name not in ("offer_id", "reason")}
    if found["type"] in ("negotiate.offer", "negotiate.counter"):
        found["type"] = "negotiate.offer"
        found["body"].pop("open_terms", None)
    return found


NAMED = ("o1", "o2", "o3", "yes", "their-yes", "no", "left", "awake", "done")


@pytest.mark.parametrize("name", NAMED)
def test_what_was_read_is_written_back(name: str) -> None:
    """encode(decode(m)) = m on mapped fields, for each vector that comes to an event that the wire has a word for."""
    (case,) = [case for case in VECTORS["cases"] if case["message"] == name and "lines" in case and "put" not in case][
        :1
    ]
    session = after(case["after"])
    assert mapped(encode(case["lines"][0], session, WIRE)) == mapped(MESSAGES[name])


@given(
    cents=st.integers(0, 10**15 - 1),
    days=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)),
    months=st.integers(0, 1_200),
    renewal=st.sampled_from(["automatic", "none"]),
    until=st.integers(2, 59),
)
@settings(max_examples=25)
def test_every_offer_that_is_read_is_written_back(
    cents: int, days: tuple[int, int], months: int, renewal: str, until: int
) -> None:
    """encode(decode(m)) = m on mapped fields, whatever the terms."""
    values = {"price": cents // 100 if cents % 100 == 0 else cents / 100, "pay": days[0], "run": months}
    values |= {"notice": days[1], "renewal": renewal}  # type: ignore[dict-item]
    put = {f"/body/terms/{name}/value": value for name, value in values.items()}
    message = changed(MESSAGES["o1"], put | {"/body/valid_until": f"2026-10-05T09:{until:02}:00Z"})
    session = after([])
    found = arrived(message, session)
    assert isinstance(found, ChainedMessage), found
    said = encode(found.lines[0], session, WIRE)
    if until == 16:  # what the session has as well is not written again
        assert found.lines[0]["until"] == offer_until(message["timestamp"], session)
        said["body"]["valid_until"] = message["body"]["valid_until"]
    assert mapped(said) == mapped(message)


PLACES = [(name, way) for name in ("o1", "o3", "yes", "no", "wish") for way in places(MESSAGES[name])]
BEFORE: dict[str, list[str]] = {
    case["message"]: case["after"] for case in reversed(VECTORS["cases"]) if "lines" in case
}
BEFORE["o1"] = []


@given(
    place=st.sampled_from(PLACES), value=JSON | st.sampled_from([0, 1, -1, True, "", 0.5, -0.0, 1e300, 1e-7, {}, []])
)
@settings(max_examples=50)
def test_a_message_with_anything_in_it_is_read_as_it_stands_or_refused(place: tuple[str, str], value: object) -> None:
    """Whatever stands in whichever field: nothing raises, and what is taken is written back."""
    name, way = place
    session = after(BEFORE[name])
    message = changed(MESSAGES[name], {way: value})
    found = arrived(message, session, MESSAGES[name]["timestamp"])
    if isinstance(found, Refusal):
        assert found.letter.findings
        return
    if not found.lines or found.lines[0]["type"] == "signal":
        return
    again = mapped(encode(found.lines[0], session, WIRE)) | {"reasoning": 0, "in_reply_to": 0, "references": 0}
    assert again == mapped(message) | {"reasoning": 0, "in_reply_to": 0, "references": 0}


@pytest.mark.parametrize("data", [data for name, data in HOSTILE.items() if name != "a fraction"])
def test_what_is_no_message_is_a_dead_letter(data: bytes) -> None:
    """Nothing is read into it, and the bytes are kept."""
    found = decode(data, after([]), WIRE, at="2026-10-05T09:01:00Z")
    assert isinstance(found, Refusal)
    assert (found.error["error"]["code"], found.letter.original) == ("invalid_message", data)


def test_a_session_opens_a_deal() -> None:
    """With the facts of the agreement, under the name that the party has in every deal."""
    found = opened()
    assert isinstance(found, ChainedMessage)
    assert list(found.lines) == [VECTORS["opens"]]


@pytest.mark.parametrize(
    ("part", "put", "code"),
    [
        ("open", {"/prev_hash": "sha256:1"}, "broken_chain"),
        ("open", {"/type": "negotiate.offer"}, "broken_chain"),
        ("open", {"/body/terms/pay/unit": "weeks"}, "not_understood"),
        ("open", {"/body/terms/pay": None}, "not_understood"),
        ("open", {"/body/timing/max_rounds": 0}, "invalid_message"),
        ("open", {"/body/mediator": "x"}, "not_understood"),
        ("ack", {"/prev_hash": "sha256:1"}, "broken_chain"),
        ("ack", {"/type": "negotiate.decline_session"}, "not_active"),
        ("ack", {"/from/agent_id": "agent-buyer"}, "unknown_sender"),
        ("ack", {"/session_id": "s-8"}, "unknown_session"),
    ],
)
def test_a_session_that_is_not_agreed_on_opens_nothing(part: str, put: Mapping[str, Any], code: str) -> None:
    """Both messages have to be of one chain, about terms and by agents that are known."""
    found = opened(put) if part == "open" else opened(ack=put)
    assert isinstance(found, Refusal)
    assert found.error["error"]["code"] == code


TERMS = {
    "share": {"kind": "percent", "issue": "share", "defined": {"type": "numeric", "unit": "%"}},
    "rating": {"kind": "number", "issue": "rating", "defined": {"type": "numeric"}},
    "seats": {"kind": "count", "issue": "seats", "defined": {"type": "numeric"}},
    "starts": {"kind": "day", "issue": "starts", "defined": {"type": "temporal"}, "beside": {"type": "date"}},
    "logo": {"kind": "flag", "issue": "logo", "defined": {"type": "boolean"}},
    "place": {"kind": "text", "issue": "place", "defined": {"type": "text"}},
}


@given(
    parts=st.integers(0, 10**8), seats=st.integers(0, 10**9), day=st.dates(), logo=st.booleans(), place=st.text("aä ß")
)
@settings(max_examples=25)
def test_terms_of_every_kind_are_written_as_they_were_read(
    parts: int, seats: int, day: Any, logo: bool, place: str
) -> None:
    """write(read(m)) = m, with fractions down to the last place that a policy has."""
    wire = read_agreement(json.dumps({"currency": "JPY", "terms": TERMS}).encode())
    number = parts // 10_000 if parts % 10_000 == 0 else parts / 10_000
    said = {"share": {"value": number}, "rating": {"value": number}, "seats": {"value": seats}}
    said |= {"starts": {"value": day.isoformat(), "type": "date"}, "logo": {"value": logo}, "place": {"value": place}}
    read = read_object(raw(said), "", fractions=True)
    assert write_terms(read_terms(read, wire), wire) == said


WRONG = {
    "no terms": {"terms": {}},
    "one issue twice": {"terms": TERMS | {"again": TERMS["seats"]}},
    "an amount without its currency": {"terms": {"p": {"kind": "money", "issue": "p", "defined": {}}}},
    "an amount in another": {
        "terms": {"p": {"kind": "money", "issue": "p", "defined": {}, "beside": {"currency": "EUR"}}}
    },
    "words for no word": {"terms": {"p": {"kind": "word", "issue": "p", "defined": {}}}},
    "a value beside itself": {"terms": {"p": {"kind": "text", "issue": "p", "defined": {}, "beside": {"value": 1}}}},
    "a field that is not known": {"floor": "3 USD"},
    "a signal for an offer": {"signals": {"offer": "x"}},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_an_agreement_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """Before any message is read by it."""
    with pytest.raises(EdgeProblem):
        read_agreement(json.dumps(VECTORS["wire"] | change).encode())


def test_terms_that_the_wire_has_no_word_for_are_not_sent() -> None:
    """A package with an issue too many or one too few, or an amount between two cents, is an error and no message."""
    line = {"id": "x", "by": "us", "type": "offer", "at": "2026-10-05T09:02:00Z", "until": "2026-10-05T09:03:00Z"}
    less = {name: text for name, text in WHOLE.items() if name != "payment"}
    for terms in ({**WHOLE, "support": "gold"}, less, {**WHOLE, "price": "1.001 USD"}, {**WHOLE, "renews": "perhaps"}):
        with pytest.raises(EdgeProblem):
            encode({**line, "terms": terms}, after(["o1"]), WIRE)
