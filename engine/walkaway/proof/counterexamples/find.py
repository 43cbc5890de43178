"""Search counterexamples by bounded model checking: ever longer deals, simplest values first, each tried in the engine.

What is returned has been decided by the engine. What is not found may still exist.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Protocol

import msgspec
import z3

from walkaway.deal.valuation import OutOfRange
from walkaway.decide.compiler import Program
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.language.values import DURATIONS, Kind, Unit, Value
from walkaway.policy.model import LINES, DealFact, Policy
from walkaway.proof.counterexamples.write import Model, lines
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.bounded import BoundedModel
from walkaway.proof.formulas.concrete import replay
from walkaway.proof.formulas.facts import Case
from walkaway.proof.formulas.history import DealOpening, EarlierEvents
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.line_items import usual_lines
from walkaway.proof.formulas.logic import Truth, equal, no


class TimeLimit(msgspec.Struct, frozen=True):
    """A time limit, and for a search of what may not exist one that is the same on any machine.

    Attributes:
        clock: Gives seconds that pass; the engine has no clock of its own.
        until: The clock's reading at which to stop.
        steps: The solver's steps for one answer at most; 0 for as many as there is time for.
    """

    clock: Callable[[], float]
    until: float
    steps: int = 0

    @property
    def milliseconds(self) -> int:
        """Return the milliseconds that remain, 0 or more."""
        return max(0, int((self.until - self.clock()) * 1000))

    def set_on(self, solver: z3.Solver, most: int = 0) -> None:
        """Let a solver's next answers take no longer, and *most* steps where that is less."""
        solver.set("timeout", max(1, self.milliseconds))
        solver.set("rlimit", min((n for n in (self.steps, most) if n), default=0))


class Counterexample(msgspec.Struct, frozen=True):
    """A deal's events as JSON lines, the last of them the one in question, with the engine's answer to that one."""

    lines: tuple[bytes, ...]
    decision: Decision


class DealToWrite(msgspec.Struct, frozen=True):
    """One deal to write out: its last event, and the event whose terms an approval in it names."""

    unrolled: BoundedModel
    judged: Judged
    approved: Judged | None = None


class Query(Protocol):
    """A counterexample query under one known opening."""

    def follow(self, history: EarlierEvents) -> None:
        """Assert a history before the event judged."""

    def goal(self) -> tuple[Truth, Sequence[DealToWrite]]:
        """Return the truth to satisfy, and the deals to write from a model of it."""

    def holds(self, found: Sequence[Judged]) -> Truth:
        """Return whether the engine's decisions, deal by deal, confirm it."""


Scene = Callable[[DealOpening], Query]


class Lead(msgspec.Struct, frozen=True):
    """Where to search: a history, and an opening."""

    scene: Scene
    history: EarlierEvents
    opening: DealOpening


def find(leads: Iterable[Lead], engines: Sequence[Engine], budget: TimeLimit) -> tuple[Counterexample, ...] | None:
    """Return the first deals found that satisfy a query, as the engine decides them.

    Args:
        leads: The most promising first.
        engines: One for each deal that the query writes.
    """
    for lead in leads:
        if not budget.milliseconds:
            return None
        try:
            plot = lead.scene(lead.opening)
            plot.follow(lead.history)
        except OutOfRange:
            continue
        found = _solve(plot, engines, budget)
        if found is not None:
            return found
    return None


TRIES = 3
"""Models of one lead that are tried in the engine at most."""
STEPS_A_LEAD = 15_000_000
"""Steps of the solver for one lead at most, some four seconds."""
_STEPS_A_WISH = 5_000_000


