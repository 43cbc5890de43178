"""Claims about the answers of a policy: the built-in ones, and those under its `prove:`.

A claim is an invariant, refuted by one event, or a 2-safety property, refuted by two offers in one deal or by one deal
at two sizes. Each kind says what would refute it, over any facts.
"""

from collections.abc import Callable, Iterable
from functools import partial

import msgspec

from walkaway.decide.compiler import compile_policy
from walkaway.events import BARGAINING, LESSER, OUR_TERMS, On, Verdict
from walkaway.language.expr.tree import Not
from walkaway.policy.model import Claim, Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import Encoder, FactSource, Lifted, Sym, rule
from walkaway.proof.formulas.facts import are_equal
from walkaway.proof.formulas.hyperproperties import SAYING_AGAIN, STEPPING, is_milder, reading
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import (
    Truth,
    above,
    at_least,
    both,
    either,
    equal,
    implies,
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
        aside: Rules of which it says nothing.
    """

    name: str
    says: str
    on: tuple[On, ...]
    applies: str = ""
    aside: tuple[str, ...] = ()


class OfOne(Property, frozen=True):
    """An invariant: one event refutes it."""

    violation: Violation = lambda _: False


class OfTwo(Property, frozen=True):
    """A 2-safety property: two offers in the same deal refute it, the second better for us."""


class OfSizes(Property, frozen=True):
    """A 2-safety property: a deal refutes it that gets a milder answer when all its amounts grow in proportion."""


class OfAgain(Property, frozen=True):
    """A 2-safety property: an offer of ours that was not let through refutes it, and the same offer said again."""


class OfSteps(Property, frozen=True):
    """A 2-safety property: an offer of ours refutes it, and the same offer after another one that was let through."""


class OfLayers(Property, frozen=True):
    """A claim about a policy and the layer above it."""


def in_order(ons: Iterable[On]) -> tuple[On, ...]:
    """Return kinds of events in the order of the policy language."""
    wanted = frozenset(ons)
    return tuple(on for on in On if on in wanted)


def _better(policy: Policy) -> str:
    """Say that better terms may be sent too; where approvals cover values as named, of the same values."""
    named = [f"`{issue.name}`" for issue in policy.issues.values() if issue.as_named and policy.roles]
    same = f", with the same {' and '.join(named)}" if named else ""
    return f"where terms may be sent or accepted, better ones for us may too{same}"


def properties(policy: Policy) -> tuple[Property, ...]:
    """Return the built-in properties, then the policy's own."""
    every_kind, offers, our_terms = tuple(On), (On.OUR_OFFER, On.THEIR_OFFER), in_order(OUR_TERMS)
    said = (On.OUR_OFFER, On.OUR_ACCEPTANCE)
    deception = "" if "deception" in policy.signals else "the policy has no signal `deception`"
    roles = "" if policy.roles else "the policy has no roles, and nobody approves"
    return (
        OfOne(
            "nothing-beyond-walk",
            "nothing beyond a walk value proceeds",
            in_order(BARGAINING),
            violation=_beyond_walk,
        ),
        OfOne("no-gift", "no concession without a return proceeds", our_terms, violation=_gift),
        OfOne(
            "deception-closes",
            "confirmed deception always walks with the door closed",
            every_kind,
            deception,
            violation=_deception,
        ),
        OfAgain(
            "saying-it-again",
            "what was not let through is answered no more mildly when we say it again",
            said,
            aside=reading(policy, SAYING_AGAIN),
        ),
        OfSteps(
            "steps-buy-nothing",
            "after a step that needed no approval nothing we say is answered more mildly than at once",
            said,
            aside=reading(policy, STEPPING),
        ),
        OfOne(
            "agreed-is-agreed",
            "to offer what they offered is to accept it, and to offer less is answered no more mildly",
            (On.OUR_OFFER,),
            violation=partial(_agreed, policy),
        ),
        OfOne(
            "may-accept-means-may-accept",
            "an offer of theirs proceeds only if accepting it would",
            (On.THEIR_OFFER, On.THEIR_ACCEPTANCE),
            violation=_may_accept,
        ),
        OfOne(
            "won-only-when-cleared",
            "a deal is won only by an agreement that was let through, or would be now",
            (On.CLOSE,),
            violation=_won,
        ),
        OfOne(
            "nobody-approves-themselves",
            "no approval counts for terms that its approver, or nobody known, moved",
            in_order(BARGAINING),
            roles,
            violation=partial(_approved, policy),
        ),
        OfLayers("a-layer-only-adds", "no answer is milder than the layer above gives", every_kind),
        OfTwo("better-is-no-worse", _better(policy), offers),
        OfSizes("size-buys-nothing", "a bigger deal never softens a mandatory rule", every_kind),
        OfOne(
            "every-event-answered",
            "every event of every kind gets an answer that rests on nothing unknown",
            every_kind,
            violation=_rests_on_unknown,
        ),
        *(_own(claim) for claim in policy.claims),
    )


def _beyond_walk(judged: Judged) -> Truth:
    """Return the truth that terms past a walk value, or no better than the BATNA, proceed."""
    beyond, worth = judged.facts.get("room.beyond_walk"), judged.facts.get("offer.worth")
    batna = judged.facts.get("batna.worth")
    past = both(beyond.known, above(beyond.value, 0))
    beaten = both(batna.known, worth.known, at_least(batna.value, worth.value))
    return both(either(past, beaten), judged.proceeds)


def _gift(judged: Judged) -> Truth:
    """Return the truth that terms of ours proceed which concede, ask for nothing and repay nothing."""
    give, get = judged.facts.get("give.value"), judged.facts.get("get.value")
    return both(give.known, get.known, above(give.value, 0), at_least(0, get.value), judged.proceeds)


def _deception(judged: Judged) -> Truth:
    """Return the truth that deception is confirmed and the answer is not to walk for good."""
    return both(above(judged.facts.get("signals.deception").value, 0), no(judged.ruled.closed))


def _agreed(policy: Policy, judged: Judged) -> Truth:
    """Return the truth that an offer of ours is their standing offer, or less, and is not heard as accepting it.

    It is answered as an acceptance of its terms by every rule that hears one, and by those that hear offers besides.
    """
    state, act = judged.facts.state, judged.act
    if state.scales is None or act.case.on is not On.OUR_OFFER:
        return False
    if act.case.heard != LESSER:
        same_other = both(equal(act.other, 0), equal(state.other_theirs, 0))
        return both(state.theirs.stands, are_equal(act.terms, state.theirs.standing), same_other)
    rules = policy.once(compile_policy).rules[On.OUR_ACCEPTANCE]
    accepted, _ = rule(rules, judged.facts, _over(judged), act.lifted, state.left_closed)
    return is_milder(accepted, judged.ruled)


def _may_accept(judged: Judged) -> Truth:
    """Return the truth that an offer of theirs proceeds and accepting it would not."""
    if judged.act.case.agrees:
        return False
    return both(judged.proceeds, True if judged.inner is None else no(judged.inner.proceeds))


def _won(judged: Judged) -> Truth:
    """Return the truth that a deal is won by what was not agreed, or neither was let through nor would be now."""
    state, act = judged.facts.state, judged.act
    let = both(state.agreement.cleared, state.agreement.stands)
    let = either(let, judged.inner.proceeds if judged.inner is not None else False)
    return both(equal(act.outcome.value, 0), judged.proceeds, no(both(act.agreed, no(act.differs), let)))


def _approved(policy: Policy, judged: Judged) -> Truth:
    """Return the truth that an answer is milder for an approval by somebody who moved the terms, or may have."""
    act, state = judged.act, judged.facts.state
    rules = policy.once(compile_policy).rules[act.case.heard]
    alone, _ = rule(rules, judged.facts, _over(judged), Lifted(), state.left_closed)
    return both(act.lifted.is_moot, is_milder(alone, judged.heard))


def _over(judged: Judged) -> Callable[[FactSource], Encoder]:
    reader = judged.reader
    return lambda facts: Encoder(facts, reader.products, reader.codes)


def _rests_on_unknown(judged: Judged) -> Truth:
    """Return the truth that in a prepared deal some rule's condition would change if an unknown fact were known.

    The reader takes a leaf over an unknown fact as false; taken as true it must make no difference.
    """
    bold = _Bold(judged.reader)
    prepared = equal(judged.facts.get("missing.items").value, 0)
    differ = (
        no(logic.same(bold.holds(r.condition), f)) for r, f in zip(judged.heard.rules, judged.heard.fires, strict=True)
    )
    return both(prepared, some(differ))


class _Bold(Encoder):
    """A reader that takes every leaf over an unknown fact as true."""

    def __init__(self, reader: Encoder) -> None:
        super().__init__(reader.facts, reader.products, reader.codes)

    def when_known(self, known: Truth, holds: Truth) -> Truth:
        return implies(known, holds)


def _own(claim: Claim) -> OfOne:
    """Return a claim of the policy's own; over what nobody knows it says nothing."""
    condition = Not(claim.condition) if claim.always else claim.condition

    def violation(judged: Judged) -> Truth:
        return Encoder(_WithAnswer(judged), judged.reader.products, judged.reader.codes).holds(condition)

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
