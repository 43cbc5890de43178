"""AdCP 3.2: each request is its event lines or a refusal, and is written back as it was."""

import base64
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.helpers.a2cn import changed, raw
from tests.helpers.adcp import EARLIER, NOW, PACKAGES, VECTORS, WIRE, after, arrived, opened, proposed
from tests.wires.test_a2cn import HOSTILE, JSON, places

from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.adcp.agreement import commercial, from_number, read_agreement, to_number
from walkaway_edge.wires.adcp.answers import answered
from walkaway_edge.wires.adcp.asks import unmet
from walkaway_edge.wires.adcp.reading import begin, decode
from walkaway_edge.wires.adcp.session import STATUS, TakenRequest, terms_digest
from walkaway_edge.wires.adcp.writing import encode
from walkaway_edge.wires.outcomes import Refusal


@pytest.mark.parametrize("case", VECTORS["cases"], ids=[case["note"] for case in VECTORS["cases"]])
def test_a_request_is_what_its_vector_says(case: Mapping[str, Any]) -> None:
    """Its event lines, or the wire's own error with the place."""
    session = after(case["after"])
    put = dict(case.get("put", {}))
    if case["request"] == "a1" and "/proposal_terms_digest" not in put and put["/proposal_id"] in session.proposals:
        put["/proposal_terms_digest"] = session.proposals[put["/proposal_id"]].digest
    found = arrived(case["request"], session, put, case.get("at", NOW))
    if "lines" in case:
        assert isinstance(found, TakenRequest), found
        assert list(found.lines) == case["lines"]
        return
    assert isinstance(found, Refusal), found
    assert found.status == STATUS[case["refused"]]
    assert found.letter.findings[0].hint == (f"see `{case['pointer']}`" if case["pointer"] else "")
    if "adcp_error" in found.error:
        assert found.error["adcp_error"]["code"] == case["refused"]
        return
    (result,) = found.error["results"]
    assert (result["outcome"], result["reason_code"]) == ("unable", case["refused"])


