"""Canonical bytes: an event's content reads back to the same event, and entries are what RFC 8785 prescribes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.logs import make_policy

from walkaway.deal.decode import Decoder
from walkaway.deal.encode import EventWriter, canonical
from walkaway.events import (
    Accept,
    Alternative,
    AnyEvent,
    Approve,
    Close,
    Limits,
    Offer,
    Open,
    Party,
    Reject,
    Reopen,
    Revoke,
    Signal,
    Tick,
    Update,
    Void,
    Withdraw,
)
from walkaway.language.instants import instant_text
from walkaway.language.values import LIMIT, Kind, Unit, Value

POLICY = make_policy("""\
policy: everything
version: 1
side: buyer
currency: KWD
deal:
  list_price: money
  segment: {one of: [small, "very large", "Größe ½"]}
  note: {type: text, optional: yes}
  ratio: {type: number, optional: yes}
  seats: {type: count, optional: yes}
  known: {type: yes/no, default: no}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%}
  price: {type: money, start: 0 KWD, worth: -1 KWD per 1 KWD}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
  payment: {type: days, start: 30 days, worth: 1 KWD per day}
  response: {type: duration, start: 4 hours, worth: 1 KWD per hour}
  support: {one of: {basic: 0 KWD, gold: "-4,000 KWD"}, start: basic}
  reference: {type: yes/no, start: no, worth: "3,000 KWD"}
signals: [deception]
roles: [manager, director]
rules:
  one: {why: A rule., on: any, when: signals.deception >= 1 and deal.known = yes, then: hold}