def _solve(plot: Query, engines: Sequence[Engine], budget: TimeLimit) -> tuple[Counterexample, ...] | None:
    goal, takes = plot.goal()
    if goal is False:
        return None
    unrolled = takes[0].unrolled
    multiplies = bool(unrolled.policy.derived)
    solver = z3.Solver() if multiplies else z3.SolverFor("QF_LIRA")
    budget.set_on(solver, STEPS_A_LEAD)
    logic.assume(solver, unrolled.asserted.formulas)
    if goal is not True:
        solver.add(goal)
    for _ in range(TRIES):
        if solver.check() != z3.sat:
            return None
        chosen = Model(_simplest(solver, takes, budget))
        found = []
        for take, engine in zip(takes, engines, strict=True):
            written = lines(take.unrolled, take.judged, chosen, take.approved)
            decided = replay(engine, written)
            if decided is None:
                break
            found.append((decided[0], Counterexample(tuple(written), decided[1])))
        if len(found) == len(takes) and plot.holds([j for j, _ in found]) is True:
            return tuple(w for _, w in found)
        solver.add(_another(chosen, unrolled))
    return None


def _another(chosen: Model, unrolled: BoundedModel) -> Truth:
    """Return the truth that some choice differs from the last model."""
    numbers = [n for n in unrolled.shared.made.values() if z3.is_int(n)]
    return logic.some(no(equal(n, chosen.number(n))) for n in numbers)


def _simplest(solver: z3.Solver, takes: Sequence[DealToWrite], budget: TimeLimit) -> z3.ModelRef:
    """Return a model that satisfies as many wishes as possible, earlier ones first."""
    model = solver.model()
    solver.push()
    budget.set_on(solver, _STEPS_A_WISH)
    for wishes in _wishes(takes):
        model = _fulfil(solver, [w for w in wishes if w is not True and w is not False], model)
    solver.pop()
    budget.set_on(solver, STEPS_A_LEAD)
    return model


def _fulfil(solver: z3.Solver, wishes: list[Truth], model: z3.ModelRef) -> z3.ModelRef:
    """Assert the wishes that can be satisfied: all at once, or else by bisection."""
    wishes = [w for w in wishes if not z3.is_true(model.eval(w, model_completion=True))] if len(wishes) == 1 else wishes
    if not wishes:
        return model
    solver.push()
    solver.add(wishes)
    if solver.check() == z3.sat:
        found = solver.model()
        solver.pop()
        solver.add(wishes)
        return found
    solver.pop()
    if len(wishes) == 1:
        return model
    half = len(wishes) // 2
    return _fulfil(solver, wishes[half:], _fulfil(solver, wishes[:half], model))


def _wishes(takes: Sequence[DealToWrite]) -> Iterator[list[Truth]]:
    """Return the wishes that make a deal simple: nothing stated that need not be, then round numbers."""
    made = takes[0].unrolled.shared.made
    policy = takes[0].unrolled.policy
    yield [equal(n, -1) for name, n in made.items() if name == "approval"]
    yield [no(t) for name, t in made.items() if name.startswith(("known.", "waived.", "stated."))]
    for take in takes:
        yield [no(n) for n in take.judged.act.stating.values()]
        for step in take.unrolled.steps:
            yield [no(n) for n in step.names.values()]
    whole = ((name, n) for name, n in made.items() if z3.is_int(n))
    every = [(n, unit) for name, n in whole if (unit := _unit(policy, name)) is not None]
    yield [logic.both(n >= _MONDAY, n <= _MONDAY + 400) for n, unit in every if unit.kind is Kind.DAY]
    numbers = [(n, unit) for n, unit in every if unit.is_numeric and unit.kind is not Kind.DAY]
    for grain in range(4):
        yield [n % _grain(unit, grain) == 0 for n, unit in numbers]
    for size in range(3):
        yield [logic.both(n >= 0, n <= _grain(unit, 0) * 10 ** (2 - size)) for n, unit in numbers]
    yield [equal(n, 3_600) for name, n in made.items() if name.startswith("pause.")]


def _unit(policy: Policy, name: str) -> Unit | None:
    """Return the unit of a free number by its name."""
    group, _, rest = name.partition(".")
    issue = rest.rpartition(".")[2]
    if name in policy.catalog:
        return policy.catalog[name].unit
    return policy.issues[issue].unit if issue in policy.issues and group not in ("kind", "pause", "signal") else None


