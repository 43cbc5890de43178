"""Prove a policy's properties over all offers and positions, or refute them with a deal that the engine decides so.

First the solver looks for a counterexample among all positions that the constraints let through: none is a proof.
What it finds is sought among real deals, and counts only once the engine has answered one so. Neither: not decided.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial

import msgspec
import z3

from walkaway.analysis.ask import LONGEST, Asked
from walkaway.analysis.find import Alone, Budget, Plot, Scene, Witness, find
from walkaway.analysis.free import Judged, Preparation, World, preparations
from walkaway.analysis.logic import Truth
from walkaway.analysis.plots import TIMES, Better, Bigger, grown
from walkaway.analysis.properties import OfOne, OfSizes, OfTwo, Property, in_order, properties, softened, two_offers
from walkaway.analysis.unroll import Opening
from walkaway.compiler import Program, compile_policy
from walkaway.engine import Engine
from walkaway.events import On
from walkaway.policy.model import Policy


class Outcome(StrEnum):
    """What came of a property."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "not decided"
    IDLE = "does not apply"


class Proof(msgspec.Struct, frozen=True):
    """What came of one property, and why.

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
    """Give for each property what came of it, as it comes.

    Args:
        clock: Gives seconds that pass.
        seconds: How long may be spent on each.
        only: The names of those asked for; all, where empty.
    """
    prover = Prover(policy)
    for one in properties(policy):
        if not only or one.name in only:
            yield prover.prove(one, Budget(clock, clock() + seconds), seconds)


class _Doubt(msgspec.Struct, frozen=True):
    """A kind of event, in deals of one preparation, at which a property may fail."""

    on: On
    asked: Asked
    violation: Truth


class Prover:
    """Proves the properties of one policy; what several need is made once."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.program = policy, compile_policy(policy)
        self.engine = Engine(policy)
        self.asked: dict[tuple[On, Preparation, bool], Asked] = {}

    def prove(self, one: Property, budget: Budget, seconds: float) -> Proof:
        """Give what came of a property."""
        if one.applies:
            return Proof(one.name, one.says, Outcome.IDLE, one.applies)
        if not self.can_happen(one, budget):
            return Proof(one.name, one.says, Outcome.IDLE, "no event that it is about can happen under this policy")
        doubts, unknown = self.doubts(one, budget, precise=False)
        if not doubts and not unknown:
            return Proof(one.name, one.says, Outcome.PROVED)
        deals = self.refute(one, doubts, budget)
        if deals is None:
            doubts, unknown = self.doubts(one, budget, precise=True)
            if not doubts and not unknown:
                return Proof(one.name, one.says, Outcome.PROVED)
        if deals is not None:
            return Proof(one.name, one.says, Outcome.REFUTED, deals=deals)
        kinds = ", ".join(in_order(frozenset(d.on for d in doubts) | frozenset(unknown)))
        if not budget.milliseconds:
            why = f"neither a proof nor a counterexample in {seconds:g} s ({kinds})"
        else:
            why = f"positions that refute it cannot be ruled out ({kinds}), and no short deal was found to lead there"
        return Proof(one.name, one.says, Outcome.UNDECIDED, why)

    def can_happen(self, one: Property, budget: Budget) -> bool:
        """Tell whether there is an event that a property is about: a proof about nothing is none."""
        if not budget.milliseconds:
            return True
        return any(self.asking(on, p).ask(True, budget) != z3.unsat for on in one.on for p in preparations(on))

    def asking(self, on: On, preparation: Preparation, *, precise: bool = False) -> "Asked":
        """Give any event of a kind in all deals of a preparation, and its solver."""
        key = (on, preparation, precise)
        if key not in self.asked:
            world = World(self.program, preparation, precise=precise)
            self.asked[key] = Asked(world, world.judge(world.act(on)))
        return self.asked[key]

    def doubts(self, one: Property, budget: Budget, *, precise: bool) -> tuple[list[_Doubt], list[On]]:
        """Give where a property may fail, and where the solver could not tell."""
        doubts, unknown = [], []
        for on in one.on:
            for preparation in preparations(on):
                asked, violation = self.question(one, on, preparation, precise=precise)
                answer = asked.ask(violation, budget)
                if answer == z3.sat:
                    doubts.append(_Doubt(on, asked, violation))
                elif answer != z3.unsat:
                    unknown.append(on)
        return doubts, unknown

    def question(self, one: Property, on: On, preparation: Preparation, *, precise: bool) -> tuple["Asked", Truth]:
        """Give what would refute a property at an event of a kind, in all deals of a preparation."""
        if isinstance(one, OfTwo):
            world = World(self.program, preparation, precise=precise)
            violation = two_offers(world, on)
            return Asked(world), violation
        asked = self.asking(on, preparation, precise=precise)
        assert asked.judged is not None
        if isinstance(one, OfSizes):
            other = grown(self.program, asked.judged, asked.world.asserted)
            return asked, softened(self.policy, asked.judged, other)
        assert isinstance(one, OfOne)
        return asked, one.violation(asked.judged)

    def refute(self, one: Property, doubts: Sequence[_Doubt], budget: Budget) -> tuple[Witness, ...] | None:
        """Give the shortest deals found that refute a property."""
        leads = (
            lead
            for length in range(LONGEST + 1)
            for doubt in doubts
            for lead in doubt.asked.leads(doubt.violation, self.scenes(one, doubt.on), length, budget)
        )
        return find(leads, [self.engine] * deals_of(one), budget)

    def scenes(self, one: Property, on: On) -> list[Scene]:
        """Give the plots that refute a property at an event of a kind."""
        if isinstance(one, OfTwo):
            return [partial(_better, self.program, on)]
        if isinstance(one, OfSizes):
            return [partial(_bigger, self.program, on, size) for size in TIMES]
        assert isinstance(one, OfOne)
        return [partial(_alone, self.program, on, one.violation)]


def deals_of(one: Property) -> int:
    """Give how many deals refute a property."""
    return 1 if isinstance(one, OfOne) else 2


def _alone(program: Program, on: On, violation: Callable[[Judged], Truth], opening: Opening) -> Plot:
    return Alone(program, opening, on, violation)


def _better(program: Program, on: On, opening: Opening) -> Plot:
    return Better(program, opening, on)


def _bigger(program: Program, on: On, size: int, opening: Opening) -> Plot:
    return Bigger(program, opening, on, size)
