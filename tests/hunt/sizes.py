"""The same deal at two sizes: a bigger one never softens a mandatory rule."""

from collections.abc import Mapping
from fractions import Fraction

import msgspec
from tests.hunt.claims import Seen

from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent, Approve, Close, Limits, Offer, Open, Terms, Update
from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Kind, Value
from walkaway.policy.model import Enforcement, Policy

TIMES = (2, 7)


def bigger(seen: Seen) -> str | None:
    """Say which mandatory rule falls silent where all amounts of a deal are larger."""
    engine, found = seen.engine, seen.found
    loud = {
        found.rules[i].id
        for i in found.fired
        if found.rules[i].enforcement is Enforcement.MANDATORY and found.rules[i].effect.severity
    }
    if not loud:
        return None
    for size in TIMES:
        other = decided(engine, [grown(engine.policy, e, size) for e in (*seen.past, seen.event)])
        if other is None or other.on != found.on or not is_grown(engine, found, other, size):
            continue
        quiet = loud - {other.rules[i].id for i in other.fired}
        if quiet:
            return f"{size} times as large, {sorted(quiet)} falls silent"
    return None


def decided(engine: Engine, events: list[AnyEvent]) -> Evaluation | None:
    """Return the evaluation of the last event; none where one does not fit."""
    position: Position | None = None
    past: list[AnyEvent] = []
    found: Evaluation | None = None
    for event in events:
        try:
            found = engine.evaluate(position, event, past.copy)
        except (Unfit, OutOfRange):
            return None
        position = found.after
        past.append(event)
    return found


def is_grown(engine: Engine, one: Evaluation, other: Evaluation, size: int) -> bool:
    """Return whether every amount that a rule reads has grown in proportion, and all else is as it was."""
    small, large = engine.all_facts(one), engine.all_facts(other)
    own = {n.name for n in engine.policy.lookups}
    read = {f for r in one.rules for f in facts_of(r.condition)} - own
    for name in read:
        if name.startswith("concluded."):
            continue
        entry = engine.policy.catalog.get(name)
        a, b = small[name], large[name]
        if entry is not None and entry.unit.kind is Kind.MONEY and isinstance(a, int | Fraction):
            a = a * size
        if a != b:
            return False
    return True


def grown(policy: Policy, event: AnyEvent, size: int) -> AnyEvent:
    """Return an event with every amount *size* times as large."""
    replace = msgspec.structs.replace

    def terms(said: Terms) -> Terms:
        return {n: _times(policy.issues[n].unit.kind, v, size) for n, v in said.items()}

    def facts(said: Mapping[str, Value]) -> Mapping[str, Value]:
        return {n: _times(policy.deal[n].unit.kind, v, size) for n, v in said.items()}

    def limits(said: Mapping[str, Limits]) -> Mapping[str, Limits]:
        return {
            n: _limits(policy.issues[n].unit.kind if n in policy.issues else Kind.MONEY, v, size)
            for n, v in said.items()
        }

    match event:
        case Open():
            batna = None if event.batna is None else event.batna * size
            return replace(
                event, facts=facts(event.facts), terms=terms(event.terms), limits=limits(event.limits), batna=batna
            )
        case Update():
            batna = None if event.batna is None else event.batna * size
            return replace(event, facts=facts(event.facts), limits=limits(event.limits), batna=batna)
        case Offer():
            return replace(event, terms=terms(event.terms), packages=tuple(terms(p) for p in event.packages))
        case Approve():
            return replace(event, terms=terms(event.terms))
        case Close() if event.terms is not None:
            return replace(event, terms=terms(event.terms))
        case _:
            return event


def _times(kind: Kind, value: Value, size: int) -> Value:
    return value * size if kind is Kind.MONEY and isinstance(value, int) else value


def _limits(kind: Kind, limits: Limits, size: int) -> Limits:
    wish, want, walk = (None if v is None else _times(kind, v, size) for v in (limits.wish, limits.want, limits.walk))
    return Limits(wish, want, walk)
