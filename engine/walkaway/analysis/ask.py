"""Ask a solver about all deals at once, and read from its answers where a real deal may be found."""

from collections.abc import Iterator, Sequence

import z3

from walkaway.analysis import logic
from walkaway.analysis.find import Budget, Lead, Scene, openings
from walkaway.analysis.free import Judged, World, solver
from walkaway.analysis.logic import Number, Truth, both, equal, no, total
from walkaway.analysis.unroll import History
from walkaway.analysis.write import Chosen
from walkaway.values import Kind, Value

LONGEST = 6
"""No more events than these lie between the opening and the one judged, in deals that are looked for."""
HISTORIES = 4
"""So many histories of one length are looked into."""


class Asked:
    """A world with its solver, and an event judged in it, where one is enough."""

    def __init__(self, world: World, judged: Judged | None = None) -> None:
        self.world, self.judged = world, judged
        self.solver = solver(world.asserted, 0)
        self.taken = len(world.asserted.formulas)
        self.model: z3.ModelRef | None = None

    def ask(self, question: Truth, budget: Budget) -> z3.CheckSatResult:
        """Tell whether something can hold."""
        fresh = self.world.asserted.formulas[self.taken :]
        self.solver.add(fresh)
        self.taken += len(fresh)
        self.solver.set("timeout", max(1, budget.milliseconds))
        if question is False:
            return z3.unsat
        if not budget.milliseconds:
            return z3.unknown
        self.solver.push()
        if question is not True:
            self.solver.add(question)
        answer = self.solver.check()
        self.model = self.solver.model() if answer == z3.sat else None
        self.solver.pop()
        return answer

    def leads(self, question: Truth, scenes: Sequence[Scene], length: int, budget: Budget) -> Iterator[Lead]:
        """Give where deals of a length may be in which something holds, the likeliest first."""
        state = self.world.state
        left = no(logic.either(state.left_open, state.left_closed))
        asking = both(question, equal(self.length(), length))
        for _ in range(HISTORIES):
            for wish in (both(left, equal(state.missing, 0)), left, True):
                if self.ask(both(asking, wish), budget) == z3.sat:
                    break
            if self.model is None:
                return
            chosen = Chosen(self.model)
            history = self.history(chosen)
            yield Lead(scenes, history, openings(self.world.policy, *self.stated(chosen)))
            asking = both(asking, no(self.has(history)))

    def length(self) -> Number:
        """Give how many events lie behind."""
        ours, theirs = self.world.state.ours, self.world.state.theirs
        counted = (ours.offers, theirs.offers, ours.rejections, theirs.rejections)
        return total((*counted, *self.world.state.signals.values()))

    def history(self, chosen: Chosen) -> History:
        """Give the history of a model."""
        state = self.world.state
        return History(
            chosen.number(state.ours.offers),
            chosen.number(state.theirs.offers),
            chosen.number(state.ours.rejections),
            chosen.number(state.theirs.rejections),
            {k: n for k, v in state.signals.items() if (n := chosen.number(v))},
        )

    def has(self, history: History) -> Truth:
        """Give that a history is this one."""
        state = self.world.state
        return both(
            equal(state.ours.offers, history.ours),
            equal(state.theirs.offers, history.theirs),
            equal(state.ours.rejections, history.our_rejections),
            equal(state.theirs.rejections, history.their_rejections),
            *(equal(v, history.signals.get(k, 0)) for k, v in state.signals.items()),
        )

    def stated(self, chosen: Chosen) -> tuple[dict[str, Value], list[str], int]:
        """Give the deal facts of a model, the required ones that it lacks, and its day."""
        world, guess, without = self.world, {}, []
        for name, fact in world.known.items():
            entry, group = world.policy.catalog.get(name), name.partition(".")[0]
            if entry is None or group not in ("deal", "walk"):
                continue
            is_known = chosen.truth(fact.known)
            if not is_known and self._is_required(name):
                without.append(name)
            if is_known and group == "deal":
                value = world.codes.value(chosen.number(fact.value), entry.unit)
                guess[name] = int(value) if entry.unit.kind is Kind.YES_NO else value
        return guess, without, chosen.number(world.day)

    def _is_required(self, name: str) -> bool:
        group, _, rest = name.partition(".")
        policy = self.world.policy
        if group == "deal":
            return not policy.deal[rest].optional and policy.deal[rest].default is None
        return policy.issues.get(rest, policy.package).per_deal
