"""Terms of a wire and issues of a policy are one another by a declared mapping, exactly, or not at all."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.outcomes import Misfit
from walkaway_edge.wires.terms import read_map, read_terms, write_terms

TERMS: dict[str, Any] = {
    "/total": {"kind": "money", "issue": "price"},
    "/early~1discount": {"kind": "bps", "issue": "early"},
    "/sla/minutes": {"kind": "minutes", "issue": "response"},
    "/seats": {"kind": "count", "issue": "seats"},
    "/delivery": {"kind": "date", "issue": "delivery"},
    "/support": {"kind": "word", "issue": "support", "words": {"24x7": "gold", "standard": "basic"}},
    "/run": {"kind": "months", "issue": "term", "start": "begin"},
    "/run/renews": {"kind": "flag", "issue": "renews"},
    "/place": {"kind": "text", "issue": "place"},
    "/remark": {"kind": "note"},
}
MAP = read_map(json.dumps({"currency": "/currency", "total": "/total", "terms": TERMS}).encode())


@given(
    currency=st.sampled_from(["USD", "JPY", "KWD", "CLF"]),
    number=st.integers(0, 10**9),
    months=st.integers(1, 400),
    day=st.integers(1, 28),
    flag=st.booleans(),
    support=st.sampled_from(["24x7", "standard"]),
    place=st.none() | st.text("abc äß", min_size=1),
)
@settings(max_examples=60)
def test_terms_are_written_as_they_were_read(
    currency: str, number: int, months: int, day: int, flag: bool, support: str, place: str | None
) -> None:
    """For every kind, in currencies with and without minor units: write(read(m)) = m."""
    end_year, end_month = divmod(2026 * 12 + months, 12)
    end = f"{end_year:04}-{end_month + 1:02}-{day - 1:02}"
    said: dict[str, Any] = {
        "currency": currency,
        "total": number,
        "early/discount": number % 10_001,
        "sla": {"minutes": number % 100_000},
        "seats": number,
        "delivery": f"2027-02-{day:02}",
        "support": support,
        "run": {"start_date": f"2026-01-{day:02}", "end_date": end, "renews": flag},
    } | ({} if place is None else {"place": place})
    if day == 1:
        return  # the day before the first is another month's
    read = read_terms(said, MAP, currency, "BAD")
    assert write_terms(read.terms, MAP, currency) == said


def test_units_are_those_of_the_policy() -> None:
    """Minor units are amounts, hundredths of a percent are percent, minutes are a duration."""
    said = {
        "currency": "KWD", "total": 1_250, "early/discount": 250, "sla": {"minutes": 90}, "seats": 1_200,
        "delivery": "2027-02-03", "support": "24x7", "remark": "soon",
        "run": {"start_date": "2026-01-31", "end_date": "2027-01-30", "renews": True},
    }  # fmt: skip
    read = read_terms(said, MAP, "KWD", "BAD")
    assert read.note == "soon"
    assert read.terms == {
        "price": "1.250 KWD", "early": "2.5%", "response": "90 minutes", "seats": "1,200", "delivery": "2027-02-03",
        "support": "gold", "term": "12 months", "begin": "2026-01-31", "renews": "yes", "place": None,
    }  # fmt: skip


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """Each with its place: another currency, a word that is none, months of no length, what is missing, what is new."""
    said = {"currency": "EUR", "total": 1, "support": "gold", "run": {"start_date": "2026-01-31"}, "gift": "yes"}
    with pytest.raises(Misfit) as caught:
        read_terms(said, MAP, "USD", "BAD")
    assert set(caught.value.wrong) == {
        "/terms/currency", "/terms/early~1discount", "/terms/sla/minutes", "/terms/seats", "/terms/delivery",
        "/terms/support", "/terms/run/start_date", "/terms/run/renews", "/terms/gift",
    }  # fmt: skip


WRONG: dict[str, dict[str, Any]] = {
    "a kind that is none": {"/total": {"kind": "bitcoin", "issue": "price"}},
    "no issue": {"/seats": {"kind": "count"}},
    "an issue twice": {"/seats": {"kind": "count", "issue": "price"}},
    "two words for one": {"/support": {"kind": "word", "issue": "support", "words": {"a": "gold", "b": "gold"}}},
    "no start": {"/run": {"kind": "months", "issue": "term"}},
    "two starts": {"/run": {"kind": "months", "issue": "term", "starts": "2026-01-01", "start": "begin"}},
    "no day": {"/run": {"kind": "months", "issue": "term", "starts": "July"}},
    "no item": {"/lines": {"kind": "line", "item": {"id": "1"}}},
    "no pointer": {"seats": {"kind": "count", "issue": "chairs"}},
    "a total that is none": {"/total": {"kind": "count", "issue": "price"}},
    "a key that is none": {"/seats": {"kind": "count", "issue": "seats", "unit": "chairs"}},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_mapping_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    """Before any message is read by it."""
    with pytest.raises(EdgeProblem):
        read_map(json.dumps({"currency": "/currency", "total": "/total", "terms": TERMS | change}).encode())
