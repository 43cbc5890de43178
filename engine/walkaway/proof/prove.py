"""Prove a policy's properties over all offers and positions, or refute them with a deal that the engine decides so.

First the solver searches an over-approximation, all positions that the constraints admit: no counterexample there is a
proof. What it finds is a lead for bounded model checking of real deals; a counterexample counts once the engine has
answered so. Neither proof nor counterexample: not decided.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial

import msgspec

from walkaway.decide.compiler import Program
from walkaway.events import LESSER, On
from walkaway.policy import above
from walkaway.policy.currencies import in_currency, needs_rate
from walkaway.policy.model import Policy
from walkaway.proof.counterexamples.ask import AnyEvent, Doubt, Inquiry, Question, event_query
from walkaway.proof.counterexamples.find import Counterexample, Query, Scene, TimeLimit
from walkaway.proof.counterexamples.pairs import TIMES, BetterOfferQuery, BiggerDealQuery, OfferTwice, grown
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.any_deal import LEFT_OUT, Preparation
from walkaway.proof.formulas.facts import Case
from walkaway.proof.formulas.history import DealOpening
from walkaway.proof.formulas.hyperproperties import again, softened, steps, two_offers
from walkaway.proof.formulas.properties import (
    OfAgain,
    OfLayers,
    OfOne,
    OfSizes,
    OfSteps,
    OfTwo,
    Property,
    in_order,
    properties,
)


class Outcome(StrEnum):
    """The outcome for a property."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "not decided"
    IDLE = "does not apply"


class Proof(msgspec.Struct, frozen=True):
    """The outcome for one property, and why.

    Attributes:
        says: The property in a sentence.
        why: Of what is neither proved nor refuted; else which rules it says nothing of.
        deals: Where it is refuted, the deals that show it: one, or two to be compared.
        is_out_of_time: Whether it is not decided because its time was over: more may decide it.
    """

    name: str
    says: str
    outcome: Outcome
    why: str = ""
    deals: tuple[Counterexample, ...] = ()
    is_out_of_time: bool = False


def prove(policy: Policy, clock: Callable[[], float], seconds: float, only: Sequence[str] = ()) -> Iterator[Proof]:
    """Return the outcome for each property, as soon as it is known: what one event refutes first, as it takes least.

    Each is given an equal part of the time. What others did not need is shared among those whose part did not do.

    Args:
        clock: Gives seconds that pass.
        seconds: How long may be spent in all.
        only: The names of those asked for; all, where empty.
    """
    logic.forget()
    prover, until = Prover(policy), clock() + seconds
    asked = [one for one in properties(policy) if not only or one.name in only]
    asked.sort(key=lambda one: not isinstance(one, OfOne | OfLayers))
    late: list[tuple[Property, Proof]] = []
    part = seconds / max(len(asked), 1)
    for one in asked:
        found = prover.prove(one, _within(part, clock, until), part)
        if found.is_out_of_time:
            late.append((one, found))
        else:
            yield found
    for place, (one, found) in enumerate(late):
        more = max(until - clock(), 0.0) / (len(late) - place)
        yield prover.prove(one, _within(more, clock, until), more) if more > part else found


def _within(part: float, clock: Callable[[], float], until: float) -> TimeLimit:
    """Return the limit of a part of the time, and of what is left of all."""
    return TimeLimit(clock, min(clock() + part, until))