def _grain(unit: Unit, grain: int) -> int:
    """Return the steps in which people state a quantity, the coarsest first."""
    match unit.kind:
        case Kind.PERCENT:
            return (100_000, 50_000, 10_000, 1_000)[grain]
        case Kind.MONEY:
            return unit.scale * (10_000, 1_000, 100, 1)[grain]
        case Kind.MONTHS:
            return (12, 6, 3, 1)[grain]
        case Kind.DURATION:
            return (DURATIONS["day"], DURATIONS["hour"], 600, 60)[grain]
        case _:
            return (10 * unit.scale, 5 * unit.scale, unit.scale, max(1, unit.scale // 10))[grain]


def openings(
    policy: Policy,
    guess: Mapping[str, Value],
    without: Sequence[str],
    brings: Sequence[str],
    day: int,
    fixed: frozenset[str],
) -> list[DealOpening]:
    """Return some ways for a deal to open: as a solver's model has it, with usual values in place of odd ones.

    Args:
        guess: The values of stated facts in the model, by name.
        without: The required facts and walk values that are unknown in it.
        brings: The limits of its own that the deal brings in it.
        day: The day in it.
        fixed: The deal facts that worths and limits rest on.
    """
    first, last = policy.effective
    calendar, monday = policy.calendar, _MONDAY
    if calendar is not None and calendar.instant_on(monday) is None:
        monday = calendar.facts["day"][0]
    usual_day = next((d for d in (first, monday) if d is not None and (last is None or d <= last)), day)
    names = [n for n in policy.deal if f"deal.{n}" in fixed and f"deal.{n}" not in without]
    usual = {n: _usual_value(policy.deal[n]) for n in names}
    guessed = usual | {n: guess[f"deal.{n}"] for n in names if f"deal.{n}" in guess}
    if policy.lines is not None and LINES in usual:
        usual[LINES] = guessed[LINES] = usual_lines(policy)
    numeric = {n: v for n, v in usual.items() if policy.deal[n].unit.is_numeric}
    found: dict[str, DealOpening] = {}
    for on, facts in product((usual_day, day), (guessed | numeric, guessed)):
        opening = DealOpening(on, facts, tuple(without), tuple(brings))
        found.setdefault(repr(opening), opening)
    return list(found.values())


_MONDAY = 20_731
"""5 October 2026."""


def _usual_value(fact: DealFact) -> Value:
    """Return a value that deals state of a fact: the most usual one, or the bound of its that is nearest to it."""
    found = _usual(fact.unit)[0]
    if isinstance(found, int):
        found = found if fact.least is None else max(found, fact.least)
        found = found if fact.most is None else min(found, fact.most)
    return found


def _usual(unit: Unit) -> tuple[Value, ...]:
    """Return values that deals state, the most usual first."""
    match unit.kind:
        case Kind.CHOICE:
            return unit.choices
        case Kind.YES_NO:
            return (1, 0)
        case Kind.TEXT:
            return ("any",)
        case Kind.MONEY:
            return tuple(unit.scale * n for n in (100_000, 1_000, 10_000_000))
        case Kind.PERCENT:
            return tuple(unit.scale * n for n in (10, 1, 50))
        case Kind.MONTHS:
            return (12, 36)
        case Kind.DURATION:
            return (DURATIONS["day"], DURATIONS["hour"])
        case Kind.DAY:
            return (_MONDAY, _MONDAY + 90)
        case _:
            return tuple(unit.scale * n for n in (1, 10, 100))


class EventQuery:
    """Single-event counterexample query: an event of one kind, and what must hold of it."""

    def __init__(
        self, program: Program, opening: DealOpening, case: Case, violation: Callable[[Judged], Truth]
    ) -> None:
        self.unrolled = BoundedModel(program, opening)
        self.case, self.violation = case, violation

    def follow(self, history: EarlierEvents) -> None:
        """Assert a history before the event judged."""
        self.unrolled.follow(history)

    def goal(self) -> tuple[Truth, Sequence[DealToWrite]]:
        """Return the truth to satisfy, and the deal to write."""
        judged = self.unrolled.judge(self.case)
        return logic.both(judged.requires, self.violation(judged)), [DealToWrite(self.unrolled, judged)]

    def holds(self, found: Sequence[Judged]) -> Truth:
        """Return whether the decided event confirms it."""
        return logic.both(found[0].act.case.heard == self.case.heard, self.violation(found[0]))
