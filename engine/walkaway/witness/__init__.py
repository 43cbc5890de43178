"""Find a deal in which two forms of a rule differ, beginning from deals that are known: changed value by value.

Every leaf is linear in what an event states, so a value that brings it to its edge is found by the rule of three; a
leaf that no value moves may be moved by one event more or fewer. Whatever is found has been decided, so it is true;
where nothing is found there may still be something.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import msgspec

from walkaway.core.program import Facts, Fired
from walkaway.coverage import Watched, holds
from walkaway.expr.linear import Term, Test, TooComplex, lower, value_of
from walkaway.expr.tree import All, Any, Compare, Condition, Leaf, Not, compare, leaves
from walkaway.mutants import Mutant
from walkaway.policy.model import Policy, Rule
from walkaway.stream import DeadLetter, Stream
from walkaway.values import Value
from walkaway.witness.knobs import Deal, Knob, knobs, openings, otherwise

TRIES = 600
"""So many deals are decided for one mutant."""
_NEAREST = 6


class Witness(msgspec.Struct, frozen=True):
    """A deal whose last event tells two forms of a rule apart.

    Attributes:
        fires: Whether the rule fires as the policy has it; changed, it does the opposite.
    """

    events: Deal
    fires: bool


class _Seen(msgspec.Struct, frozen=True):
    """What the rule saw at the last event of a deal."""

    deal: Deal
    facts: Facts


class _Spent(Exception):
    """Enough deals were decided."""


def fires(condition: Condition, facts: Facts, *, wanted: bool = True) -> bool:
    """Tell whether a condition holds, or fails; a leaf over an unknown fact does neither."""
    match condition:
        case All(parts):
            return (all if wanted else any)(fires(p, facts, wanted=wanted) for p in parts)
        case Any(parts):
            return (any if wanted else all)(fires(p, facts, wanted=wanted) for p in parts)
        case Not(part):
            return fires(part, facts, wanted=not wanted)
        case _:
            return holds(condition, facts) is wanted


def differ(mutant: Mutant, facts: Facts) -> bool:
    """Tell whether the two forms of a rule differ on these facts."""
    return fires(mutant.was.condition, facts) != fires(mutant.rule.condition, facts)


def witness(policy: Policy, mutant: Mutant, deals: Iterable[Deal]) -> Witness | None:
    """Give a deal that tells the two forms of the rule apart, as short as it can be made; none where none was found."""
    search = _Search(policy, mutant)
    try:
        found = search.find(deals)
    except _Spent:
        found = search.found
    return search.shortened(found) if found else None


class _Search:
    def __init__(self, policy: Policy, mutant: Mutant) -> None:
        self.policy, self.mutant = policy, mutant
        self.engine = Watched(policy, self.note)
        self.left = TRIES
        self.noted: list[tuple[Sequence[Rule], Facts]] = []
        self.found: _Seen | None = None

    def note(self, rules: Sequence[Rule], facts: Facts, fired: Fired) -> None:
        self.noted.append((rules, facts))

    def see(self, deal: Deal) -> _Seen | None:
        """Decide a deal; give what the rule saw at its last event, and remember a difference anywhere."""
        if self.left <= 0:
            raise _Spent
        self.left -= 1
        self.noted = []
        stream = Stream(self.engine)
        for number, event in enumerate(deal):
            line = msgspec.json.encode({**event, "id": f"e{number}", "deal": "d"})
            if any(isinstance(answer, DeadLetter) for answer in stream.lines([line], "deal")) or not self.noted:
                return None
            if len(self.noted) != number + 1:
                return None
            rules, facts = self.noted[-1]
            if any(r.id == self.mutant.was.id for r in rules):
                seen = _Seen(deal[: number + 1], facts)
                if differ(self.mutant, facts):
                    self.found = self.found or seen
                    return seen
                if number + 1 == len(deal):
                    return seen
        return None

    def find(self, deals: Iterable[Deal]) -> _Seen | None:
        """Look among the deals and, from those that come closest, one change after another."""
        starts: list[tuple[int, int, _Seen]] = []
        for number, deal in enumerate(openings(self.policy, self.mutant.was, deals)):
            seen = self.see(deal)
            if self.found:
                return self.found
            if seen is not None:
                starts.append((self.unmet(seen), number, seen))
            if self.left < TRIES // 2:
                break
        for _, _, start in sorted(starts, key=lambda s: s[:2])[:_NEAREST]:
            self.improve(start)
            if self.found:
                return self.found
        return None

    def unmet(self, seen: _Seen) -> int:
        """Give how far a deal is from what is wanted; what is not even known is twice as far."""
        return sum(want.missing(seen.facts) for want in self.wants(seen.facts))

    def wants(self, facts: Facts) -> list["_Want | _Gap"]:
        """Give what must hold for the difference to show: the leaves around the changed one, then its edge."""
        leaf = self.mutant.leaf
        if leaf is None:
            return list(_wants(self.mutant.was.condition, True, facts))
        around = _around(self.mutant.was.condition, leaf, facts) or ()
        return [*around, _Gap(leaf, _changed(self.mutant))]

    def improve(self, seen: _Seen) -> None:
        """Meet one want after another, each without losing those already met."""
        for _ in range(4):
            open_wants = [w for w in self.wants(seen.facts) if not w(seen.facts)]
            better = next((b for want in open_wants if (b := self.meet(seen, want, self.unmet(seen)))), None)
            if better is None or self.found:
                return
            seen = better

    def meet(self, seen: _Seen, want: "_Want | _Gap", before: int) -> _Seen | None:
        """Give a changed deal in which a want is met and fewer are open than before."""
        for changed in self.changed(seen, want):
            if self.found:
                return changed
            if self.unmet(changed) < before:
                return changed
        return None

    def changed(self, seen: _Seen, want: "_Want | _Gap") -> Iterator[_Seen]:
        """Give deals in which one thing is different, values first."""
        for knob in knobs(self.policy, seen.deal):
            for value in self.values(seen, knob, want):
                if (found := self.see(knob.turned(seen.deal, value))) is not None:
                    yield found
        for deal in otherwise(self.policy, seen.deal):
            if (found := self.see(deal)) is not None:
                yield found

    def values(self, seen: _Seen, knob: Knob, want: "_Want | _Gap") -> Iterator[Value]:
        """Give the values of a knob that may bring a want about: words all, numbers by the rule of three."""
        leaf = want.leaf
        if not isinstance(leaf, Compare):
            reads = leaf.fact
            if reads in knob.facts:
                yield from knob.words()
            return
        test = _test(leaf)
        if test is None or not knob.unit.is_numeric or not isinstance(knob.value, int):
            return
        for goal in want.goals():
            yield from self.solved(seen.deal, knob, knob.value, test.term, goal)

    def solved(self, deal: Deal, knob: Knob, start: int, term: Term, goal: int) -> Iterator[Value]:
        """Give values of a knob at which a term may come to *goal*, by the rule of three, repeated where it bends."""
        before, value = start, start + knob.step
        was = self.at(deal, knob, before, term)
        for _ in range(6):
            now = self.at(deal, knob, value, term)
            if was is None or now is None or was == now:
                return
            exact = value + Fraction((goal - now) * (value - before), now - was)
            nearest = sorted({exact.numerator // exact.denominator, -(-exact.numerator // exact.denominator)})
            yield from reversed(nearest)
            if value in nearest:
                return
            before, was, value = value, now, nearest[-1]

    def at(self, deal: Deal, knob: Knob, value: int, term: Term) -> int | None:
        """Give what a term comes to with a knob at a value."""
        seen = self.see(knob.turned(deal, value))
        return value_of(term, seen.facts) if seen else None

    def shortened(self, found: _Seen) -> Witness:
        """Leave out every event that the difference does not need."""
        self.left = len(found.deal) ** 2
        deal = found.deal
        number = 1
        while number < len(deal) - 1:
            self.found = None
            shorter = self.see(deal[:number] + deal[number + 1 :])
            if shorter is not None and differ(self.mutant, shorter.facts):
                deal, found = shorter.deal, shorter
            else:
                number += 1
        return Witness(deal, fires(self.mutant.was.condition, found.facts))


class _Want(msgspec.Struct, frozen=True):
    """A leaf that must hold, or must not."""

    leaf: Leaf
    truth: bool

    def __call__(self, facts: Facts) -> bool:
        return holds(self.leaf, facts) is self.truth

    def missing(self, facts: Facts) -> int:
        """Give 0 where it is met, 1 where it is not, 2 where nobody knows."""
        return 0 if self(facts) else 2 if holds(self.leaf, facts) is None else 1

    def goals(self) -> Iterator[int]:
        """Give values of the leaf's term that would do, the nearest to its edge."""
        test = _test(self.leaf)
        if test is not None:
            yield from (v for v in _near(test.constant) if compare(test.op, v, test.constant) is self.truth)


