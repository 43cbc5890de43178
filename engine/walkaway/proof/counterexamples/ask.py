"""Ask the solver about all deals at once, and read from its models where bounded model checking should look."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import msgspec
import z3

from walkaway.decide.compiler import Program, compile_policy
from walkaway.decide.engine import Engine
from walkaway.events import On
from walkaway.language.values import Kind, Value
from walkaway.policy.model import Policy
from walkaway.proof.counterexamples.find import (
    STEPS_A_LEAD,
    Counterexample,
    EventQuery,
    Lead,
    Scene,
    TimeLimit,
    find,
    openings,
)
from walkaway.proof.counterexamples.write import Model
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.any_deal import AnyDeal, Preparation, cases_of, preparations, solver
from walkaway.proof.formulas.facts import Case
from walkaway.proof.formulas.history import DealOpening, EarlierEvents
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import Number, Truth, both, equal, less, no, no_less_than_0, total

LONGEST = 6
"""The bound: events at most between the opening and the one judged, in deals that are searched."""
HISTORIES = 4
"""Histories at most that are tried for one length."""


class Jointly(msgspec.Struct, frozen=True):
    """Truths that hold together, while others do not."""

    holds: tuple[Truth, ...]
    fails: tuple[Truth, ...] = ()

    @property
    def truth(self) -> Truth:
        """Return it as one truth."""
        return both(*self.holds, *map(no, self.fails))


class AnyEvent:
    """A solver that assumes all of a world, and one event judged in it.

    Attributes:
        named: By the identity of a truth, and whether it is to hold → it, and the name under which that is asserted.
    """

    def __init__(self, world: AnyDeal, judged: Judged | None = None, case: Case | None = None) -> None:
        self.world, self.judged = world, judged
        self.case = case if judged is None else judged.act.case
        self.solver = solver(world.asserted, 0)
        self.taken = len(world.asserted.formulas)
        self.model: z3.ModelRef | None = None
        self.named: dict[tuple[int, bool], tuple[z3.BoolRef, z3.BoolRef]] = {}

    def ask(self, question: Truth, budget: TimeLimit) -> z3.CheckSatResult:
        """Return whether something can hold."""
        self.model = None
        if question is False:
            return z3.unsat
        if not self.is_ready(budget):
            return z3.unknown
        self.solver.push()
        if question is not True:
            self.solver.add(question)
        answer = self.solver.check()
        self.model = self.solver.model() if answer == z3.sat else None
        self.solver.pop()
        return answer

    def ask_jointly(self, question: Jointly, budget: TimeLimit) -> z3.CheckSatResult:
        """Return whether something can hold; what was learned of its parts serves all that is asked of them later."""
        self.model = None
        if any(t is False for t in question.holds) or any(t is True for t in question.fails):
            return z3.unsat
        if not self.is_ready(budget):
            return z3.unknown
        names = [self.name(truth, holds=True) for truth in question.holds if truth is not True]
        names += [self.name(truth, holds=False) for truth in question.fails if truth is not False]
        answer = self.check(names)
        self.model = self.solver.model() if answer == z3.sat else None
        return answer

    def check(self, names: Sequence[z3.BoolRef]) -> z3.CheckSatResult:
        """Return as `Solver.check` for assumptions; that takes each apart again, which is dearer than the answer."""
        assumed = (z3.Ast * len(names))(*[name.ast for name in names])
        context = self.solver.ctx.ref()
        return z3.CheckSatResult(z3.Z3_solver_check_assumptions(context, self.solver.solver, len(names), assumed))

    def name(self, truth: z3.BoolRef, *, holds: bool) -> z3.BoolRef:
        """Return the name of a truth, or of its opposite: where the name is assumed, it holds."""
        key = id(truth), holds
        if key not in self.named:
            name = z3.FreshBool("asked")
            self.named[key] = truth, name
            self.solver.add(z3.Implies(name, truth if holds else z3.Not(truth)))
        return self.named[key][1]

    def is_ready(self, budget: TimeLimit) -> bool:
        """Tell the solver all that is known by now, and return whether there is time to ask it."""
        fresh = self.world.asserted.formulas[self.taken :]
        logic.assume(self.solver, fresh)
        self.taken += len(fresh)
        budget.set_on(self.solver)
        return budget.milliseconds > 0

    def model_of(self, what: Callable[[Judged], Sequence[Truth]]) -> list[bool]:
        """Return which truths about the event judged hold in the last model."""
        assert self.model is not None
        assert self.judged is not None
        return [*map(Model(self.model).truth, what(self.judged))]

    def leads(self, question: Truth, scenes: Sequence[Scene], length: int, budget: TimeLimit) -> Iterator[Lead]:
        """Return leads to deals of one length in which a truth holds, the likeliest first."""
        budget = msgspec.structs.replace(budget, steps=STEPS_A_LEAD)
        state = self.world.state
        left = no(logic.either(state.left_open, state.left_closed))
        asking = both(question, equal(self.length(), length))
        for _ in range(HISTORIES):
            plain = both(left, *map(no, self.own_limits()))
            for wish in (both(plain, equal(state.missing, 0)), both(left, equal(state.missing, 0)), left, True):
                if self.ask(both(asking, wish), budget) == z3.sat:
                    break
            if self.model is None:
                return
            chosen = Model(self.model)
            history = self.history(chosen)
            yield from (Lead(scene, history, opening) for opening in self.openings(chosen) for scene in scenes)
            asking = both(asking, no(self.has(history)))

    def own_limits(self) -> list[Truth]:
        """Return, for each limit that a deal may leave to the policy, the truth that the deal brings it."""
        return [own for name, own in self.world.brings.items() if not self._is_required(name)]

    def openings(self, chosen: Model) -> list[DealOpening]:
        """Return openings that fit the solver's last model."""
        world = self.world
        guess, without, day = self.stated(chosen)
        fixed = world.kin.fixed if world.kin else world.policy.fixed
        brings = [n for n, own in world.brings.items() if chosen.truth(own) and not self._is_required(n)]
        return openings(world.policy, guess, without, brings, day, fixed)

    def length(self) -> Number:
        """Return the number of events before the one judged."""
        return total((*self.counted(), *self.world.state.signals.values()))

    def counted(self) -> tuple[Number, Number, Number, Number]:
        """Return the numbers of our offers, of theirs, and of our and their rejections said outright.

        Of a close nobody counts; an acceptance of theirs that is judged has been counted, and is not one before it.
        """
        state = self.world.state
        ours, theirs = state.ours, state.theirs
        is_counted = self.case is not None and self.case.heard is On.THEIR_ACCEPTANCE
        before = less(theirs.offers, 1) if is_counted else theirs.offers
        said = total((ours.offers, state.uncleared))
        outright = (less(ours.rejections, said), less(theirs.rejections, before))
        return said, before, no_less_than_0(outright[0]), no_less_than_0(outright[1])

    def history(self, chosen: Model) -> EarlierEvents:
        """Return the history in the solver's last model."""
        signals = {k: n for k, v in self.world.state.signals.items() if (n := chosen.number(v))}
        ours, theirs, our_rejections, their_rejections = (chosen.number(n) for n in self.counted())
        return EarlierEvents(ours, theirs, our_rejections, their_rejections, signals)

    def has(self, history: EarlierEvents) -> Truth:
        """Return the truth that the history is this one."""
        numbers = (history.ours, history.theirs, history.our_rejections, history.their_rejections)
        signals = (equal(v, history.signals.get(k, 0)) for k, v in self.world.state.signals.items())
        return both(*(equal(n, m) for n, m in zip(self.counted(), numbers, strict=True)), *signals)

    def stated(self, chosen: Model) -> tuple[dict[str, Value], list[str], int]:
        """Return the deal facts in the last model, the required facts unknown in it, and its opening day."""
        world, guess, without = self.world, {}, []
        for name, fact in world.known.items():
            entry, group = world.policy.catalog.get(name), name.partition(".")[0]
            if entry is None or group not in ("deal", "walk"):
                continue
            is_known = chosen.truth(fact.known)
            if world.kin is not None and group == "walk" and self._is_required(name):
                is_known = chosen.truth(world.brings[name])
            if not is_known and self._is_required(name):
                without.append(name)
            if fact.known is False:
                continue
            if is_known and group == "deal":
                value = world.codes.value(chosen.number(fact.value), entry.unit)
                guess[name] = int(value) if entry.unit.kind is Kind.YES_NO else value
        return guess, without, chosen.number(world.day)

    def _is_required(self, name: str) -> bool:
        group, _, rest = name.partition(".")
        policy, kin = self.world.policy, self.world.kin
        if group != "deal" and kin is not None:
            return group == "walk" and rest in kin.per_deal
        if group in ("want", "wish"):
            return False
        if group == "deal":
            return not policy.deal[rest].optional and policy.deal[rest].default is None
        return policy.issues.get(rest, policy.package).per_deal


