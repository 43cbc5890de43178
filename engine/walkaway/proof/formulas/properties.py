"""Claims about the answers of a policy: the built-in ones, and those under its `prove:`.

A claim is an invariant, refuted by one event, or a 2-safety property, refuted by two offers in one deal or by one deal
at two sizes. Each kind says what would refute it, over any facts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from walkaway.events import BARGAINING, On, Verdict
from walkaway.language.expr.tree import Not, facts_of
from walkaway.policy.model import Claim, Enforcement, Linear, Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.any_deal import Judged, World
from walkaway.proof.formulas.encode import Reader, Sym
from walkaway.proof.formulas.facts import Act
from walkaway.proof.formulas.logic import (
    Number,
    Truth,
    above,
    at_least,
    both,
    either,
    equal,
    every,
    implies,
    less,
    no,
    some,
)

Violation = Callable[[Judged], Truth]


class Property(msgspec.Struct, frozen=True):
    """A claim about a policy's answers.

    Attributes:
        says: In a sentence.
        on: The events it is about.
        applies: Why it does not apply to the policy; empty where it does.
    """

    name: str
    says: str
    on: tuple[On, ...]
    applies: str = ""


class OfOne(Property, frozen=True):
    """An invariant: one event refutes it."""

    violation: Violation = lambda _: False


class OfTwo(Property, frozen=True):
    """A 2-safety property: two offers in the same deal refute it, the second better for us."""


class OfSizes(Property, frozen=True):
    """A 2-safety property: a deal refutes it that gets a milder answer when all its amounts grow in proportion."""


def in_order(ons: frozenset[On]) -> tuple[On, ...]:
    """Return kinds of events in the order of the policy language."""
    return tuple(on for on in On if on in ons)


def properties(policy: Policy) -> tuple[Property, ...]:
    """Return the built-in properties, then the policy's own."""
    every_kind, offers = tuple(On), (On.OUR_OFFER, On.THEIR_OFFER)
    deception = "" if "deception" in policy.signals else "the policy has no signal `deception`"
    return (
        OfOne(
            "nothing-beyond-walk",
            "nothing beyond a walk value proceeds",
            in_order(BARGAINING),
            violation=_beyond_walk,
        ),
        OfOne(
            "no-gift",
            "no concession without a return proceeds",
            (On.OUR_OFFER,),
            violation=_gift,
        ),
        OfOne(
            "deception-closes",
            "confirmed deception always walks with the door closed",
            every_kind,
            deception,
            violation=_deception,
        ),
        OfTwo("better-is-no-worse", "a better offer for us is never answered more severely", offers),
        OfSizes("size-buys-nothing", "a bigger deal never softens a mandatory rule", every_kind),
        OfOne(
            "every-event-answered",
            "every event of every kind gets an answer that rests on nothing unknown",
            every_kind,
            violation=_rests_on_unknown,
        ),
        *(_own(claim) for claim in policy.claims),
    )


def _proceeds(judged: Judged) -> Truth:
    return judged.ruled.is_verdict(Verdict.PROCEED)


def _beyond_walk(judged: Judged) -> Truth:
    """Return the truth that an offer past a walk value, or no better than the BATNA, proceeds."""
    beyond, worth = judged.facts.get("room.beyond_walk"), judged.facts.get("offer.worth")
    batna = judged.facts.get("batna.worth")
    past = both(beyond.known, above(beyond.value, 0))
    beaten = both(batna.known, worth.known, at_least(batna.value, worth.value))
    return both(either(past, beaten), _proceeds(judged))


def _gift(judged: Judged) -> Truth:
    """Return the truth that an offer of ours proceeds which concedes, asks for nothing and repays nothing."""
    give, get = judged.facts.get("give.value"), judged.facts.get("get.value")
    return both(give.known, get.known, above(give.value, 0), at_least(0, get.value), _proceeds(judged))


def _deception(judged: Judged) -> Truth:
    """Return the truth that deception is confirmed and the answer is not to walk for good."""
    return both(above(judged.facts.get("signals.deception").value, 0), no(judged.ruled.closed))


def _rests_on_unknown(judged: Judged) -> Truth:
    """Return the truth that in a prepared deal some rule's condition would change if an unknown fact were known.

    The reader takes a leaf over an unknown fact as false; taken as true it must make no difference.
    """
    bold = _Bold(judged.reader)
    prepared = equal(judged.facts.get("missing.items").value, 0)
    differ = (
        no(logic.same(bold.holds(r.condition), f)) for r, f in zip(judged.ruled.rules, judged.ruled.fires, strict=True)
    )
    return both(prepared, some(differ))


class _Bold(Reader):
    """A reader that takes every leaf over an unknown fact as true."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(reader.facts, reader.products, reader.codes)

    def when_known(self, known: Truth, holds: Truth) -> Truth:
        return implies(known, holds)


def _own(claim: Claim) -> OfOne:
    """Return a claim of the policy's own; over what nobody knows it says nothing."""
    condition = Not(claim.condition) if claim.always else claim.condition

    def violation(judged: Judged) -> Truth:
        return Reader(_WithAnswer(judged), judged.reader.products, judged.reader.codes).holds(condition)

    word = "always" if claim.always else "never"
    return OfOne(claim.name, f"{word}: {claim.text}", in_order(claim.on), violation=violation)