class _Gap(msgspec.Struct, frozen=True):
    """A value at which a leaf and its changed form differ."""

    leaf: Leaf
    changed: Condition
    truth: bool = True

    def __call__(self, facts: Facts) -> bool:
        return fires(self.leaf, facts) != fires(self.changed, facts)

    def missing(self, facts: Facts) -> int:
        """Give 0 where they differ, 1 where they do not, 2 where nobody knows."""
        return 0 if self(facts) else 2 if holds(self.leaf, facts) is None else 1

    def goals(self) -> Iterator[int]:
        """Give values of the leaf's term at which the two differ."""
        one = _test(self.leaf)
        other = _test(self.changed) if isinstance(self.changed, Compare) else None
        if one is None or other is None:
            return
        for value in sorted({*_near(one.constant), *_near(other.constant)}):
            if compare(one.op, value, one.constant) != compare(other.op, value, other.constant):
                yield value


def _near(edge: int) -> tuple[int, ...]:
    return edge, edge - 1, edge + 1


def _test(leaf: Leaf) -> Test | None:
    """Give a comparison as a test of one term."""
    if not isinstance(leaf, Compare):
        return None
    try:
        found = lower(leaf.op, leaf.left, leaf.right)
    except TooComplex:
        return None
    return found if isinstance(found, Test) else None