class Question(msgspec.Struct, frozen=True):
    """What would refute a claim.

    Attributes:
        parts: Truths one of which must hold where it does, and which are easier to refute one by one; empty for none.
    """

    asked: AnyEvent
    truth: Truth
    parts: tuple[Truth, ...] = ()

    def ask(self, budget: TimeLimit) -> z3.CheckSatResult:
        """Return whether it can hold."""
        if self.parts and all(self.asked.ask(part, budget) == z3.unsat for part in self.parts):
            return z3.unsat
        return self.asked.ask(self.truth, budget)


class JointQuestion(msgspec.Struct, frozen=True):
    """What would refute a claim, in parts of which others are asked too."""

    asked: AnyEvent
    what: Jointly

    @property
    def truth(self) -> Truth:
        """Return it as one truth."""
        return self.what.truth

    def ask(self, budget: TimeLimit) -> z3.CheckSatResult:
        """Return whether it can hold."""
        return self.asked.ask_jointly(self.what, budget)


class Doubt(msgspec.Struct, frozen=True):
    """Where a claim may fail: a kind of event, and the question that the solver found an answer to."""

    case: Case
    about: Question | JointQuestion

    @property
    def on(self) -> On:
        """Return what the event is called."""
        return self.case.on

    @property
    def asked(self) -> AnyEvent:
        """Return the event, in deals of one preparation."""
        return self.about.asked

    @property
    def question(self) -> Truth:
        """Return what was asked as one truth."""
        return self.about.truth


