"""What some deals have exercised of a policy: its rules, the leaves of their conditions, and the edges of these.

A rule is exercised when it fires, a leaf when it was seen true and seen false, an edge when a value was seen on either
side of it with no unit between. The built-in rules are the engine's own matter and are not counted.
"""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from math import prod

import msgspec

from walkaway.decide.core.program import Facts
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Core, Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.language.diagnostics import Span
from walkaway.language.expr.linear import Term, Test, TooComplex, lower, value_of
from walkaway.language.expr.tree import Compare, Leaf, Op, leaves, truth
from walkaway.language.values import Unit, format_value
from walkaway.policy.model import Policy, Rule


class Point(StrEnum):
    """What is to be exercised, once each."""

    FIRED = "fired"
    TRUE = "true"
    FALSE = "false"
    LAST = "last"
    """The last value at which a comparison still holds."""
    PAST = "past"
    """The first value at which it no longer holds."""


class LeafCoverage(msgspec.Struct, frozen=True):
    """What was seen of a leaf.

    Attributes:
        points: All that can be exercised of it.
        edge: The values on either side of where it turns, the one that holds first; empty where they are no one fact's.
    """

    text: str
    span: Span
    points: tuple[Point, ...]
    seen: frozenset[Point]
    edge: tuple[str, ...] = ()


class RuleCoverage(msgspec.Struct, frozen=True):
    """What was seen of a rule."""

    rule: Rule
    fired: bool
    leaves: tuple[LeafCoverage, ...]


class Share(msgspec.Struct, frozen=True):
    """A share: *seen* points out of *of* that there are."""

    seen: int
    of: int

    @property
    def percent(self) -> int:
        """Return the whole percents, rounded down; 100 where there is nothing to see."""
        return 100 * self.seen // self.of if self.of else 100


class Coverage(msgspec.Struct, frozen=True):
    """What was seen of a policy."""

    rules: tuple[RuleCoverage, ...]

    def shares(self) -> Mapping[str, Share]:
        """Return how much was seen of the rules, the leaves and the edges, and in all."""
        points = [(p, p in leaf.seen) for rule in self.rules for leaf in rule.leaves for p in leaf.points]
        fired = [rule.fired for rule in self.rules]
        decided = [seen for p, seen in points if p in (Point.TRUE, Point.FALSE)]
        edges = [seen for p, seen in points if p in (Point.LAST, Point.PAST)]
        named = {"rules": fired, "leaves": decided, "boundaries": edges, "in all": fired + decided + edges}
        return {name: Share(sum(seen), len(seen)) for name, seen in named.items()}


class _Edge(msgspec.Struct, frozen=True):
    """Where a comparison turns: the last value of its term that holds, and which way the next one lies (0: both)."""

    term: Term
    last: int
    way: int


class _Watched(msgspec.Struct, frozen=True):
    leaf: Leaf
    edge: _Edge | None

    @property
    def points(self) -> tuple[Point, ...]:
        return (Point.TRUE, Point.FALSE, *((Point.LAST, Point.PAST) if self.edge else ()))