def _changed(mutant: Mutant) -> Condition:
    """Give what stands where the changed leaf stood."""
    place = [leaf is mutant.leaf for leaf in leaves(mutant.was.condition)].index(True)
    changed = list(leaves(mutant.rule.condition))[place]
    return Not(changed) if changed is mutant.leaf else changed


def _wants(condition: Condition, truth: bool, facts: Facts) -> Iterator[_Want]:
    """Give the leaves that must hold or fail for a condition to; of several ways the one with the fewest open."""
    match condition:
        case Not(part):
            yield from _wants(part, not truth, facts)
        case All(parts) | Any(parts):
            ways = [list(_wants(part, truth, facts)) for part in parts]
            if isinstance(condition, All) is truth:
                yield from (want for way in ways for want in way)
            elif ways:
                yield from min(ways, key=lambda way: sum(not want(facts) for want in way))
        case _:
            yield _Want(condition, truth)


def _around(condition: Condition, leaf: Leaf, facts: Facts) -> list[_Want] | None:
    """Give what must hold for a condition to hang on one of its leaves; none where the leaf is not in it."""
    match condition:
        case Not(part):
            return _around(part, leaf, facts)
        case All(parts) | Any(parts):
            for part in parts:
                inner = _around(part, leaf, facts)
                if inner is not None:
                    others = [p for p in parts if p is not part]
                    return [*inner, *(w for p in others for w in _wants(p, isinstance(condition, All), facts))]
            return None
        case _:
            return [] if condition is leaf else None