class Prover(Inquiry):
    """Proves the properties of one policy; what several need is made once."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(policy)
        self.others: dict[str, Prover] = {}
        self.over: Prover | None = None

    def prove(self, one: Property, budget: TimeLimit, seconds: float) -> Proof:
        """Return the outcome for one property: of a policy over others, of each of them and what is above it."""
        if one.applies:
            return Proof(one.name, one.says, Outcome.IDLE, one.applies)
        if isinstance(one, OfLayers):
            return self.layered(one)
        found = self.alone(one, budget, seconds)
        if found.outcome is Outcome.PROVED:
            found = self.elsewhere(one, found, budget)
        upper = self.policy.above
        if upper is None or found.outcome is not Outcome.PROVED:
            return found
        if one.name in {claim.name for claim in self.policy.claims}:
            return self.undecided(one, "proved of this layer; what the layers above answer is not looked at")
        again = next(p for p in properties(upper) if p.name == one.name)
        self.over = self.over or Prover(upper)
        above = self.over.prove(again, budget, seconds)
        if above.outcome in (Outcome.PROVED, Outcome.IDLE):
            return found
        why = f"proved of this layer, and {above.outcome} of `{upper.name}`, as it is above it"
        why = f"{why}: {above.why}" if above.outcome is Outcome.UNDECIDED else why
        return self.undecided(one, why, is_out_of_time=above.is_out_of_time)

    def elsewhere(self, one: Property, found: Proof, budget: TimeLimit) -> Proof:
        """Return the outcome where deals may be in other currencies, of one that is proved in the policy's own.

        It holds in them if no position refutes it at any rate above nothing; with as many decimals they are alike.
        """
        policy, seen = self.policy, {self.policy.money.scale} if not needs_rate(self.policy) else set[int]()
        for code in policy.exchange.accepted[1:] if policy.exchange is not None and not policy.home else ():
            other = in_currency(policy, code)
            if other.money.scale in seen:
                continue
            seen.add(other.money.scale)
            again = next(p for p in properties(other) if p.name == one.name)
            if not self.like(other).holds(again, budget):
                what = f"proved of deals in {policy.currency}, and not of those in {code} at every rate"
                return self.undecided(one, what, is_out_of_time=not budget.milliseconds)
        if policy.exchange is None or policy.home:
            return found
        everywhere = "in every currency, at every rate" if needs_rate(policy) else "in every currency"
        return msgspec.structs.replace(found, why="; ".join(filter(None, (everywhere, found.why))))

    def like(self, policy: Policy) -> "Prover":
        """Return the prover of the policy as it stands in deals of another currency."""
        if policy.currency not in self.others:
            self.others[policy.currency] = Prover(policy)
        return self.others[policy.currency]

    def holds(self, one: Property, budget: TimeLimit) -> bool:
        """Return whether no position refutes a property; whether a deal leads to one is not asked."""
        asked = one.on
        for precise in (False, True):
            doubts, unknown = self.doubts(asked, partial(self.questions, one, precise=precise), budget)
            if not doubts and not unknown:
                return True
            asked = in_order([*(d.on for d in doubts), *unknown])
        return False

    def alone(self, one: Property, budget: TimeLimit, seconds: float) -> Proof:
        """Return the outcome for one property, where no other layer judges."""
        if not self.can_happen(one.on, budget):
            return Proof(one.name, one.says, Outcome.IDLE, "no event that it is about can happen under this policy")
        aside = f"said of all rules but {_listed(one.aside)}" if one.aside else ""
        doubts: list[Doubt] = []
        unknown: list[On] = []
        asked = one.on
        for precise in (False, True):
            doubts, unknown = self.doubts(asked, partial(self.questions, one, precise=precise), budget)
            if not doubts and not unknown:
                left = in_order(on for on in one.on if on in LEFT_OUT)
                if left:
                    return self.undecided(one, f"proved of all but what the formulas leave out: {', '.join(left)}")
                return Proof(one.name, one.says, Outcome.PROVED, aside)
            deals = self.show(doubts, partial(self.scenes, one), budget, deals_of(one)) if not precise else None
            if deals is not None:
                return Proof(one.name, one.says, Outcome.REFUTED, aside, deals=deals)
            asked = in_order([*(d.on for d in doubts), *unknown])  # what is proved stays proved
        kinds = ", ".join(asked)
        if not budget.milliseconds:
            why = f"neither a proof nor a counterexample in {seconds:.3g} s ({kinds})"
            return self.undecided(one, why, is_out_of_time=True)
        ruled = f"positions that refute it cannot be ruled out ({kinds}), and no short deal was found to lead there"
        return self.undecided(one, ruled)

    def undecided(self, one: Property, why: str, *, is_out_of_time: bool = False) -> Proof:
        """Return that a property is neither proved nor refuted."""
        return Proof(one.name, one.says, Outcome.UNDECIDED, why, is_out_of_time=is_out_of_time)

    def layered(self, one: Property) -> Proof:
        """Return the outcome for the claim that no answer is milder than the layers above give.

        They judge every event themselves, in a deal of their own, and the most severe answer stands: that is all there
        is to prove. A layer above that is no policy by itself judges with the one below.
        """
        upper = above(self.policy)
        if upper is None:
            return Proof(one.name, one.says, Outcome.IDLE, "the policy extends no other")
        if self.policy.above is None:
            return self.undecided(one, "what is above is no policy by itself, or adds nothing: nobody else judges")
        return Proof(one.name, one.says, Outcome.PROVED, _JUDGED_TOO)

    def questions(self, one: Property, case: Case, preparation: Preparation, *, precise: bool) -> Iterator[Question]:
        """Return what would refute a property at an event of a kind, in all deals of a preparation."""
        match one:
            case OfTwo():
                for selected in self.cases() if case in _BETTER else ():
                    world = self.world(preparation, precise=precise, selected=selected)
                    first, violation, parts = two_offers(world, case)
                    yield Question(AnyEvent(world, first), violation, parts)
            case OfAgain():
                if case in _SAID:
                    world = self.world(preparation, precise=precise)
                    first, violation, parts = again(world, case, one.aside)
                    yield Question(AnyEvent(world, first), violation, parts)
            case OfSteps():
                for step in _SAID if case in _SAID and preparation is not Preparation.WORTHLESS else ():
                    world = self.world(preparation, precise=precise)
                    first, violation, parts = steps(world, case, step, one.aside)
                    yield Question(AnyEvent(world, first), violation, parts)
            case _:
                asked = self.asking(case, preparation, precise=precise)
                assert asked.judged is not None
                if isinstance(one, OfSizes):
                    other = grown(self.program, asked.judged, asked.world.asserted)
                    yield Question(asked, softened(self.policy, asked.judged, other))
                else:
                    assert isinstance(one, OfOne)
                    yield Question(asked, one.violation(asked.judged))

    def scenes(self, one: Property, case: Case) -> list[Scene]:
        """Return the counterexample queries for a property at a kind of event."""
        match one:
            case OfTwo():
                return [partial(_better, self.program, case)]
            case OfSizes():
                return [partial(_bigger, self.program, case, size) for size in TIMES]
            case OfAgain():
                return [partial(_twice, self.program, case, None, one.aside)]
            case OfSteps():
                return [partial(_twice, self.program, case, step, one.aside) for step in _SAID]
            case _:
                assert isinstance(one, OfOne)
                return [event_query(self.program, case, one.violation)]


_JUDGED_TOO = "the layers above judge every event too, and the most severe answer stands"
_SAID = (Case(On.OUR_OFFER), Case(LESSER), Case(On.OUR_ACCEPTANCE, agrees=True))
_BETTER = (Case(On.OUR_OFFER), Case(LESSER), Case(On.THEIR_OFFER))


def deals_of(one: Property) -> int:
    """Return how many deals refute a property."""
    return 1 if isinstance(one, OfOne) else 2


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)


def _better(program: Program, case: Case, opening: DealOpening) -> Query:
    return BetterOfferQuery(program, opening, case)


def _bigger(program: Program, case: Case, size: int, opening: DealOpening) -> Query:
    return BiggerDealQuery(program, opening, case, size)


def _twice(program: Program, case: Case, step: Case | None, aside: Sequence[str], opening: DealOpening) -> Query:
    return OfferTwice(program, opening, case, step, aside)