def mapped(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a request that are mapped: all but the account and the opportunity."""
    return {name: value for name, value in arguments.items() if name not in ("account", "opportunity")}


@pytest.mark.parametrize("case", [case for case in VECTORS["cases"] if case.get("lines") and case["request"] != "a1"])
def test_what_was_read_is_written_back(case: Mapping[str, Any]) -> None:
    """encode(decode(m)) = m on mapped fields, for each vector that comes for the first time."""
    if case["request"] in case["after"]:
        return
    found = arrived(case["request"], after(case["after"]), case.get("put", {}))
    assert isinstance(found, TakenRequest)
    arguments = changed(VECTORS["requests"][case["request"]]["arguments"], case.get("put", {}))
    assert encode(found.lines[0], found.session, WIRE) == mapped(arguments)


def test_an_acceptance_is_written_back() -> None:
    """With the digest of the very terms."""
    session = after(["open", "p1", "f1", "p1c"])
    put = {"/proposal_id": "p1c", "/proposal_terms_digest": session.proposals["p1c"].digest}
    found = arrived("a1", session, put)
    assert isinstance(found, TakenRequest)
    assert encode(found.lines[0], found.session, WIRE) == mapped(changed(VECTORS["requests"]["a1"]["arguments"], put))


CENTS = st.integers(1, 10**12)


@given(
    cpm=st.none() | CENTS,
    budget=st.none() | st.tuples(CENTS, st.integers(0, 10**9)),
    volume=st.none() | st.integers(1, 10**12),
    end=st.none() | st.integers(1, 28),
    logo=st.sampled_from([None, "include", "omit"]),
)
@settings(max_examples=25)
def test_every_refinement_is_written_back_and_met_by_what_it_asks(
    cpm: int | None, budget: tuple[int, int] | None, volume: int | None, end: int | None, logo: str | None
) -> None:
    """encode(decode(m)) = m whatever is asked, and the package that is asked meets all of it."""
    constraints: dict[str, Any] = {}
    if cpm is not None:
        constraints["cpm"] = {"max": number(cpm), "currency": "USD"}
    if budget is not None:
        least, more = budget
        constraints["total_budget"] = {"min": number(least), "max": number(least + more), "currency": "USD"}
    if volume is not None:
        constraints["impressions"] = {"min": volume}
    if end is not None:
        constraints["flight"] = {"end_no_earlier_than": f"2027-02-{end:02}T00:00:00Z"}
    asked: dict[str, Any] = {"proposal_id": "p1", "action": "revise"}
    asked |= ({"constraints": constraints} if constraints else {}) | (
        {"product_changes": {"sponsor_logo": logo}} if logo else {}
    )
    found = arrived("r1", after(["open", "p1"]), {"/refinements/0": asked})
    if len(asked) == 2:
        assert isinstance(found, Refusal)
        return
    assert isinstance(found, TakenRequest), found
    assert encode(found.lines[0], found.session, WIRE)["refinements"] == [asked]
    assert found.session.pending is not None
    assert unmet(found.session.pending.asked, found.lines[0]["terms"], WIRE) == ([], {})


def number(cents: int) -> int | float:
    """Return an amount as JSON has it."""
    return cents // 100 if cents % 100 == 0 else cents / 100


@given(
    cpm=CENTS,
    budget=CENTS,
    volume=st.integers(100_000, 10**12),
    end=st.integers(2, 31),
    sponsor=st.booleans(),
    asked=st.integers(1, 10**12),
)
@settings(max_examples=25)
def test_every_proposal_is_written_back(
    cpm: int, budget: int, volume: int, end: int, sponsor: bool, asked: int
) -> None:
    """encode(decode(m)) = m for our answers, and `revised` is said only where all that was asked is met."""
    terms = {"cpm": f"{cpm // 100}.{cpm % 100:02} USD", "budget": f"{budget // 100}.{budget % 100:02} USD"}
    terms |= {"volume": str(volume), "ends": f"2027-03-{end:02}", "sponsor": "yes" if sponsor else "no"}
    put = {"/refinements/0": {"proposal_id": "p1", "action": "revise"}}
    put["/refinements/0"]["constraints"] = {"cpm": {"max": number(asked), "currency": "USD"}}  # type: ignore[assignment]
    found = arrived("r1", after(["open", "p1"]), put)
    assert isinstance(found, TakenRequest)
    said = {"id": "p2", "type": "offer", "by": "us", "terms": terms, "until": "2026-10-06T09:59:59Z"}
    message = encode(said, found.session, WIRE)
    read = answered(raw(message), found.session, WIRE, message_id="x", at=EARLIER, actor="ana")
    assert encode(read.lines[0], found.session, WIRE) == message
    assert message["results"][0]["outcome"] == ("revised" if cpm <= asked else "partial")
    assert message["results"][0].get("unsatisfied_constraints", []) == ([] if cpm <= asked else ["cpm"])
    impressions = [purchase["impressions"] for purchase in read_terms(message)["purchases"]]
    assert sum(impressions) == volume
    assert len(impressions) == 1 + sponsor


def read_terms(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the terms of the one draft in an answer."""
    (proposal,) = message["results"][0]["proposals"]
    return dict(proposal["commercial_terms"])


def test_a_digest_is_that_of_another_library() -> None:
    """Of the canonical terms as `rfc8785` writes them."""
    terms = commercial(PACKAGES["p2"], WIRE, {"domain": "buyer.example", "ÿ": "äß", "€": ["\U0001f600"]})
    digest = base64.urlsafe_b64encode(hashlib.sha256(rfc8785.dumps(terms)).digest()).rstrip(b"=").decode()
    assert terms_digest(terms) == f"sha256:{digest}"


@given(cents=st.integers(0, 10**15 - 1))
@settings(max_examples=25)
def test_an_amount_is_the_number_that_it_was(cents: int) -> None:
    """Through JSON, to the cent."""
    said = json.dumps(to_number("cpm", cents, WIRE))
    assert from_number("cpm", json.loads(said, parse_float=Decimal), WIRE) == cents


PLACES = [(name, way) for name in ("r1", "f1", "d1") for way in places(VECTORS["requests"][name]["arguments"])]


@given(place=st.sampled_from(PLACES), value=JSON | st.sampled_from([0, 1, -1, True, "", 0.5, 1e300, {}, []]))
@settings(max_examples=40)
def test_a_request_with_anything_in_it_is_read_as_it_stands_or_refused(place: tuple[str, str], value: object) -> None:
    """Whatever stands in whichever field: nothing raises, and what is taken is written back."""
    name, way = place
    found = arrived(name, after(["open", "p1"]), {way: value})
    if isinstance(found, Refusal):
        assert found.letter.findings
        return
    arguments = mapped(changed(VECTORS["requests"][name]["arguments"], {way: value}))
    again = encode(found.lines[0], found.session, WIRE)
    assert json.dumps(again, sort_keys=True) == json.dumps(arguments, sort_keys=True)


@pytest.mark.parametrize("data", [data for name, data in HOSTILE.items() if name != "a fraction"])
def test_what_is_no_request_is_a_dead_letter(data: bytes) -> None:
    """Nothing is read into it, and the bytes are kept."""
    found = decode("refine_proposals", data, after(["open", "p1"]), WIRE, at=NOW, actor="buyer-7")
    assert isinstance(found, Refusal)
    assert (found.error["adcp_error"]["code"], found.letter.original) == ("INVALID_REQUEST", data)


def test_a_request_for_proposals_opens_a_deal() -> None:
    """With the facts of the agreement, under the name that the party has in every deal."""
    assert list(opened().lines) == [VECTORS["opens"]]


@pytest.mark.parametrize(
    ("put", "code", "field"),
    [
        ({"/brand": None}, "INVALID_REQUEST", "brand"),
        ({"/account": {"brand": {"domain": "x.example"}, "operator": "y.example"}}, "INVALID_REQUEST", "brand"),
        ({"/criteria/product_ids": ["audio"]}, "UNSUPPORTED_FEATURE", "criteria.product_ids"),
        ({"/criteria/outcome_target": {"volume": 3}}, "UNSUPPORTED_FEATURE", "criteria.outcome_target"),
        ({"/brand/weight": 1e300}, "INVALID_REQUEST", "brand.weight"),
        ({"/brief": ""}, "INVALID_REQUEST", "brief"),
        ({"/budget": 5}, "INVALID_REQUEST", "budget"),
    ],
)
def test_a_request_that_is_not_sold_opens_nothing(put: Mapping[str, Any], code: str, field: str) -> None:
    """What is asked has to be known, and sold as asked."""
    found = begin(raw(changed(VECTORS["open"], put)), WIRE, deal="V-1", party="Buyer Group", at=EARLIER)
    assert isinstance(found, Refusal)
    assert (found.error["adcp_error"]["code"], found.error["adcp_error"]["field"]) == (code, field)


def test_an_unsupported_dimension_is_named_with_all_that_are_supported() -> None:
    """In the details that the schemas publish for it."""
    found = arrived("r1", after(["open", "p1"]), {"/refinements/0/alternatives": {"count": 2}})
    assert isinstance(found, Refusal)
    supported = ["total_budget", "cpm", "impressions", "flight", "product_changes"]
    details = {"unsupported_dimension": "alternatives", "supported_dimensions": supported}
    assert found.error["adcp_error"]["details"] == details
    assert found.error["adcp_error"]["field"] == "refinements[0].alternatives"


def test_terms_that_the_wire_has_no_word_for_are_not_sent() -> None:
    """An issue too many or too few, an amount between two cents, or too few impressions is an error and no message."""
    whole = PACKAGES["p1"]
    less = {name: text for name, text in whole.items() if name != "cpm"}
    odd = ({"cpm": "1.001 USD"}, {"support": "gold"}, {"ends": "2027-01-01"}, {"volume": "9", "sponsor": "yes"})
    for terms in (less, *(whole | change for change in odd)):
        with pytest.raises(EdgeProblem):
            proposed("p1", opened().session, terms)


WRONG = {
    "no issue for the price": {"issues": {"total_budget": "budget", "end": "ends"}},
    "one issue twice": {"issues": {"cpm": "x", "total_budget": "x", "end": "ends"}},
    "an issue that is fixed": {"fixed": {"start": "2027-01-01", "cpm": "3 USD"}},
    "a fixed term that is none": {"fixed": {"start": "soon"}},
    "an unknown dimension": {"issues": VECTORS["wire"]["issues"] | {"share": "share"}},
    "an option that is sold": {"options": {"video_winter": {"issue": "s", "pricing_option_id": "p"}}},
    "nothing to show": {"products": []},
    "no time": {"hold_seconds": 0},
    "a field that is not known": {"floor": "3 USD"},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_an_agreement_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """Before any request is read by it."""
    with pytest.raises(EdgeProblem):
        read_agreement(json.dumps(VECTORS["wire"] | change).encode())


def test_an_answer_to_something_else_is_no_answer() -> None:
    """Another source, other terms than the digest's, or nothing pending is an error."""
    session = after(["open", "p1", "r1"])
    line = {"id": "p2", "type": "offer", "by": "us", "terms": PACKAGES["p2"], "until": "2026-10-06T09:59:59Z"}
    message = encode(line, session, WIRE)
    for way, value in (
        ("/results/0/source_proposal_id", "p0"),
        ("/results/0/proposals/0/parent_proposal_id", "p0"),
        ("/results/0/proposals/0/terms_digest", "sha256:x"),
        ("/results/0/proposals/0/commercial_terms/pacing", "even"),
        ("/results/0/proposals/0/commercial_terms/total_budget/amount", 1),
        ("/results/0/proposals/0/expires_at", EARLIER),
    ):
        with pytest.raises(EdgeProblem):
            answered(raw(changed(message, {way: value})), session, WIRE, message_id="x", at=EARLIER, actor="ana")
    with pytest.raises(EdgeProblem):
        answered(raw(message), after(["open", "p1"]), WIRE, message_id="x", at=EARLIER, actor="ana")
