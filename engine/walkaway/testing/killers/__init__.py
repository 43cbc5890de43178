"""Find a deal in which two forms of a rule differ, beginning from deals that are known: changed value by value.

Every leaf is linear in what an event states, so a value that brings it to its edge is found by the rule of three; a
leaf that no value moves may be moved by one event more or fewer. Whatever is found has been decided, so it is true;
where nothing is found there may still be something.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cached_property

import msgspec

from walkaway.deal.letters import DeadLetter
from walkaway.decide.core.program import Facts, Fired
from walkaway.language.expr.linear import Term, Test, TooComplex, lower, value_of
from walkaway.language.expr.tree import All, Any, Compare, Condition, Leaf, Not, compare, leaves
from walkaway.language.values import Kind, Value
from walkaway.policy.model import Policy, Rule
from walkaway.session.stream import Stream
from walkaway.testing.coverage import Watched, holds
from walkaway.testing.killers.inputs import Deal, Knob, knobs, openings, otherwise
from walkaway.testing.killers.reachability import reaching
from walkaway.testing.killers.targets import aims
from walkaway.testing.mutants import Change, Mutant

TRIES = 600
"""So many deals are decided for one mutant, at each leaf where it may show."""
_IN_ALL = 2_400
_NEAREST = 6
_ROUNDS = 5
_SMALL = range(1, 9)


class Witness(msgspec.Struct, frozen=True):
    """A deal whose last event tells a mutant from the policy.

    Attributes:
        rule: The rule that tells: it fires under one of the two.
        fires: Whether it fires under the policy as it is.
    """

    events: Deal
    rule: str
    fires: bool


class _Seen(msgspec.Struct, frozen=True):
    """What the rules saw at the last event of a deal, and the rule that tells the two policies apart there, if any."""

    deal: Deal
    facts: Facts
    rule: str = ""
    fires: bool = False


class _Spent(Exception):
    """Enough deals were decided."""


def fires(condition: Condition, facts: Facts, *, wanted: bool = True) -> bool:
    """Return whether a condition holds, or fails; a leaf over an unknown fact does neither."""
    match condition:
        case All(parts):
            return (all if wanted else any)(fires(p, facts, wanted=wanted) for p in parts)
        case Any(parts):
            return (any if wanted else all)(fires(p, facts, wanted=wanted) for p in parts)
        case Not(part):
            return fires(part, facts, wanted=not wanted)
        case _:
            return holds(condition, facts) is wanted


def differ(change: Change, facts: Facts) -> bool:
    """Return whether the two forms of a rule differ on these facts."""
    return fires(change.was.condition, facts) != fires(change.rule.condition, facts)


def witness(policy: Policy, mutant: Mutant, deals: Iterable[Deal]) -> Witness | None:
    """Return a deal that tells a mutant from the policy, as short as it can be made; none where none was found."""
    known = [deal for start in deals for deal in reaching(policy, mutant, start)]
    left = _IN_ALL
    for change in aims(policy, mutant):
        search = _Search(policy, mutant, change, min(TRIES, left))
        try:
            found = search.find(known)
        except _Spent:
            found = search.found
        if found:
            return search.shortened(found)
        left -= TRIES
        if left <= 0:
            break
    return None


def shortest(policy: Policy, mutant: Mutant, deals: Iterable[Deal]) -> Witness | None:
    """Return the first of some deals that tells a mutant from the policy, as short as it can be made."""
    change = next(iter(aims(policy, mutant)), None)
    for deal in deals if change else ():
        assert change is not None
        search = _Search(policy, mutant, change, TRIES)
        search.see(deal)
        if search.found:
            return search.shortened(search.found)
    return None


class _Desk:
    """One of the two policies: decides deals, event by event, and remembers what its rules saw at the latest."""

    def __init__(self, policy: Policy, *, everything: bool) -> None:
        self.engine = Watched(policy, self.note, everything=everything)
        self.begin()

    def begin(self) -> None:
        """Begin with another deal."""
        self.stream = Stream(self.engine)
        self.noted: tuple[Sequence[Rule], Facts, Fired] | None = None

    def note(self, rules: Sequence[Rule], facts: Facts, fired: Fired) -> None:
        self.noted = rules, facts, fired

    def decide(self, line: bytes) -> tuple[Sequence[Rule], Facts, frozenset[str]] | None:
        """Decide an event; give the rules that heard it, the facts, and who fired; none where it does not fit."""
        self.noted = None
        unfit = any(isinstance(answer, DeadLetter) for answer in self.stream.lines([line], "deal"))
        if unfit or self.noted is None:
            return None
        rules, facts, fired = self.noted
        return rules, facts, frozenset(rules[i].id for i in fired)


class _Search:
    """Looks for a deal in which a mutant shows, at one rule and one leaf of it."""

    def __init__(self, policy: Policy, mutant: Mutant, change: Change, tries: int) -> None:
        self.policy, self.mutant, self.change = policy, mutant, change
        self.desk = _Desk(policy, everything=bool(mutant.facts))
        self.other = _Desk(mutant.policy, everything=False) if mutant.facts else None
        self.tries = self.left = tries
        self.found: _Seen | None = None

    def see(self, deal: Deal) -> _Seen | None:
        """Decide a deal; give what the rule saw at its last event, and remember a difference anywhere."""
        if self.left <= 0:
            raise _Spent
        self.left -= 1
        rules: Sequence[Rule] = ()
        facts: Facts = {}
        self.desk.begin()
        if self.other:
            self.other.begin()
        for number, event in enumerate(deal):
            line = msgspec.json.encode({**event, "id": f"e{number}", "deal": "d"})
            decided = self.desk.decide(line)
            other = self.other.decide(line) if self.other else decided
            if decided is None or other is None:
                return None
            rules, facts, fired = decided
            told = self.told(rules, facts, fired ^ other[2])
            if told:
                seen = _Seen(deal[: number + 1], facts, told, told in fired)
                self.found = self.found or seen
                return seen
        return _Seen(deal, facts) if any(r.id == self.change.was.id for r in rules) else None

    def told(self, rules: Sequence[Rule], facts: Facts, apart: frozenset[str]) -> str:
        """Return the rule that tells the two policies apart; none where they agree."""
        if self.other:
            return min(apart, key=lambda name: (name != self.change.was.id, name), default="")
        heard = {r.id for r in rules}
        return next((c.was.id for c in self.mutant.changes if c.was.id in heard and differ(c, facts)), "")

    def find(self, deals: Iterable[Deal]) -> _Seen | None:
        """Look among the deals and, from those that come closest, one change after another."""
        starts: list[tuple[int, int, _Seen]] = []
        for number, deal in enumerate(openings(self.policy, self.change.was, deals)):
            seen = self.see(deal)
            if self.found:
                return self.found
            if seen is not None:
                starts.append((self.unmet(seen), number, seen))
            if self.left < self.tries // 2:
                break
        for _, _, start in sorted(starts, key=lambda s: s[:2])[:_NEAREST]:
            self.improve(start)
            if self.found:
                return self.found
        return None

    def unmet(self, seen: _Seen) -> int:
        """Return how far a deal is from what is wanted; what is not even known is twice as far."""
        return sum(want.missing(seen.facts) for want in self.wants(seen.facts))

    def wants(self, facts: Facts) -> list["_Want | _Gap"]:
        """Return what must hold for the difference to show: the leaves around the changed one, then its edge."""
        leaf = self.change.leaf
        if leaf is None:
            return list(_wants(self.change.was.condition, True, facts))
        around = _around(self.change.was.condition, leaf, facts) or ()
        return [*around, _Gap(leaf, self.changed_leaf)]

    @cached_property
    def changed_leaf(self) -> Condition:
        """Return what stands where the changed leaf stood."""
        leaf = self.change.leaf
        place = [other is leaf for other in leaves(self.change.was.condition)].index(True)
        changed = list(leaves(self.change.rule.condition))[place]
        return Not(changed) if changed is leaf else changed

    def improve(self, seen: _Seen) -> None:
        """Meet one want after another, if need be at the cost of another one, which is then to be met again."""
        for _ in range(_ROUNDS):
            sideways: list[_Seen] = []
            open_wants = [w for w in self.wants(seen.facts) if not w(seen.facts)]
            better = next((b for want in open_wants if (b := self.meet(seen, want, sideways))), None)
            found = better or next(iter(sideways), None)
            if found is None or self.found:
                return
            seen = found

    def meet(self, seen: _Seen, want: "_Want | _Gap", sideways: list[_Seen]) -> _Seen | None:
        """Return a changed deal with fewer wants open; note those with as many as before that met this one."""
        before = self.unmet(seen)
        for changed in self.changed(seen, want):
            unmet = self.unmet(changed)
            if self.found or 0 < unmet < before:  # with nothing unmet, and no difference: another value may make one
                return changed
            if unmet == before and want(changed.facts):
                sideways.append(changed)
        return None

    def changed(self, seen: _Seen, want: "_Want | _Gap") -> Iterator[_Seen]:
        """Return deals in which one thing is different, values first."""
        for knob in knobs(self.policy, seen.deal):
            for value in self.values(seen, knob, want):
                if (found := self.see(knob.turned(seen.deal, value))) is not None:
                    yield found
        for deal in otherwise(self.policy, seen.deal):
            if (found := self.see(deal)) is not None:
                yield found

    def values(self, seen: _Seen, knob: Knob, want: "_Want | _Gap") -> Iterator[Value]:
        """Return the values of a knob that may bring a want about: words all, numbers by the rule of three."""
        leaf = want.leaf
        if not isinstance(leaf, Compare):
            reads = leaf.fact
            if reads in knob.facts:
                yield from knob.words()
            return
        if self.other and not knob.unit.is_numeric:  # what a word is worth may count
            yield from knob.words()
        test = _test(leaf)
        if test is None or not knob.unit.is_numeric or not isinstance(knob.value, int):
            return
        if self.other and knob.place[1] == "facts" and knob.unit.kind is Kind.MONEY:
            yield from _SMALL  # where a unit is much, amounts that rest on this one lie between others
        for goal in want.goals():
            yield from self.solved(seen.deal, knob, knob.value, test.term, goal)

    def solved(self, deal: Deal, knob: Knob, start: int, term: Term, goal: int) -> Iterator[Value]:
        """Return values of a knob at which a term may come to *goal*, by the rule of three, repeated where it bends."""
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
        """Return what a term comes to with a knob at a value."""
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
            if shorter is not None and shorter.rule:
                deal, found = shorter.deal, shorter
            else:
                number += 1
        return Witness(deal, found.rule, found.fires)


class _Want(msgspec.Struct, frozen=True):
    """A leaf that must hold, or must not."""

    leaf: Leaf
    truth: bool

    def __call__(self, facts: Facts) -> bool:
        return holds(self.leaf, facts) is self.truth

    def missing(self, facts: Facts) -> int:
        """Return 0 where it is met, 1 where it is not, 2 where nobody knows."""
        return 0 if self(facts) else 2 if holds(self.leaf, facts) is None else 1

    def goals(self) -> Iterator[int]:
        """Return values of the leaf's term that would do, the nearest to its edge."""
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
        """Return 0 where they differ, 1 where they do not, 2 where nobody knows."""
        return 0 if self(facts) else 2 if holds(self.leaf, facts) is None else 1

    def goals(self) -> Iterator[int]:
        """Return values of the leaf's term at which the two differ."""
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
    """Return a comparison as a test of one term."""
    if not isinstance(leaf, Compare):
        return None
    try:
        found = lower(leaf.op, leaf.left, leaf.right)
    except TooComplex:
        return None
    return found if isinstance(found, Test) else None


def _wants(condition: Condition, truth: bool, facts: Facts) -> Iterator[_Want]:
    """Return the leaves that must hold or fail for a condition to; of several ways the one with the fewest open."""
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
    """Return what must hold for a condition to hang on one of its leaves; none where the leaf is not in it."""
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
