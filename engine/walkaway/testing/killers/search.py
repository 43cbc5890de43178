"""Search a killing deal for a mutant, at one rule and one leaf of it, from deals that are known."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.budgets import alone
from walkaway.deal.decode import Decoder
from walkaway.deal.position import Position
from walkaway.decide.core.program import Facts
from walkaway.decide.engine import Core, Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent
from walkaway.language.expr.linear import Term, value_of
from walkaway.language.expr.tree import Compare, Condition, Not, leaves
from walkaway.language.values import Kind, Value
from walkaway.policy.model import Policy
from walkaway.testing.killers.inputs import Deal, Input, event_changes, inputs_of, openings
from walkaway.testing.killers.wants import Gap, Want, around, differ, test_of, wants_of
from walkaway.testing.mutants import Mutant, RuleChange

_NEAREST = 6
_ROUNDS = 5
_SMALL = range(1, 9)


class KillingDeal(msgspec.Struct, frozen=True):
    """A killing deal: at its last event the policy and the mutant fire different rules.

    Attributes:
        rule: The rule that fires under exactly one of the two.
        fires: Whether it fires under the policy as it is.
    """

    events: Deal
    rule: str
    fires: bool


class Seen(msgspec.Struct, frozen=True):
    """What the rules saw at the last event of a deal, and the rule that fires under one of the two policies only."""

    deal: Deal
    facts: Facts
    rule: str = ""
    fires: bool = False


class Spent(Exception):
    """The limit of decided deals is reached."""


class _PolicyRun:
    """One of the two policies: evaluates a deal, event by event.

    Args:
        everything: Return every fact of the catalog, and not only those that rules read.
    """

    def __init__(self, policy: Policy, *, everything: bool) -> None:
        self.engine, self.decoder, self.everything = Engine(policy, Core.PLAIN), Decoder(policy), everything
        self.begin()

    def begin(self) -> None:
        """Begin with another deal."""
        self.position: Position | None = None
        self.past: list[AnyEvent] = []

    def evaluate(self, line: bytes) -> Evaluation | None:
        """Evaluate an event; none where it does not fit."""
        event = self.decoder.decode(line).value
        if event is None:
            return None
        try:
            found = self.engine.evaluate(self.position, event, self.past.copy, party=alone(self.engine.policy))
        except Unfit:
            return None
        self.position = found.after
        self.past.append(event)
        return found

    def facts(self, found: Evaluation) -> Facts:
        """Return the facts as an event found them."""
        return self.engine.all_facts(found) if self.everything else found.facts


class Search:
    """Searches a killing deal for one rule in two forms, at the one leaf in which they differ."""

    def __init__(self, policy: Policy, mutant: Mutant, change: RuleChange, tries: int) -> None:
        self.policy, self.mutant, self.change = policy, mutant, change
        self.side = _PolicyRun(policy, everything=bool(mutant.facts))
        self.other = _PolicyRun(mutant.policy, everything=False) if mutant.facts else None
        self.tries = self.left = tries
        self.found: Seen | None = None

    def see(self, deal: Deal) -> Seen | None:
        """Decide a deal; return what the rule saw at its last event, and remember the first difference at any event."""
        if self.left <= 0:
            raise Spent
        self.left -= 1
        found: Evaluation | None = None
        self.side.begin()
        if self.other:
            self.other.begin()
        for number, event in enumerate(deal):
            line = msgspec.json.encode({**event, "id": f"e{number}", "deal": "d"})
            found = self.side.evaluate(line)
            other = self.other.evaluate(line) if self.other else found
            if found is None or other is None:
                return None
            fired = _fired(found)
            told = self.told(found, fired ^ _fired(other))
            if told:
                seen = Seen(deal[: number + 1], self.side.facts(found), told, told in fired)
                self.found = self.found or seen
                return seen
        if found is None or all(r.id != self.change.was.id for r in found.rules):
            return None
        return Seen(deal, self.side.facts(found))

    def told(self, found: Evaluation, apart: frozenset[str]) -> str:
        """Return the rule that fires under exactly one of the two policies; empty where they agree."""
        if self.other:
            return min(apart, key=lambda name: (name != self.change.was.id, name), default="")
        heard = {r.id for r in found.rules}
        return next((c.was.id for c in self.mutant.changes if c.was.id in heard and differ(c, found.facts)), "")

    def find(self, deals: Iterable[Deal]) -> Seen | None:
        """Return a killing deal: one of *deals*, or one reached from the nearest of them by hill climbing."""
        starts: list[tuple[int, int, Seen]] = []
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

    def unmet(self, seen: Seen) -> int:
        """Return the distance to a killing deal: 1 for each leaf that is not as wanted, 2 for one that is unknown."""
        return sum(want.missing(seen.facts) for want in self.wants(seen.facts))

    def wants(self, facts: Facts) -> list[Want | Gap]:
        """Return what must hold for the mutant to show: the leaves around the changed one, then its edge."""
        leaf = self.change.leaf
        if leaf is None:
            return list(wants_of(self.change.was.condition, True, facts))
        others = around(self.change.was.condition, leaf, facts) or ()
        return [*others, Gap(leaf, self.changed_leaf)]

    @cached_property
    def changed_leaf(self) -> Condition:
        """Return what stands where the changed leaf stood."""
        leaf = self.change.leaf
        place = [other is leaf for other in leaves(self.change.was.condition)].index(True)
        changed = list(leaves(self.change.rule.condition))[place]
        return Not(changed) if changed is leaf else changed

    def improve(self, seen: Seen) -> None:
        """Climb: take the change that leaves fewer wants open, else one that meets another want (a sideways step)."""
        for _ in range(_ROUNDS):
            sideways: list[Seen] = []
            open_wants = [w for w in self.wants(seen.facts) if not w(seen.facts)]
            better = next((b for want in open_wants if (b := self.meet(seen, want, sideways))), None)
            found = better or next(iter(sideways), None)
            if found is None or self.found:
                return
            seen = found

    def meet(self, seen: Seen, want: Want | Gap, sideways: list[Seen]) -> Seen | None:
        """Return a changed deal with fewer wants open; add those with as many open that meet *want* to *sideways*."""
        before = self.unmet(seen)
        for changed in self.changed(seen, want):
            unmet = self.unmet(changed)
            if self.found or 0 < unmet < before:  # with nothing unmet, and no difference: another value may make one
                return changed
            if unmet == before and want(changed.facts):
                sideways.append(changed)
        return None

    def changed(self, seen: Seen, want: Want | Gap) -> Iterator[Seen]:
        """Return deals in which one thing is different, values first."""
        for knob in inputs_of(self.policy, seen.deal):
            for value in self.values(seen, knob, want):
                if (found := self.see(knob.turned(seen.deal, value))) is not None:
                    yield found
        for deal in event_changes(self.policy, seen.deal):
            if (found := self.see(deal)) is not None:
                yield found

    def values(self, seen: Seen, knob: Input, want: Want | Gap) -> Iterator[Value]:
        """Return the values of an input that may meet a want: every word of a choice, numbers by the secant method."""
        leaf = want.leaf
        if not isinstance(leaf, Compare):
            reads = leaf.fact
            if reads in knob.facts:
                yield from knob.words()
            return
        if self.other and not knob.unit.is_numeric:  # what a word is worth may count
            yield from knob.words()
        test = test_of(leaf)
        if test is None or not knob.unit.is_numeric or not isinstance(knob.value, int):
            return
        if self.other and knob.place[1] == "facts" and knob.unit.kind is Kind.MONEY:
            yield from _SMALL  # where a unit is much, amounts that rest on this one lie between others
        for goal in want.goals():
            yield from self.solved(seen.deal, knob, knob.value, test.term, goal)

    def solved(self, deal: Deal, knob: Input, start: int, term: Term, goal: int) -> Iterator[Value]:
        """Return values of an input at which a term may come to *goal*, by the secant method: six steps at most."""
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

    def at(self, deal: Deal, knob: Input, value: int, term: Term) -> int | Fraction | None:
        """Return the value of a term with an input at *value*; none where the deal cannot be decided."""
        seen = self.see(knob.turned(deal, value))
        return value_of(term, seen.facts) if seen else None

    def shortened(self, found: Seen) -> KillingDeal:
        """Return the killing deal with every event left out that the difference does not need."""
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
        return KillingDeal(deal, found.rule, found.fires)


def _fired(found: Evaluation) -> frozenset[str]:
    return frozenset(found.rules[i].id for i in found.fired)
