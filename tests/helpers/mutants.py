"""Weaken a rule in every small way: one leaf, one number by a unit, one verdict at a time."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import msgspec

from walkaway import Policy
from walkaway.events import Door, Verdict
from walkaway.language.expr.tree import ALWAYS, NEVER, All, Any, Compare, Condition, Const, Is, Known, Not, Sum
from walkaway.policy.model import Rule
from walkaway.testing.mutants import silenced, toothless, unconditional


class Mutant(NamedTuple):
    """A changed rule, and what was done to it; `coarse` where the whole rule was."""

    what: str
    rule: Rule
    coarse: bool = False


def coarse(rule: Rule) -> Iterator[Mutant]:
    """Return the rule as it never fires, always fires, and decides nothing."""
    yield Mutant("never fires", silenced(rule), True)
    yield Mutant("always fires", unconditional(rule), True)
    if rule.decides:
        yield Mutant("only advises", toothless(rule), True)


def fine(policy: Policy, rule: Rule) -> Iterator[Mutant]:
    """Return the rule with a milder effect, and with each leaf of its condition changed.

    What only guards another leaf (`known(…)`) is left alone: without it the leaf is false all the same.
    """
    if rule.decides:
        yield from _milder(policy, rule)
    for what, condition in _changed(rule.condition):
        yield Mutant(what, msgspec.structs.replace(rule, condition=condition))


def _milder(policy: Policy, rule: Rule) -> Iterator[Mutant]:
    effect = rule.effect
    assert effect.verdict is not None
    if effect.verdict > Verdict.PROCEED:
        milder = list(Verdict)[effect.verdict.rank - 1]
        to = policy.roles[0] if milder is Verdict.ESCALATE else ""
        changed = msgspec.structs.replace(effect, verdict=milder, door=None, to=to)
        yield Mutant(f"answers {milder.value}", msgspec.structs.replace(rule, effect=changed))
    if effect.door is Door.CLOSED:
        changed = msgspec.structs.replace(effect, door=Door.OPEN)
        yield Mutant("leaves the door open", msgspec.structs.replace(rule, effect=changed))
    if effect.to and effect.to != policy.roles[0]:
        changed = msgspec.structs.replace(effect, to=policy.roles[0])
        yield Mutant(f"asks only {policy.roles[0]}", msgspec.structs.replace(rule, effect=changed))


def _changed(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """Return a condition with one leaf changed, each in turn."""
    match condition:
        case All(parts) | Any(parts):
            for i, part in enumerate(parts):
                for what, changed in _changed(part):
                    yield what, type(condition)((*parts[:i], changed, *parts[i + 1 :]))
        case Not(part):
            yield from ((what, Not(changed)) for what, changed in _changed(part))
        case Known():
            return
        case Compare(text=text):
            yield f"`{text}` always holds", ALWAYS
            yield f"`{text}` never holds", NEVER
            for sign, word in ((1, "more"), (-1, "less")):
                unit = Const(Fraction(sign, condition.unit.scale))
                moved = Sum((condition.right, unit))
                yield f"`{text}` with a unit {word}", msgspec.structs.replace(condition, right=moved)
        case Is(text=text, values=values):
            yield f"`{text}` always holds", ALWAYS
            yield f"`{text}` never holds", NEVER
            if len(values) > 1:
                for value in values:
                    kept = tuple(v for v in values if v != value)
                    yield f"`{text}` without {value}", msgspec.structs.replace(condition, values=kept)


GROUND = {
    "policy.yaml": """\
policy: ground
version: 1
side: seller
currency: USD
deal:
  list_price: money
  seats: count
issues:
  discount:
    type: percent
    start: 0%
    worth: -1,000 USD per 1%
    wish: 1%
    want: 8%
    walk: floors[deal.seats].walk
  term: {type: months, start: 12 months, worth: 1% of deal.list_price per month, wish: 24 months}
  support: {one of: {basic: 0 USD, gold: "-4,000 USD", all: "-9,000 USD"}, start: basic, walk: gold}
package: {base: deal.list_price, want: 95% of deal.list_price, walk: 80% of deal.list_price}
tables: {floors: {file: floors.csv, key: seats}}
pattern:
  nibble: {settled: their acceptance, demand: their offer, when: demand.discount > settled.discount}
define:
  cap: 15% of deal.list_price
rules:
  no-nibbling: {why: What is settled stays so., on: their offer, when: pattern.nibble >= 1, then: hold}
  below-the-wish: {why: Begin high., on: our offer, when: offer.discount > wish.discount, then: hold}
  cumulative-cap: {why: Small gives add up., on: our offer, when: give.value + cap > 2 * cap, then: refuse}
""",
    "floors.csv": """\
seats,walk,unread,from
0..49,15%,1%,
50..99,18%,1%,
50..99,17%,1%,2027-01-01
>= 100,20%,1%,
""",
}
"""A policy with something of everything that a mutant can move beside rules, file by file."""

OPENED = {
    "id": "e0",
    "deal": "x",
    "at": "2026-10-05T09:00:00Z",
    "type": "open",
    "facts": {"list_price": "100,000 USD", "seats": 10},
}
TALK = (
    OPENED,
    {"id": "e1", "deal": "x", "at": "2026-10-05T10:00:00Z", "type": "offer", "by": "us", "terms": {"discount": "5%"}},
    {"id": "e2", "deal": "x", "at": "2026-10-05T11:00:00Z", "type": "accept", "by": "them"},
    {"id": "e3", "deal": "x", "at": "2026-10-05T12:00:00Z", "type": "offer", "by": "them", "terms": {"discount": "9%"}},
)
"""A plain deal under it."""
SHORTER = (*TALK[:-1], {**TALK[-1], "terms": {"discount": "9%", "term": "11 months"}})
"""The same deal, where they ask for a shorter term too, so that it is no acceptance at whatever discount."""
