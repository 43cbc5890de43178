"""Make deals up under a policy that ships: facts, limits, terms and conduct near what its rules look at.

One source of randomness; the policy is read, never changed. Events are typed, as the decoder gives them.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from walkaway.deal.fold import opening
from walkaway.deal.position import Position
from walkaway.events import Accept, AnyEvent, Limits, Offer, Open, Party, Reject, Signal, Tick, Update
from walkaway.language.values import Kind, Unit, Value
from walkaway.policy import Policy
from walkaway.policy.model import Issue

RULES = Path(__file__).parents[2] / "rules"
SHIPPED = sorted(p for p in RULES.glob("*/*.yaml") if p.name not in ("cases.yaml", "terms.yaml", "limits.yaml"))
"""Every policy that ships and has rules, the sections of a pack as well as the whole of it."""

_SECOND = 1_000_000
_BEGIN = 1_793_620_800 * _SECOND
"""2026-11-02: every policy that ships is in force."""
_PLAIN = {Kind.COUNT: 10, Kind.MONTHS: 60, Kind.DAYS: 120, Kind.DURATION: 40 * 86_400}
"""The most that a fact of these kinds is given."""


def named(path: Path) -> str:
    """Return a short name of a policy's file."""
    return path.parent.name if path.name == "policy.yaml" else f"{path.parent.name}/{path.stem}"


class Deals:
    """Makes deals up under one policy.

    Args:
        size: What the deal is about, in minor units: amounts are of this order. At most half of what may be named.
    """

    def __init__(self, policy: Policy, rng: Random, size: int | None = None) -> None:
        self.policy, self.rng = policy, rng
        issues = [i for i in policy.issues.values() if i.unit.kind is Kind.MONEY]
        most = [i.most // 2 for i in issues if isinstance(i.most, int)]
        self.size = min(size or 100 * rng.randint(10, 999) * 10 ** rng.randint(0, 6), *most, 10**15)
        self.told = 0
        self.now = _BEGIN

    def next(self) -> dict[str, Any]:
        """Return the fields of one more event but for its instant; time moves on."""
        self.told += 1
        self.now += self.rng.choice((1, 60, 3_600, 86_400, 200_000)) * _SECOND
        return {"id": f"e{self.told}", "deal": "D", "at": "2026-11-02T12:00:00Z"}

    def open(self) -> Open:
        """Open a deal that lacks nothing, at our base limits."""
        facts = {
            name: fact.default if fact.default is not None and self.rng.randrange(4) else self.fact(name)
            for name, fact in self.policy.deal.items()
            if not fact.optional or self.rng.randrange(3)
        }
        first = Open(**self.next(), instant=self.now, facts=facts, limits={})
        known = opening(self.policy, first)
        limits = {n: Limits(walk=self.worst(known, i)) for n, i in self.policy.issues.items() if i.per_deal}
        return msgspec.structs.replace(first, limits=limits)

    def fact(self, name: str) -> Value:
        """Return a deal fact a value; those that worths rest on are the deal's size."""
        unit = self.policy.deal[name].unit
        if unit.kind is Kind.MONEY:
            return self.size if f"deal.{name}" in self.policy.fixed else self.size * self.rng.randint(60, 120) // 100
        return self.value(unit)

    def value(self, unit: Unit) -> Value:
        """Return any value of a unit but money."""
        if unit.kind is Kind.YES_NO:
            return self.rng.randrange(2)
        if unit.choices:
            return self.rng.choice(unit.choices)
        if unit.kind is Kind.TEXT:
            return "something"
        return self.rng.randint(0, _PLAIN.get(unit.kind, unit.scale))

    def worst(self, position: Position, issue: Issue) -> Value | None:
        """Return the loosest walk value for an issue: the policy's, or a third worse than the start terms."""
        walk: Value | None = position.known[f"walk.{issue.name}"]
        start = position.start.get(issue.name)
        if walk is not None or not issue.better or not isinstance(start, int):
            return walk
        return start - issue.better * (abs(start) // 3 + issue.unit.scale)

    def limits(self, position: Position) -> dict[str, Limits]:
        """Return limits that a deal may bring: walk values as tight as the base case or tighter, others anywhere."""
        found = {}
        for name, issue in self.policy.issues.items():
            worst, start = self.worst(position, issue), position.start[name]
            if isinstance(worst, int) and isinstance(start, int) and issue.better:
                walk, want, wish = (worst + (start - worst) * self.rng.randint(0, 20) // 20 for _ in range(3))
                better = max if issue.better > 0 else min
                found[name] = Limits(wish, want, better(walk, worst))
        base = position.known["walk.package"]
        least = base if isinstance(base, int) else self.size * 7 // 10
        if self.policy.package.base is not None and position.valuation is not None and position.valuation.base > 0:
            found["package"] = Limits(walk=least + self.size * self.rng.randint(0, 20) // 100)
        return found

    def terms(self, position: Position) -> dict[str, Value]:
        """Return some terms, near the limits where there are some."""
        names = self.rng.sample(list(self.policy.issues), self.rng.randint(1, min(3, len(self.policy.issues))))
        return {n: self.term(position, self.policy.issues[n]) for n in names}

    def term(self, position: Position, issue: Issue) -> Value:
        """Return a value of an issue."""
        worst, start = self.worst(position, issue), position.start[issue.name]
        if isinstance(worst, int) and isinstance(start, int) and issue.better:
            between = worst + (start - worst) * self.rng.randint(-4, 20) // 20
            return between + self.rng.choice((0, 0, 0, 1, -1))
        if isinstance(start, int) and issue.unit.is_numeric:
            return start + self.rng.randint(0, 3) * (_PLAIN.get(issue.unit.kind, issue.unit.scale) // 5)
        return self.value(issue.unit)

    def events(self, position: Position, count: int) -> Iterator[AnyEvent]:
        """Return *count* events after the opening; some may not fit the deal as it then is."""
        for _ in range(count):
            yield self.event(position)

    def event(self, position: Position) -> AnyEvent:
        """Return any event but an opening, an approval or a close."""
        by = self.rng.choice((Party.US, Party.THEM))
        which = self.rng.randrange(20)
        head = self.next()
        if which < 13:
            return Offer(**head, instant=self.now, by=by, terms=self.terms(position))
        if which < 15:
            return Accept(**head, instant=self.now, by=by)
        if which < 17:
            return Reject(**head, instant=self.now, by=by)
        changing = [n for n in self.policy.deal if f"deal.{n}" not in self.policy.fixed]
        if which < 18 and changing:
            name = self.rng.choice(changing)
            return Update(**head, instant=self.now, facts={name: self.fact(name)})
        if which < 19 and self.policy.signals:
            return Signal(**head, instant=self.now, by=Party.THEM, kind=self.rng.choice(self.policy.signals))
        return Tick(**head, instant=self.now)