class _WithAnswer:
    """Facts, with the answer itself: `verdict`, `door` and the kind of `event`."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged

    def get(self, name: str) -> Sym:
        ruled = self.judged.ruled
        match name:
            case "verdict":
                return Sym(True, ruled.severity)
            case "door":
                closed, walks = logic.choose(ruled.closed, 1, 0), ruled.reaches[Verdict.WALK.rank]
                return Sym(True, logic.choose(walks, logic.total((1, closed)), 0))
            case "event":
                return Sym(True, list(On).index(self.judged.act.on))
            case _:
                return self.judged.reader.facts.get(name)


# Two offers in one deal


def is_better(policy: Policy, worse: Act, better: Act) -> Truth:
    """Return the truth that an offer is for us at least as good as another on every issue."""
    found = []
    for name, issue in policy.issues.items():
        one, other = worse.terms[name], better.terms[name]
        if isinstance(issue.worth, Linear):
            ahead = logic.times(issue.better, less(other, one))
            found.append(at_least(ahead, 0) if issue.better else equal(one, other))
        elif worse.worths:
            found.append(either(equal(one, other), above(better.worths[name], worse.worths[name])))
        else:
            found.append(equal(one, other))
    return every(found)


def is_more_severe(one: Judged, other: Judged) -> Truth:
    """Return the truth that *other* is answered more severely than *one*."""
    severer = [both(b, no(a)) for a, b in zip(one.ruled.reaches, other.ruled.reaches, strict=True)]
    return some((*severer, both(other.ruled.closed, no(one.ruled.closed))))


def two_offers(world: World, on: On) -> Truth:
    """Return, for every deal, the truth that a better offer is answered more severely."""
    worse = world.act(on, "offer")
    better = msgspec.structs.replace(world.act(on, "better"), now=worse.now, named=worse.named)
    one, other = world.judge(worse), world.judge(better)
    asserted, lifted = world.asserted, (worse.lifted, better.lifted)
    for before, after in ((lifted[0].approved, lifted[1].approved), (lifted[0].waived, lifted[1].waived)):
        for name, covers in before.items():
            asserted.add(implies(covers, after[name]))
    if world.scales is not None:
        for pattern in policy_patterns(world.policy, on):
            for first, second in ((worse, better), (better, worse)):
                leg = world.terms(f"first.{pattern}")
                more = above(second.again[pattern], first.again[pattern])
                joins = both(world.joins(pattern, leg, second), no(world.joins(pattern, leg, first)))
                asserted.add(implies(more, joins))
    asserted.add(is_better(world.policy, worse, better))
    for formula in no_worse(one, other):
        asserted.add(formula)
    return is_more_severe(one, other)


GROWS = {
    "give": -1,
    "give_issues": -1,
    "asked": 1,
    "asked_issues": 1,
    "get": 1,
    "worth": 1,
    "move": 1,
    "move_retracted": -1,
    "move_reopened": -1,
    "beyond_walk": -1,
    "short_of_want": -1,
    "room": 1,
}
"""Path in the catalog → whether its facts grow or fall as an offer gets better for us."""


def no_worse(one: Judged, other: Judged) -> Iterator[Truth]:
    """Return lemmas about the better of two offers, which spare the solver the way through sums and rounding."""
    for a, b in ((other.facts.gain, one.facts.gain), (one.facts.loss, other.facts.loss)):
        yield at_least(a, b)
    policy = one.facts.policy
    for name in sorted({f for r in one.ruled.rules for f in facts_of(r.condition)}):
        way = GROWS.get(policy.catalog[name].path) if name in policy.catalog else None
        before, after = one.facts.get(name), other.facts.get(name)
        if way is not None and before.known is not False:
            yield implies(before.known, at_least(logic.times(way, after.value), logic.times(way, before.value)))


def policy_patterns(policy: Policy, on: On) -> Sequence[str]:
    """Return the patterns whose second leg is an event of a kind."""
    return [p.name for p in policy.patterns if p.second.on is on]


# One deal at two sizes


class Grown:
    """Facts of a deal in which every amount of money is larger in one proportion, the rest as before."""

    def __init__(self, judged: Judged, amounts: Mapping[str, Number]) -> None:
        self.judged, self.amounts = judged, amounts

    def get(self, name: str) -> Sym:
        fact = self.judged.reader.facts.get(name)
        return Sym(fact.known, self.amounts[name]) if name in self.amounts else fact


def softened(policy: Policy, one: Judged, other: Judged) -> Truth:
    """Return the truth that a mandatory rule fires for *one* and not for *other*."""
    pairs = zip(one.ruled.rules, one.ruled.fires, other.ruled.fires, strict=True)
    return some(both(a, no(b)) for rule, a, b in pairs if is_mandatory(rule.enforcement) and rule.effect.severity)


def is_mandatory(enforcement: Enforcement) -> bool:
    """Return whether a rule with it always decides."""
    return enforcement is Enforcement.MANDATORY