""")
ISSUES = {i.name: i.unit for i in POLICY.issues.values()}
FACTS = {d.name: d.unit for d in POLICY.deal.values()}
NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=20).filter(str.isprintable)
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
DECODER, WRITER = Decoder(POLICY), EventWriter(POLICY)


def values(unit: Unit) -> st.SearchStrategy[Value]:
    """Return values of a unit."""
    match unit.kind:
        case Kind.CHOICE:
            return st.sampled_from(unit.choices)
        case Kind.YES_NO:
            return st.integers(0, 1)
        case Kind.TEXT:
            return TEXTS
        case _:
            return st.integers(-LIMIT, LIMIT)


def some(units: Mapping[str, Unit], least: int = 0) -> st.SearchStrategy[dict[str, Value]]:
    """Return values for some of the names, in any order."""
    names = st.lists(st.sampled_from(sorted(units)), unique=True, min_size=least)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({n: values(units[n]) for n in chosen}))


MONEY = POLICY.money
LIMITS = st.lists(st.sampled_from(sorted({**ISSUES, "package": MONEY})), unique=True).flatmap(
    lambda chosen: st.fixed_dictionaries(
        {
            n: st.builds(
                Limits,
                *(st.none() | values({**ISSUES, "package": MONEY}[n]) for _ in range(3)),
            )
            for n in chosen
        }
    )
)
HEAD = {"id": NAMES, "deal": NAMES, "actor": st.just("") | NAMES, "sure": st.booleans()}
WHEN = {"at": st.just("2026-10-05T09:00:00.25+02:00"), "instant": st.just(1_791_183_600_250_000)}
COMMON: dict[str, Any] = {**HEAD, **WHEN}
CERTAIN: dict[str, Any] = {**COMMON, "sure": st.just(False)}
UNDECLARED = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=9).filter(
    lambda name: name not in ISSUES
)
OTHER = st.dictionaries(UNDECLARED, st.none() | TEXTS, max_size=2)
KEPT = st.dictionaries(UNDECLARED, TEXTS, max_size=2)
PARTIES = st.sampled_from(Party)
BATNA = st.none() | st.integers(-LIMIT, LIMIT)
SOME_ISSUES = st.lists(st.sampled_from(sorted(ISSUES)), unique=True).map(tuple)
FIRST, LAST = 1_791_183_600_250_000, 253_402_300_799_999_999
UNTIL = st.none() | st.integers(FIRST, LAST)
ALTERNATIVES = st.lists(
    st.builds(Alternative, name=NAMES, worth=BATNA, kind=TEXTS, until=UNTIL, actor=st.just("") | NAMES),
    max_size=2,
).map(tuple)
EVENTS: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(
        Open,
        **COMMON,
        facts=some(FACTS),
        terms=some(ISSUES),
        other=OTHER,
        limits=LIMITS,
        batna=BATNA,
        alternatives=ALTERNATIVES,
        party=st.just("") | NAMES,
        follows=st.just("") | NAMES,
    ),
    st.builds(
        Offer,
        **COMMON,
        by=PARTIES,
        terms=some(ISSUES, 1),
        other=OTHER,
        final=st.booleans(),
        until=UNTIL,
        note=TEXTS,
        via=TEXTS,
    ),
    st.lists(some(ISSUES, 1), min_size=2, max_size=3).flatmap(
        lambda packages: st.builds(
            Offer, **COMMON, by=PARTIES, terms=st.just(packages[0]), packages=st.just(tuple(packages))
        )
    ),
    st.builds(Accept, **COMMON, by=PARTIES, issues=SOME_ISSUES, of=st.just("") | NAMES, package=st.integers(0, 3)),
    st.builds(Reject, **COMMON, by=PARTIES),
    st.builds(Withdraw, **COMMON, by=PARTIES),
    st.builds(Signal, **CERTAIN, by=PARTIES, kind=st.just("deception"), confirmed=st.booleans(), note=TEXTS),
    st.builds(
        Update,
        **COMMON,
        facts=some(FACTS),
        limits=LIMITS,
        batna=BATNA,
        alternatives=ALTERNATIVES,
        policy=st.just("") | NAMES,
    ),
    st.builds(Revoke, **COMMON, approver=NAMES, of=NAMES),
    st.builds(Revoke, **COMMON, approver=NAMES, terms=some(ISSUES, 1)),
    st.builds(Void, **COMMON, of=NAMES, reason=TEXTS),
    st.builds(Reopen, **COMMON, reason=TEXTS),
    st.builds(
        Approve,
        **COMMON,
        approver=NAMES,
        role=st.sampled_from(POLICY.roles),
        terms=some(ISSUES, 1),
        other=KEPT,
        of=st.just("") | NAMES,
        rules=st.just(()) | st.just(("three",)),
        until=st.integers(FIRST, LAST),
        override=st.just(()) | st.just(("one", "two")),
        reason=TEXTS.filter(lambda t: bool(t.strip())),
    ),
    st.builds(Tick, **COMMON),
    st.builds(Close, **COMMON, outcome=st.sampled_from(["won", "lost", "walked"]), terms=st.none() | some(ISSUES, 1)),
)
JSON = st.recursive(
    TEXTS | st.booleans() | st.none() | st.integers(-LIMIT + 1, LIMIT - 1),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=20,
)


@given(EVENTS)
def test_an_event_reads_back_from_its_content(event: AnyEvent) -> None:
    """Whatever can happen is written so that the decoder reads the very same event again."""
    said = canonical(WRITER.content(event))
    checked = DECODER.decode(said)
    assert checked.value == event, checked.findings
    assert rfc8785.dumps(json.loads(said)) == said


@given(JSON)
def test_canonical_json_is_that_of_rfc_8785(value: object) -> None:
    """Text, numbers, lists and objects with ASCII keys are written as an independent implementation writes them."""
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        (-62_135_596_800_000_000 - 3_600_000_000, "0001-01-01T22:59:00+23:59"),
        (253_402_300_799_999_999 + 1, "9999-12-31T00:01:00-23:59"),
    ],
)
def test_instants_are_written_in_utc_as_long_as_its_years_reach(instant: int, text: str) -> None:
    """At the ends of the calendar an offset keeps the year within four digits."""
    assert instant_text(instant) == text
