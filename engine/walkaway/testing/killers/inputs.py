"""The inputs of a deal that a search may change: the values its events state, events added or left out, its end."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any as Anything

import msgspec

from walkaway.events import On
from walkaway.language.instants import datetime_of
from walkaway.language.values import DURATIONS, Kind, NotAValue, Unit, Value, format_value, parse_value
from walkaway.policy.model import Policy, Rule

Event = Mapping[str, Anything]
"""An event as JSON holds it."""
Deal = tuple[Event, ...]
"""The events of one deal, the opening first."""


class Input(msgspec.Struct, frozen=True):
    """One value that an event states.

    Attributes:
        place: Number of the event, the key in it (`terms`, `facts`, `batna`, `at`), and the name under that key.
        value: As it stands.
        facts: The facts whose value it is, unchanged.
    """

    place: tuple[int, str, str]
    unit: Unit
    value: Value
    facts: frozenset[str]

    @property
    def step(self) -> int:
        """Return a small step for a secant; large enough that rounding does not hide its effect."""
        return 10 * self.unit.scale

    def words(self) -> Iterator[Value]:
        """Return every other value of a choice; of a quantity one other value."""
        match self.unit.kind:
            case Kind.CHOICE:
                yield from (c for c in self.unit.choices if c != self.value)
            case Kind.YES_NO:
                yield 0 if self.value == 1 else 1
            case _:
                yield self.value

    def turned(self, deal: Deal, value: Value) -> Deal:
        """Return the deal with another value in this place."""
        number, key, name = self.place
        if isinstance(value, int):
            value = min(max(value, self.unit.span[0]), self.unit.span[1])
        event = deal[number]
        if key == "at":
            before = datetime_of(deal[number - 1]["at"])
            waited = timedelta(**{"days" if self.unit.kind is Kind.DAYS else "seconds": max(int(value), 0)})
            changed: Event = {**event, "at": (before + waited).isoformat()}
        elif key == "batna":
            changed = {**event, "batna": format_value(value, self.unit)}
        else:
            changed = {**event, key: {**event.get(key, {}), name: format_value(value, self.unit)}}
        return (*deal[:number], changed, *deal[number + 1 :])


def inputs_of(policy: Policy, deal: Deal) -> Iterator[Input]:
    """Return every input of a deal, those of the last event first, those of the opening at the end."""
    last = len(deal) - 1
    if last:
        waited = datetime_of(deal[last]["at"]) - datetime_of(deal[last - 1]["at"])
        seconds = int(waited.total_seconds())
        yield Input((last, "at", ""), Unit(Kind.DURATION), seconds, frozenset())
        if policy.calendar is not None:
            yield Input((last, "at", ""), Unit(Kind.DAYS), seconds // DURATIONS["day"], frozenset())
    for number in range(last, 0, -1):
        if deal[number]["type"] == "offer":
            for name, issue in policy.issues.items():
                value = _value(deal[number].get("terms", {}).get(name), issue.unit)
                reads = {f"offer.{name}", f"theirs.last.{name}", f"ours.last.{name}"}
                yield Input((number, "terms", name), issue.unit, value, frozenset(reads))
    for name, fact in policy.deal.items():
        value = _value(deal[0].get("facts", {}).get(name, fact.default), fact.unit)
        yield Input((0, "facts", name), fact.unit, value, frozenset({f"deal.{name}"}))
    yield Input((0, "batna", ""), policy.money, _value(deal[0].get("batna"), policy.money), frozenset({"batna.worth"}))


def _value(stated: object, unit: Unit) -> Value:
    """Return a value as an event states it; where it states none, one to begin with."""
    if isinstance(stated, bool):
        return int(stated)
    try:
        return parse_value(str(stated), unit) if stated is not None else _first(unit)
    except NotAValue:
        return _first(unit)


def _first(unit: Unit) -> Value:
    match unit.kind:
        case Kind.CHOICE:
            return unit.choices[0]
        case Kind.TEXT:
            return "somebody"
        case Kind.YES_NO:
            return 0
        case _:
            return unit.scale


def event_changes(policy: Policy, deal: Deal) -> Iterator[Deal]:
    """Return deals with one event fewer, or one more before the last."""
    last = deal[-1]
    for number in range(1, len(deal) - 1):
        yield (*deal[:number], *deal[number + 1 :])
    if len(deal) == 1:
        return
    more: list[Event] = [
        {"type": "offer", "by": by, "terms": terms} for by in ("us", "them") for terms in _terms(policy, deal)
    ]
    more += [{"type": "signal", "by": "them", "kind": kind} for kind in policy.signals]
    more += [{"type": "reject", "by": by} for by in ("us", "them")]
    for event in more:
        yield (*deal[:-1], {"at": last["at"], **event}, last)


def _terms(policy: Policy, deal: Deal) -> Iterator[Mapping[str, str]]:
    """Return terms for one more offer: those of the last one, and these with one quantity moved either way."""
    offers = [e["terms"] for e in deal if e["type"] == "offer" and e.get("terms")]
    terms = offers[-1] if offers else {}
    yield terms
    for name, issue in policy.issues.items():
        value = _value(terms.get(name), issue.unit)
        if issue.unit.is_numeric and isinstance(value, int):
            for step in (1, -1):
                yield {**terms, name: format_value(value + step * (issue.step or issue.unit.scale), issue.unit)}


_EVENTS: Mapping[On, Event] = {
    On.OUR_OFFER: {"type": "offer", "by": "us"},
    On.THEIR_OFFER: {"type": "offer", "by": "them"},
    On.OUR_ACCEPTANCE: {"type": "accept", "by": "us"},
    On.THEIR_ACCEPTANCE: {"type": "accept", "by": "them"},
    On.OUR_REJECTION: {"type": "reject", "by": "us"},
    On.THEIR_REJECTION: {"type": "reject", "by": "them"},
    On.TICK: {"type": "tick"},
    On.PROBE: {"type": "probe", "asked": "{}", "yes": False, "cost": 0},
    On.REQUEST: {"type": "request", "terms": {}},
    On.SIGNAL: {"type": "signal", "by": "them"},
}
"""How an event that a rule hears begins."""


def openings(policy: Policy, rule: Rule, deals: Iterable[Deal]) -> Iterator[Deal]:
    """Return deals that end with an event that the rule hears: parts of known ones, or these with one more."""
    known = [tuple(deal) for deal in deals]
    for deal in known:
        for end in range(len(deal), 0, -1):
            if end == 1 or any(_EVENTS.get(on, {}).items() <= deal[end - 1].items() for on in rule.on if on in _EVENTS):
                yield deal[:end]
    for deal in known:
        for on in sorted(rule.on & _EVENTS.keys()):
            event = {**_EVENTS[on], "at": deal[-1]["at"]}
            if on in (On.OUR_OFFER, On.THEIR_OFFER):
                event["terms"] = next(iter(_terms(policy, deal)))
            elif on is On.SIGNAL and policy.signals:
                event["kind"] = policy.signals[0]
            yield (*deal, event)
