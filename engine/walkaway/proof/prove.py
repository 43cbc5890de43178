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
from walkaway.events import On
from walkaway.policy.model import Policy
from walkaway.proof.counterexamples.ask import Asked, Inquiry, alone
from walkaway.proof.counterexamples.find import Budget, Plot, Scene, Witness
from walkaway.proof.counterexamples.pairs import TIMES, Better, Bigger, grown
from walkaway.proof.formulas.any_deal import Preparation
from walkaway.proof.formulas.history import Opening
from walkaway.proof.formulas.logic import Truth
from walkaway.proof.formulas.properties import (
    OfOne,
    OfSizes,
    OfTwo,
    Property,
    in_order,
    properties,
    softened,
    two_offers,
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
        why: Of what is neither proved nor refuted.
        deals: Where it is refuted, the deals that show it: one, or two to be compared.
    """

    name: str
    says: str
    outcome: Outcome
    why: str = ""
    deals: tuple[Witness, ...] = ()


def prove(policy: Policy, clock: Callable[[], float], seconds: float, only: Sequence[str] = ()) -> Iterator[Proof]:
    """Return the outcome for each property, as soon as it is known.

    Args:
        clock: Gives seconds that pass.
        seconds: How long may be spent on each.
        only: The names of those asked for; all, where empty.
    """
    prover = Prover(policy)
    for one in properties(policy):
        if not only or one.name in only:
            yield prover.prove(one, Budget(clock, clock() + seconds), seconds)


class Prover(Inquiry):
    """Proves the properties of one policy; what several need is made once."""

    def prove(self, one: Property, budget: Budget, seconds: float) -> Proof:
        """Return the outcome for one property."""
        if one.applies:
            return Proof(one.name, one.says, Outcome.IDLE, one.applies)
        if not self.can_happen(one.on, budget):
            return Proof(one.name, one.says, Outcome.IDLE, "no event that it is about can happen under this policy")
        doubts, unknown = self.doubts((), partial(self.question, one, precise=False), budget)
        for precise in (False, True):
            doubts, unknown = self.doubts(one.on, partial(self.question, one, precise=precise), budget)
            if not doubts and not unknown:
                return Proof(one.name, one.says, Outcome.PROVED)
            deals = self.show(doubts, partial(self.scenes, one), budget, deals_of(one)) if not precise else None
            if deals is not None:
                return Proof(one.name, one.says, Outcome.REFUTED, deals=deals)
        kinds = ", ".join(in_order(frozenset(d.on for d in doubts) | frozenset(unknown)))
        if not budget.milliseconds:
            why = f"neither a proof nor a counterexample in {seconds:g} s ({kinds})"
        else:
            why = f"positions that refute it cannot be ruled out ({kinds}), and no short deal was found to lead there"
        return Proof(one.name, one.says, Outcome.UNDECIDED, why)

    def question(self, one: Property, on: On, preparation: Preparation, *, precise: bool) -> tuple[Asked, Truth]:
        """Return what would refute a property at an event of a kind, in all deals of a preparation."""
        if isinstance(one, OfTwo):
            world = self.world(preparation, precise=precise)
            violation = two_offers(world, on)
            return Asked(world), violation
        asked = self.asking(on, preparation, precise=precise)
        assert asked.judged is not None
        if isinstance(one, OfSizes):
            other = grown(self.program, asked.judged, asked.world.asserted)
            return asked, softened(self.policy, asked.judged, other)
        assert isinstance(one, OfOne)
        return asked, one.violation(asked.judged)

    def scenes(self, one: Property, on: On) -> list[Scene]:
        """Return the counterexample queries for a property at a kind of event."""
        if isinstance(one, OfTwo):
            return [partial(_better, self.program, on)]
        if isinstance(one, OfSizes):
            return [partial(_bigger, self.program, on, size) for size in TIMES]
        assert isinstance(one, OfOne)
        return [alone(self.program, on, one.violation)]


def deals_of(one: Property) -> int:
    """Return how many deals refute a property."""
    return 1 if isinstance(one, OfOne) else 2


def _better(program: Program, on: On, opening: Opening) -> Plot:
    return Better(program, opening, on)


def _bigger(program: Program, on: On, size: int, opening: Opening) -> Plot:
    return Bigger(program, opening, on, size)
