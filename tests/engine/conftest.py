"""Tell a deal event by event, and see at each of them the decision and every fact of the catalog."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.helpers.rendered import rendering

from walkaway import Engine, policy
from walkaway.deal.decode import Decoder
from walkaway.deal.position import Position
from walkaway.decide.decision import Decision
from walkaway.events import AnyEvent
from walkaway.language.values import format_value
from walkaway.policy import Policy
from walkaway.session.stream import Record

ROOT = Path(__file__).parents[2]
RULES = ROOT / "rules"

SELLER = """
policy: seller
version: 1
side: seller
currency: USD
deal:
  list_price: money
  segment: {type: text, optional: yes}
  size: {type: count, default: 1}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, wish: 0%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month}
  prepay: {type: yes/no, start: no, worth: 2% of deal.list_price}
  support: {one of: {none: "1,000 USD", basic: 0 USD, gold: "-4,000 USD"}, start: basic, walk: basic, want: none}
package: {base: deal.list_price, wish: deal.list_price, want: 90% of deal.list_price, walk: 80% of deal.list_price}
signals: [abuse, deception]
roles: [manager, director, cfo]
pattern:
  nibble: {settled: their acceptance, demand: their offer, when: demand.discount > settled.discount}
rules:
  nothing-for-nothing: {why: w, on: our offer, when: give.value > get.value, then: trade}
  big: {why: w, on: [our offer, our acceptance], when: offer.discount > 10%, then: escalate, to: director}
  long: {why: w, on: our offer, when: offer.term > 36 months, then: refuse, enforcement: overridable, by: director}
  rude: {why: w, on: any, when: signals.abuse >= 2, then: walk}
  lied: {why: w, on: any, when: signals.deception >= 1, then: walk, door: closed}
  nibbled: {why: w, on: their offer, when: pattern.nibble >= 1, then: {conclude: nibbling}}
  nibbling: {why: w, on: their offer, when: concluded.nibbling, then: hold, enforcement: advisory}
"""
"""A policy with an issue of each sort: list price 100,000 USD makes 1% of discount worth 1,000 USD."""


KEPT = 32
"""So many policies and engines stay for the tests that come next: most of them tell deals under the same few."""
_engines: dict[int, Engine] = {}


@lru_cache(KEPT)
def read_policy(text: str) -> Policy:
    """Read a policy's text; a mistake in it fails the test."""
    return policy.read(text.encode(), "policy.yaml", lambda _: None).unwrap()


def engine_of(rules: Policy) -> Engine:
    """Return the engine of a policy, which keeps nothing of the deals that it has decided before."""
    found = _engines.get(id(rules))
    if found is None:
        if len(_engines) >= KEPT:
            del _engines[next(iter(_engines))]
        found = _engines[id(rules)] = Engine(rules)  # it holds the policy, so no other has its id
    return found


def line(number: int, event: dict[str, Any], after: timedelta = timedelta(hours=1)) -> dict[str, Any]:
    """Complete an event: id `e1` and so on, deal `D`, one *after* another from 2026-10-01T09:00:00Z."""
    at = datetime.fromisoformat("2026-10-01T09:00:00+00:00") + (number - 1) * after
    return {"id": f"e{number}", "deal": "D", "at": at.isoformat(), **event}


class Seen:
    """What came of one event: its decision, the position after it, and the facts, written as people write them."""

    def __init__(self, decision: Decision, position: Position, facts: dict[str, str]) -> None:
        self.decision, self.position, self.facts = decision, position, facts
        self.verdict = decision.verdict
        self.fired = {r.rule for r in decision.reasons}
        accepting = decision.accepting
        self.accepting = None if isinstance(accepting, msgspec.UnsetType) else accepting.verdict
        stopping = () if self.accepting is None else accepting.reasons
        self.stopping = {r.rule for r in stopping if r.standing == "decides"}
        self.deciding = {r.rule for r in decision.reasons if r.standing == "decides"}
        self.standings = {r.rule: r.standing for r in decision.reasons}

    def __getitem__(self, fact: str) -> str:
        return self.facts[fact]


class Telling:
    """One deal, told event by event; an event is what a line of JSON would hold, without id, deal and at.

    Every decision is held against the one that its evidence renders.
    """

    def __init__(self, policy: Policy) -> None:
        self.engine = engine_of(policy)
        self.record: Record = rendering(self.engine)
        self.decoder = Decoder(policy)
        self.position: Position | None = None
        self.told = 0
        self.told_of: list[Seen] = []
        self.past: list[AnyEvent] = []

    def __call__(self, **event: Any) -> Seen:
        """Decide one more event.

        Raises:
            InvalidInput: Where the line gives findings.
            Unfit: Where it does not fit the deal.
        """
        self.told += 1
        return self.decide(self.decoder.decode(json.dumps(line(self.told, event)).encode()).unwrap())

    def decide(self, event: AnyEvent) -> Seen:
        """Decide an event that is decoded already."""
        found = self.engine.evaluate(self.position, event, self.past.copy)
        self.past.append(event)
        facts, self.position = self.engine.all_facts(found), found.after
        seen = {n: self.written(n, facts.get(n)) for n in self.engine.policy.catalog}
        self.told_of.append(Seen(self.record(found, ""), found.after, seen))
        return self.told_of[-1]

    def written(self, name: str, value: int | str | None) -> str:
        """Write a fact's value."""
        return "unknown" if value is None else format_value(value, self.engine.policy.catalog[name].unit)

    def open(self, **event: Any) -> Seen:
        """Open the deal, at a list price of 100,000 USD if nothing else is said."""
        return self(type="open", **{"facts": {"list_price": "100,000 USD"}, **event})

    def us(self, **terms: Any) -> Seen:
        """Offer *terms*, as somebody who approves nothing."""
        return self(type="offer", by="us", actor="rep", terms=terms)

    def them(self, **terms: Any) -> Seen:
        """Have them offer *terms*."""
        return self(type="offer", by="them", terms=terms)

    def all(self, events: Iterable[dict[str, Any]]) -> list[Seen]:
        """Decide several events."""
        return [self(**event) for event in events]


Tell = Callable[..., Telling]


@pytest.fixture
def tell() -> Tell:
    """Return a function that begins to tell a deal: under the policy `SELLER`, or under the text or policy given."""

    def begin(what: str | Policy = SELLER) -> Telling:
        return Telling(read_policy(what) if isinstance(what, str) else what)

    return begin


@pytest.fixture
def told(tell: Tell) -> Telling:
    """Return a deal under `SELLER` that is open."""
    found = tell()
    found.open()
    return found