Questions = Callable[[Case, Preparation], Iterable[Question | JointQuestion]]
"""Kind of event and preparation → the questions of which any could refute the claim."""


class Inquiry:
    """All questions about one policy; worlds and solvers that several need are made once."""

    def __init__(self, policy: Policy) -> None:
        self.policy, self.program = policy, compile_policy(policy)
        self.engine = Engine(policy)
        self.asked: dict[tuple[Case, Preparation, bool], AnyEvent] = {}

    def world(self, preparation: Preparation, *, precise: bool = False, selected: Value | None = None) -> AnyDeal:
        """Return all deals of a preparation; with one value of the selector in what is judged, or with any."""
        return AnyDeal(self.program, preparation, precise=precise, selected=selected)

    def cases(self) -> tuple[Value | None, ...]:
        """Return the values of the selector, which are looked at one by one; one that stands for any without one."""
        selector = self.policy.selector
        return self.policy.issues[selector].finite if selector else (None,)

    def asking(self, case: Case, preparation: Preparation, *, precise: bool = False) -> AnyEvent:
        """Return any event of a kind in all deals of a preparation, and its solver."""
        key = (case, preparation, precise)
        if key not in self.asked:
            world = self.world(preparation, precise=precise)
            self.asked[key] = AnyEvent(world, world.judge(world.act(case)))
        return self.asked[key]

    def can_happen(self, ons: Iterable[On], budget: TimeLimit) -> bool:
        """Return whether there is an event of some kind: a proof about nothing is none."""
        if not budget.milliseconds:
            return True
        places = ((case, p) for case in cases_of(ons) for p in preparations(case))
        return any(self.asking(*place).ask(True, budget) != z3.unsat for place in places)

    def about(self, violation: Callable[[Judged], Truth]) -> Questions:
        """Return the questions whether *what* can hold of one event."""

        def question(case: Case, preparation: Preparation) -> list[Question]:
            asked = self.asking(case, preparation)
            assert asked.judged is not None
            return [Question(asked, violation(asked.judged))]

        return question

    def jointly(self, violation: Callable[[Judged], Jointly]) -> Questions:
        """Return as `about`, where much is asked of the same parts."""

        def question(case: Case, preparation: Preparation) -> list[JointQuestion]:
            asked = self.asking(case, preparation)
            assert asked.judged is not None
            return [JointQuestion(asked, violation(asked.judged))]

        return question

    def doubts(
        self, ons: Iterable[On], questions: Questions, budget: TimeLimit, *, one_is_enough: bool = False
    ) -> tuple[list[Doubt], list[On]]:
        """Return where the claim may fail, and where the solver answered `unknown` or there was no time to ask it."""
        doubts: list[Doubt] = []
        unknown: list[On] = []
        for case in cases_of(ons):
            for question in _in_time((q for p in preparations(case) for q in questions(case, p)), budget):
                if question is None:
                    unknown.append(case.on)
                    continue
                answer = question.ask(budget)
                if answer == z3.sat:
                    doubts.append(Doubt(case, question))
                    if one_is_enough:
                        return doubts, unknown
                elif answer != z3.unsat:
                    unknown.append(case.on)
        return doubts, unknown

    def show(
        self,
        doubts: Sequence[Doubt],
        scenes: Callable[[Case], Sequence[Scene]],
        budget: TimeLimit,
        deals: int = 1,
        longest: int = LONGEST,
        most: int | None = None,
    ) -> tuple[Counterexample, ...] | None:
        """Return the shortest counterexample found, as the engine decides it; empty where none was found.

        Args:
            most: Leads at most that are tried; none for as many as there are.
        """
        leads = (
            lead
            for length in range(longest + 1)
            for doubt in doubts
            for lead in doubt.asked.leads(doubt.question, scenes(doubt.case), length, budget)
        )
        return find(islice(leads, most), [self.engine] * deals, budget)


def _in_time(
    questions: Iterator[Question | JointQuestion], budget: TimeLimit
) -> Iterator[Question | JointQuestion | None]:
    """Yield questions while there is time to make them, which takes much of it; then none, if it may lack one."""
    while budget.milliseconds:
        question = next(questions, None)
        if question is None:
            return
        yield question
    yield None


def event_query(program: Program, case: Case, violation: Callable[[Judged], Truth]) -> Scene:
    """Return the query for one event of a kind of which *what* holds."""
    return lambda opening: EventQuery(program, opening, case, violation)