class Watch:
    """Keeps what evaluations exercise of a policy.

    Attributes:
        engine: To decide with; any number of deals.
    """

    def __init__(self, policy: Policy) -> None:
        self.engine = Engine(policy, Core.PLAIN)
        self.policy = policy
        self.own = {r.id: r for r in policy.rules if not r.built_in}
        self.watched = {name: tuple(map(_watched, leaves(r.condition))) for name, r in self.own.items()}
        self.elsewhere: dict[int, tuple[Rule, tuple[_Watched, ...]]] = {}
        self.fired: set[str] = set()
        self.seen: dict[str, list[set[Point]]] = {n: [set() for _ in w] for n, w in self.watched.items()}

    def record(self, evaluation: Evaluation, before: str = "") -> Decision:
        """Note an evaluation, and return the decision on record of it, as the engine writes it."""
        self.note(evaluation)
        return self.engine.record(evaluation, before)

    def note(self, evaluation: Evaluation) -> None:
        """Note one evaluation: the rules that heard its event, the facts, and which of the rules fired."""
        for number, rule in enumerate(evaluation.rules):
            if rule.id not in self.own:
                continue
            if number in evaluation.fired:
                self.fired.add(rule.id)
            for watched, seen in zip(self.leaves_of(rule), self.seen[rule.id], strict=True):
                if len(seen) < len(watched.points):
                    seen |= self.points(watched, evaluation.facts)

    def leaves_of(self, rule: Rule) -> tuple[_Watched, ...]:
        """Return the leaves of a rule, in a deal of another currency with the policy's amounts converted."""
        if rule is self.own[rule.id]:
            return self.watched[rule.id]
        if id(rule) not in self.elsewhere:
            self.elsewhere[id(rule)] = rule, tuple(map(_watched, leaves(rule.condition)))
        return self.elsewhere[id(rule)][1]

    def points(self, watched: _Watched, facts: Facts) -> set[Point]:
        """Return what *facts* exercise of a leaf; nothing where they leave it unknown."""
        found = truth(watched.leaf, facts)
        if found is None:
            return set()
        points = {Point.TRUE if found else Point.FALSE}
        edge = watched.edge
        at = value_of(edge.term, facts) if edge else None
        if edge is None or at is None:
            return points
        step, apart = self.step(edge.term, facts), Fraction(edge.last - at)
        if edge.way == 0:
            return points | ({Point.LAST} if apart == 0 else {Point.PAST} if abs(apart) <= step else set())
        before = apart * edge.way
        return points | ({Point.LAST} if 0 <= before < step else {Point.PAST} if -step <= before < 0 else set())

    def step(self, term: Term, facts: Facts) -> int:
        """Return how far a term moves when one fact that is not fixed moves by one unit; the least there is."""
        steps = []
        for monomial, factor in term.parts:
            fixed = [a for a in monomial if isinstance(a, str) and self.is_fixed(a)]
            if len(fixed) < len(monomial):
                steps.append(abs(factor * prod(v for a in fixed if isinstance(v := facts[a], int))))
        return min((s for s in steps if s), default=1)

    def shown(self, watched: _Watched) -> tuple[str, ...]:
        """Return the values on either side of a leaf's edge as people write them."""
        edge = watched.edge
        if edge is None or edge.way == 0 or len(edge.term.parts) > 1:
            return ()
        ((monomial, factor),) = edge.term.parts
        if factor != 1 or len(monomial) > 1 or not isinstance(monomial[0], str):
            return ()
        unit = self.unit(monomial[0])
        return format_value(edge.last, unit), format_value(edge.last + edge.way, unit)

    def is_fixed(self, fact: str) -> bool:
        """Return whether a fact stays what it was when the deal opened; so does a table's cell."""
        entry = self.policy.catalog.get(fact)
        return entry is None or entry.fixed

    def unit(self, fact: str) -> Unit:
        """Return the unit of a fact, or of a table's cell."""
        entry = self.policy.catalog.get(fact)
        if entry is not None:
            return entry.unit
        lookup = next(n for n in self.policy.lookups if n.name == fact)
        return self.policy.tables[lookup.table].columns[lookup.column]

    def coverage(self) -> Coverage:
        """Return what was seen so far, rules in the policy's order."""
        found = []
        for name, rule in self.own.items():
            both = zip(self.watched[name], self.seen[name], strict=True)
            leaf = tuple(
                LeafCoverage(w.leaf.text, w.leaf.span, w.points, frozenset(seen), self.shown(w)) for w, seen in both
            )
            found.append(RuleCoverage(rule, name in self.fired, leaf))
        return Coverage(tuple(found))


def _watched(leaf: Leaf) -> _Watched:
    return _Watched(leaf, _edge(leaf) if isinstance(leaf, Compare) else None)


def _edge(leaf: Compare) -> _Edge | None:
    """Return where a comparison turns; none where it turns nowhere."""
    try:
        test = lower(leaf.op, leaf.left, leaf.right)
    except TooComplex:
        return None
    if not isinstance(test, Test):
        return None
    way = {Op.GE: -1, Op.GT: -1, Op.LE: 1, Op.LT: 1}.get(test.op, 0)
    return _Edge(test.term, test.constant - way * (test.op in (Op.GT, Op.LT)), way)
