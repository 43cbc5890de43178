"""Deals made up under any policy: events as the decoder gives them, with values at what its rules and limits test."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import product
from math import ceil, floor
from random import Random
from typing import Any

from walkaway.deal.position import Position
from walkaway.deal.valuation import open_deal
from walkaway.events import (
    OUTCOMES,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Limits,
    Offer,
    Open,
    Party,
    Reject,
    Revoke,
    Signal,
    Terms,
    Tick,
    Update,
    Void,
    Withdraw,
)
from walkaway.language.expr.tree import Compare, Condition, Const, Is, leaves
from walkaway.language.instants import DAY
from walkaway.language.values import LIMIT, Kind, Unit, Value
from walkaway.policy.model import Issue, Policy

SECOND = 1_000_000
PAUSES = (0, 0, 1, 1, 59, 60, 3_600, 86_399, 86_400, 86_401, 7 * 86_400)
ACTORS = ("ann", "ann", "bo", "Ann ")
APPROVERS = ("ann", "dee", "eve")
PRICES = (1, 3, 40, 700, 10_000, 10_000_000, 9_999_933, 10**14)
"""Amounts in minor units, from the smallest to the largest that people name."""
OPENED = 20_380
"""The day on which deals open where nothing in the policy rests on days: 2025-10-19."""
ENOUGH = 2**44


def text_of(instant: int) -> str:
    """Write an instant as events do."""
    return datetime.fromtimestamp(instant / SECOND, UTC).isoformat().replace("+00:00", "Z")


class Dealer:
    """Makes up deals under one policy.

    Args:
        beside: Policies whose constants and limits are tried too.
    """

    def __init__(self, policy: Policy, rng: Random, beside: Sequence[Policy] = ()) -> None:
        self.policy, self.rng = policy, rng
        self.met: dict[Kind, list[int]] = {}
        self.limits: dict[str, set[int]] = {}
        conditions = [c for one in (policy, *beside) for c in conditions_of(one)]
        for one in beside:
            for issue in one.issues.values():
                ends = [at for at in (issue.wish, issue.want, issue.walk) if isinstance(at, int)]
                self.limits.setdefault(issue.name, set()).update(ends)
        for leaf in dict.fromkeys(leaf for c in conditions for leaf in leaves(c)):
            match leaf:
                case Compare(left=left, right=right, unit=unit):
                    for side in (left, right):
                        if isinstance(side, Const):
                            self.met.setdefault(unit.kind, []).append(floor(side.value * unit.scale))
                case _:
                    pass
        self.days = sorted({row.since for t in policy.tables.values() for row in t.rows if row.since is not None})
        self.texts = sorted({v for r in policy.rules for one in leaves(r.condition) if isinstance(one, Is)
                             for v in one.values if isinstance(v, str)}) or ["ann"]  # fmt: skip
        self.begin()

    def begin(self) -> None:
        """Begin another deal."""
        self.count, self.now = 0, 0
        self.pools: dict[str, list[Value]] = {}
        self.sent: list[AnyEvent] = []

    def head(self, pause: int | None = None) -> dict[str, Any]:
        """Return the fields that every event has, a while after the last one."""
        self.count += 1
        self.now += (self.rng.choice(PAUSES) if pause is None else pause) * SECOND
        return {"id": f"e{self.count}", "deal": "D", "at": text_of(self.now), "instant": self.now}

    # Values

    def fact(self, name: str) -> Value:
        """Return a value of a deal fact: at what a table or a rule tells apart, where one does."""
        fact, rng = self.policy.deal[name], self.rng
        unit = fact.unit
        if unit.choices:
            return rng.choice(unit.choices)
        if unit.kind is Kind.YES_NO:
            return rng.randrange(2)
        if unit.kind is Kind.TEXT:
            return rng.choice(self.texts)
        pool = list(PRICES) if unit.kind is Kind.MONEY else [0, 1, 9, 10, 49, 50, unit.scale, 12 * unit.scale]
        if unit.kind is not Kind.MONEY:
            pool += self.met.get(unit.kind, [])
        if unit.kind is Kind.MONEY:
            pool += [100_000 * unit.scale] * 4
        for table in self.policy.tables.values():
            if name in table.keys:
                ends = [row.keys[table.keys.index(name)] for row in table.rows]
                pool += [e for r in ends if isinstance(r, tuple) for e in r if e is not None]
        value = rng.choice(pool) + (rng.choice((0, 0, 1, -1)) if unit.kind is not Kind.MONEY else 0)
        return within(value if unit.kind is Kind.NUMBER else max(value, 0), fact.least, fact.most)

    def pool(self, issue: Issue, position: Position) -> list[Value]:
        """Return values of an issue that mean something: start, limits, constants of rules, one unit to either side."""
        if issue.name not in self.pools:
            self.pools[issue.name] = self._pool(issue, position)
        return self.pools[issue.name]

    def _pool(self, issue: Issue, position: Position) -> list[Value]:
        unit = issue.unit
        if unit.choices:
            return list(unit.choices)
        if unit.kind is Kind.YES_NO:
            return [0, 1]
        begin = position.start.get(issue.name)
        start = begin if isinstance(begin, int) else 0
        step = max(1, unit.scale)
        found = [start, start + step, start - step, start + 7 * step, start - 7 * step, 0]
        for threshold in ("walk", "want", "wish"):
            at = position.known.get(f"{threshold}.{issue.name}")
            if isinstance(at, int | Fraction):
                found += [floor(at), ceil(at), floor(at) - issue.better, floor(at) + issue.better]
        for constant in (*self.met.get(unit.kind, []), *sorted(self.limits.get(issue.name, ()))):
            found += [constant, constant + 1, constant - 1]
        return [within(v, issue.least, issue.most) for v in found if abs(v) < ENOUGH]

    def value(self, issue: Issue, position: Position) -> Value:
        """Return a value of an issue, now and then one that somebody has named."""
        rng = self.rng
        if issue.values:
            return rng.choice(issue.values)
        said = rng.randrange(5)
        if said < 2:
            return (position.ours, position.theirs)[said].standing.get(issue.name) or rng.choice(
                self.pool(issue, position)
            )
        value = rng.choice(self.pool(issue, position))
        if isinstance(value, int) and issue.unit.is_numeric and rng.randrange(3) == 0:
            value = within(value + rng.choice((1, -1, issue.unit.scale, -issue.unit.scale)), issue.least, issue.most)
        return value

    def terms(self, position: Position) -> dict[str, Value]:
        """Return terms that name some issues."""
        issues = list(self.policy.issues.values())
        chosen = self.rng.sample(issues, self.rng.randint(1, len(issues)))
        return {i.name: self.value(i, position) for i in chosen if not i.is_shadow}

    def money(self) -> int:
        """Return an amount of the package's size."""
        known = self.opened.known.get("deal.list_price") if self.opened is not None else None
        price = known if isinstance(known, int) else 100_000
        return price * self.rng.choice((0, 50, 80, 97, 99, 100, 101)) // 100 + self.rng.choice((0, 1, -1))

    # Events

    opened: Position | None = None

    def opening(self) -> Open:
        """Open a deal, which mostly lacks nothing."""
        self.begin()
        rng, policy = self.rng, self.policy
        days = [d + off for d in self.days for off in (-1, 0, 1)] or [OPENED]
        first, last = policy.effective
        days = [d for d in days if (first is None or d >= first) and (last is None or d <= last)] or [first or OPENED]
        self.now = rng.choice(days) * DAY + rng.choice((0, 1, DAY // 2, DAY - SECOND))
        lacks = rng.randrange(8) == 0
        facts = {
            n: self.fact(n)
            for n, f in policy.deal.items()
            if (rng.randrange(2) if f.optional or f.default is not None else not lacks or rng.randrange(3))
        }
        limits: dict[str, Limits] = {}
        day = policy.day_of(self.now)
        opened = open_deal(policy, facts, {}, None, day)
        for name, issue in policy.issues.items():
            start = opened.start and opened.start.get(name)
            if issue.per_deal and (rng.randrange(12) or not lacks):
                limits[name] = Limits(walk=self._walk(issue, start))
            elif issue.better and rng.randrange(12) == 0:
                walk = opened.known.get(f"walk.{name}")
                if isinstance(walk, int):
                    limits[name] = Limits(walk=walk + issue.better * rng.randint(0, 2) * issue.unit.scale)
        if policy.package.per_deal and rng.randrange(12):
            limits["package"] = Limits(walk=self.money())
        batna = self.money() if rng.randrange(8) == 0 else None
        return Open(**self.head(0), facts=facts, limits=limits, batna=batna, actor=rng.choice(ACTORS))

    def _walk(self, issue: Issue, start: Value | None) -> Value:
        if issue.unit.choices:
            return self.rng.choice(issue.unit.choices)
        if issue.unit.kind is Kind.YES_NO:
            return self.rng.randrange(2)
        begin = start if isinstance(start, int) else 0
        return within(begin - issue.better * self.rng.randint(0, 20) * issue.unit.scale, issue.least, issue.most)

    def event(self, position: Position, past: list[AnyEvent]) -> AnyEvent:
        """Return something that may happen next; it need not fit."""
        which = self.rng.choices(KINDS, WEIGHTS)[0]
        made: AnyEvent = getattr(self, which)(position, past)
        return made

    def by(self) -> dict[str, Any]:
        by = self.rng.choice((Party.US, Party.THEM))
        return {"by": by, "actor": self.rng.choice(ACTORS) if by is Party.US and self.rng.randrange(9) else ""}

    def offer(self, position: Position, _: list[AnyEvent]) -> AnyEvent:
        rng, more = self.rng, {}
        if rng.randrange(16) == 0:
            more["until"] = self.now + rng.choice((1, 86_400, 8 * 86_400)) * SECOND
        if rng.randrange(24) == 0:
            more["packages"] = (self.terms(position), self.terms(position))
        elif rng.randrange(24) == 0:
            more["other"] = {"exclusivity": rng.choice(("one year", None))}
        if rng.randrange(24) == 0:
            more["final"] = True
        return Offer(**self.head(), **self.by(), terms=self.terms(position), **more)

    def equal(self, position: Position, past: list[AnyEvent]) -> AnyEvent:
        """Say what the other side said last, or a little less of it."""
        by = self.by()
        said = dict(position.side(by["by"].other).standing)
        terms = {n: said[n] for n, i in self.policy.issues.items() if not i.is_shadow and n in said}
        if not terms:
            return self.tick(position, past)
        if self.rng.randrange(3) == 0:
            issue = self.policy.issues[self.rng.choice(list(terms))]
            terms[issue.name] = self.value(issue, position)
        return Offer(**self.head(), **by, terms=terms)

    def accept(self, position: Position, _: list[AnyEvent]) -> AnyEvent:
        by = self.by()
        other = position.side(by["by"].other)
        issues: tuple[str, ...] = ()
        if self.rng.randrange(4) == 0 and other.first:
            issues = (self.rng.choice(sorted(other.first)),)
        package = self.rng.randint(1, len(other.packages)) if other.packages else 0
        return Accept(**self.head(), **by, issues=issues, package=package)

    def reject(self, _: Position, __: list[AnyEvent]) -> AnyEvent:
        return Reject(**self.head(), **self.by())

    def withdraw(self, _: Position, __: list[AnyEvent]) -> AnyEvent:
        return Withdraw(**self.head(), **self.by())

    def tick(self, _: Position, __: list[AnyEvent]) -> AnyEvent:
        return Tick(**self.head())

    def signal(self, position: Position, past: list[AnyEvent]) -> AnyEvent:
        if not self.policy.signals:
            return self.tick(position, past)
        kind, sure = self.rng.choice(self.policy.signals), bool(self.rng.randrange(3))
        return Signal(**self.head(), by=self.rng.choice(tuple(Party)), kind=kind, confirmed=sure)

    def update(self, position: Position, past: list[AnyEvent]) -> AnyEvent:
        rng, policy = self.rng, self.policy
        moving = [n for n in policy.deal if f"deal.{n}" not in policy.fixed]
        more: dict[str, Any] = {}
        if moving and rng.randrange(3):
            name = rng.choice(moving)
            more["facts"] = {name: self.fact(name)}
        elif rng.randrange(3) == 0:
            more["batna"] = self.money()
        else:
            limited = [i for i in policy.issues.values() if not i.is_shadow]
            issue = rng.choice(limited)
            walk = position.known.get(f"walk.{issue.name}")
            if not isinstance(walk, int) or not issue.better:
                return self.tick(position, past)
            more["limits"] = {issue.name: Limits(walk=walk + rng.choice((-1, 1, 1)) * issue.unit.scale)}
        return Update(**self.head(), actor=rng.choice(ACTORS), **more)

    def approve(self, position: Position, past: list[AnyEvent]) -> AnyEvent:
        rng, policy = self.rng, self.policy
        if not policy.roles:
            return self.tick(position, past)
        more: dict[str, Any] = {}
        role = rng.choice(policy.roles)
        asked = [e.id for e in past if isinstance(e, Void | Update)]
        if asked and rng.randrange(3) == 0:
            return Approve(**self.head(), approver=rng.choice(APPROVERS), role=policy.roles[-1], of=rng.choice(asked))
        ranks = policy.ranks
        mine = [r.id for r in policy.rules if r.enforcement == "overridable" and ranks[r.by] <= ranks[role]]
        if mine and rng.randrange(2):
            more = {"override": (rng.choice(mine),), "reason": "so", "until": self.now + 30 * 86_400 * SECOND}
        elif rng.randrange(4) == 0:
            more = {"until": self.now + rng.choice((60, 86_400)) * SECOND}
        said = [position.ours.standing, position.theirs.standing]
        known = {n for n, i in policy.issues.items() if not i.is_shadow}
        terms: Terms = {n: v for n, v in rng.choice(said).items() if n in known}
        if rng.randrange(3) == 0:
            terms = self.terms(position)
        return Approve(**self.head(), approver=rng.choice(APPROVERS), role=role, terms=terms, **more)

    def revoke(self, position: Position, past: list[AnyEvent]) -> AnyEvent:
        if not position.approvals:
            return self.tick(position, past)
        one = self.rng.choice(position.approvals)
        return Revoke(**self.head(), approver=one.approver, of=one.id)

    def void(self, _: Position, past: list[AnyEvent]) -> AnyEvent:
        return Void(**self.head(), of=self.rng.choice(past).id, reason="a slip", actor=self.rng.choice(ACTORS))

    def close(self, position: Position, _: list[AnyEvent]) -> AnyEvent:
        more: dict[str, Any] = {}
        if position.agreement is not None and self.rng.randrange(3) == 0:
            more["terms"] = {n: v for n, v in position.agreement.terms.items() if not self.policy.issues[n].is_shadow}
        return Close(**self.head(), outcome=self.rng.choice((*OUTCOMES, "won", "won")), **more)


def conditions_of(policy: Policy) -> list[Condition]:
    """Return every condition of a policy."""
    return [one.condition for one in (*policy.rules, *policy.claims, *policy.patterns)]


KINDS = ("offer", "equal", "accept", "reject", "withdraw", "tick", "signal", "update", "approve", "revoke", "void",
         "close")  # fmt: skip
WEIGHTS = (50, 10, 12, 4, 3, 3, 4, 6, 10, 1, 2, 3)


def within(value: int, least: int | None, most: int | None) -> int:
    """Return a value drawn to its ends."""
    value = value if least is None else max(value, least)
    value = value if most is None else min(value, most)
    return max(-LIMIT, min(LIMIT, value))


def better_values(issue: Issue, value: Value, worth: Mapping[Value, int] | int | None) -> Iterator[Value]:
    """Return values of an issue that are better for us than one: the next, and some further on."""
    if issue.unit.is_numeric and isinstance(value, int):
        for far, scale in product((1, 5), (1, issue.unit.scale)):
            moved = within(value + issue.better * far * scale, issue.least, issue.most)
            if issue.better and moved != value:
                yield moved
    elif isinstance(worth, Mapping):
        yield from (v for v, w in worth.items() if w > worth[value])


def unit_of(policy: Policy, name: str) -> Unit:
    """Return the unit of an issue, or of the package."""
    return policy.issues[name].unit if name in policy.issues else policy.money
