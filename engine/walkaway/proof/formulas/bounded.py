"""Bounded model checking: deals of so many events, each chosen by the solver, and the last of them judged.

The opening facts that worths and limits rest on are known, so everything is linear and exact. What the solver finds is
written as the events of a real deal; whether the engine agrees is tried before anybody sees it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from walkaway.decide.compiler import Program
from walkaway.events import BARGAINING, OURS, OUTCOMES, On, Verdict
from walkaway.policy.model import Enforcement, Pattern, Rule
from walkaway.proof.formulas import ledger, logic
from walkaway.proof.formulas.any_deal import Judged
from walkaway.proof.formulas.common import Kin, Shared
from walkaway.proof.formulas.constraints import in_range
from walkaway.proof.formulas.encode import Codes, Lifted, Reader, Source, Sym, rule
from walkaway.proof.formulas.facts import Act, Facts, Half, State, Values, worths_of
from walkaway.proof.formulas.history import STEPS, History, Opening
from walkaway.proof.formulas.ledger import Moment, Step
from walkaway.proof.formulas.logic import (
    Number,
    Truth,
    above,
    at_least,
    both,
    choose,
    either,
    equal,
    implies,
    no,
    some,
    total,
)
from walkaway.proof.formulas.opening import Chosen, begin, least_stated
from walkaway.proof.formulas.worths import Asserted, Fixed

Written = dict[str, Any]
"""One event, as its JSON line has it."""

LONGEST = 400 * 86_400
"""Seconds at most between two events."""


class Unrolled:
    """The transition system of one policy from one known opening: its state, and the step that an event makes."""

    def __init__(
        self,
        program: Program,
        opening: Opening,
        asserted: Asserted | None = None,
        shared: Shared | None = None,
        codes: Codes | None = None,
        kin: Kin | None = None,
    ) -> None:
        self.program, self.policy, self.opening, self.kin = program, program.policy, opening, kin
        self.asserted = asserted or Asserted(precise=True)
        self.codes = codes or Codes()
        self.shared = shared or Shared()
        self.steps: list[Step] = []
        self.leaving = {on: _leaving(program.rules[on]) for on in On}
        begun = begin(self.policy, opening, kin, Chosen(self.asserted, self.shared, self.codes))
        self.missing, self.brought, self.known = begun.missing, begun.brought, begun.known
        self.scales = Fixed(self.policy, begun.valuation, begun.start, self.asserted)
        start = {i: self.codes.code(v, self.policy.issues[i].unit) for i, v in begun.start.items()}
        self.moment = self._opened(start)

    def _opened(self, start: Values) -> Moment:
        worths = worths_of(self.scales, start)
        half = Half(standing=start, worths=worths)
        policy = self.policy
        state = State(
            scales=self.scales,
            known=self.known,
            ours=half,
            theirs=half,
            start=start,
            start_worths=worths,
            signals=dict.fromkeys(policy.signals, 0),
            matches={p.name: 0 for p in policy.patterns},
            missing=len(self.missing),
            agreed={i: Sym(False, 0) for i in start},
        )
        nothing = dict.fromkeys(policy.issues, False)
        stated = {"ours": nothing, "theirs": nothing}
        return Moment(state, stated, 0, False, {p.name: () for p in policy.patterns}, 0)

    # Steps

    def follow(self, history: History) -> None:
        """Assert the events of a history, in any order."""
        sorts = {ons: n for ons, n in history.sorts().items() if n}
        kinds = tuple(on for on in STEPS if any(on in ons for ons in sorts))
        for _ in range(history.length):
            self.step(kinds)
        for ons, number in sorts.items():
            codes = [STEPS.index(on) for on in ons]
            happened = (some(equal(step.kind, c) for c in codes) for step in self.steps)
            self.asserted.add(equal(logic.count(happened), number))
        for kind, number in history.signals.items():
            self.asserted.add(equal(self.moment.state.signals[kind], number))

    def step(self, kinds: Sequence[On] = STEPS) -> None:
        """Add one step: an event of some kind."""
        place, shared, policy = len(self.steps), self.shared, self.policy
        kind, pause = shared.number(f"kind.{place}"), shared.number(f"pause.{place}")
        offered = self.terms(f"terms.{place}")
        confirmed = {k: shared.flag(f"signal.{place}.{k}") for k in policy.signals}
        now = total((self.moment.now, pause))
        self.asserted.add(both(at_least(pause, 0), at_least(LONGEST, pause)))
        self.asserted.add(some(equal(kind, STEPS.index(on)) for on in kinds))
        acts = {on: self._act(on, offered, now) for on in kinds}
        if On.SIGNAL in acts:
            acts[On.SIGNAL] = Act(on=On.SIGNAL, confirmed=confirmed, now=now)
        changed = {
            side: {i: no(equal(v, half.standing[i])) for i, v in offered.items()}
            for side, half in (("ours", self.moment.state.ours), ("theirs", self.moment.state.theirs))
        }
        after = []
        for on in kinds:
            is_kind = equal(kind, STEPS.index(on))
            self.asserted.add(implies(is_kind, self.allowed(on, confirmed)))
            after.append((is_kind, self._after(acts[on], changed)))
        self.moment = ledger.merged(after)
        self.steps.append(Step(kind, offered, changed, confirmed, now))

    def terms(self, name: str) -> Values:
        """Return terms that are free to be chosen."""
        spoken = self.policy.issues if self.kin is None else self.kin.issues
        found = {i: self.shared.number(f"{name}.{i}") for i in self.policy.issues if i in spoken}
        for issue, value in found.items():
            unit = self.policy.issues[issue].unit
            self.asserted.add(in_range(value, unit))
            self.asserted.add(at_least(value, least_stated(issue, unit)) if unit.is_numeric else True)
        return {i: found.get(i, self.scales.start[i]) for i in self.policy.issues}

    def allowed(self, on: On, confirmed: Mapping[str, Truth]) -> Truth:
        """Return the truth that an event of a kind may come next (the guard of the step)."""
        state = self.moment.state
        match on:
            case On.OUR_ACCEPTANCE | On.OUR_REJECTION:
                return above(state.theirs.offers, 0)
            case On.THEIR_ACCEPTANCE | On.THEIR_REJECTION:
                return above(state.ours.offers, 0)
            case On.SIGNAL:
                common = [c for k, c in confirmed.items() if self.kin is None or k in self.kin.signals]
                others = [c for k, c in confirmed.items() if self.kin is not None and k not in self.kin.signals]
                return both(equal(logic.count(common), 1), no(some(others))) if common else False
            case On.APPROVAL:
                return bool(self.policy.roles)
            case _:
                return True

    def _act(self, on: On, offered: Values, now: Number) -> Act:
        state = self.moment.state
        if on not in BARGAINING:
            return Act(on=on, now=now)
        terms = offered
        if on is On.OUR_ACCEPTANCE:
            terms = state.theirs.standing
        elif on is On.THEIR_ACCEPTANCE:
            terms = state.ours.standing
        worths = worths_of(self.scales, terms)
        return Act(on=on, terms=terms, worths=worths, again=self._again(on, terms, worths), now=now)

    def _again(self, on: On, terms: Values, worths: Values) -> Mapping[str, Number]:
        found = {}
        for pattern in self.policy.patterns:
            if pattern.second.on is on:
                earlier = self.moment.first[pattern.name]
                found[pattern.name] = logic.count(
                    both(is_leg, self._joins(pattern, (values, worth), (terms, worths)))
                    for is_leg, values, worth in earlier
                    if is_leg is not False
                )
        return found

    def _joins(self, pattern: Pattern, first: tuple[Values, Values], second: tuple[Values, Values]) -> Truth:
        legs = {}
        for leg, (terms, worths) in ((pattern.first, first), (pattern.second, second)):
            for read in leg.reads:
                worth = read == "worth"
                value = self.scales.rounded(total((self.scales.base(), *worths.values()))) if worth else terms[read]
                legs[f"{leg.name}.{read}"] = Sym(True, value)
        return self.reader(_Mapped(legs)).holds(pattern.condition)

    def reader(self, facts: Source) -> Reader:
        """Return a reader over facts."""
        return Reader(facts, self.asserted, self.codes)

    def _after(self, act: Act, changed: Mapping[str, Mapping[str, Truth]]) -> Moment:
        """Return the state after an event; where the answer is to walk, we have left."""
        moment, facts = self.moment, Facts(self.policy, self.moment.state, act)
        state, stated, moved, first = moment.state, moment.stated, moment.moved, moment.first
        if act.on in BARGAINING:
            side, other = ("ours", "theirs") if act.on in OURS else ("theirs", "ours")
            maker, conceded = ledger.moved(facts, getattr(state, side), stated[side], self.policy)
            answered = ledger.answered(getattr(state, other), conceded)
            matches = {n: total((m, act.again.get(n, 0))) for n, m in state.matches.items()}
            halves = {side: maker, other: answered}
            state = msgspec.structs.replace(state, matches=matches, **halves)
            accepts = act.on in (On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE)
            stated = {
                **stated,
                side: {i: ledger.is_named(i, accepts, changed[side], was) for i, was in stated[side].items()},
            }
            if accepts:
                state = msgspec.structs.replace(state, agreed={i: Sym(True, w) for i, w in act.worths.items()})
            if side == "theirs":
                moved = either(moved, conceded, facts.is_first)
            first = {
                p.name: (*first[p.name], (p.first.on is act.on, act.terms, act.worths)) for p in self.policy.patterns
            }
        elif act.on is On.SIGNAL:
            signals = {k: total((n, choose(act.confirmed[k], 1, 0))) for k, n in state.signals.items()}
            state = msgspec.structs.replace(state, signals=signals)
        elif act.on in (On.OUR_REJECTION, On.THEIR_REJECTION):
            side, other = ("ours", "theirs") if act.on is On.OUR_REJECTION else ("theirs", "ours")
            half = getattr(state, side)
            state = msgspec.structs.replace(
                state,
                **{
                    side: msgspec.structs.replace(half, rejections=total((half.rejections, 1))),
                    other: msgspec.structs.replace(getattr(state, other), in_a_row=0),
                },
            )
        if act.on not in BARGAINING:
            first = {n: (*legs, (False, act.terms, act.worths)) for n, legs in first.items()}
        left = moment.left
        if self.leaving[act.on]:
            ruled, _ = rule(self.leaving[act.on], facts, self.reader, Lifted(), equal(left, 2))
            walks = both(ruled.reaches[Verdict.WALK.rank], no(equal(left, 2)))
            begins = both(walks, either(equal(left, 0), moved))
            state = msgspec.structs.replace(state, left_at=choose(begins, act.now, state.left_at))
            left = choose(walks, choose(ruled.closed, 2, 1), left)
            moved = both(moved, no(walks))
        state = msgspec.structs.replace(state, left_open=both(equal(left, 1), no(moved)), left_closed=equal(left, 2))
        return Moment(state, stated, left, moved, first, act.now)

    # The event judged

    def judge(self, on: On, name: str = "judged") -> Judged:
        """Return the ruling on an event of a kind that comes next."""
        shared, policy = self.shared, self.policy
        pause = shared.number("pause.judged")
        self.asserted.add(both(at_least(pause, 0), at_least(LONGEST, pause)))
        act = self._act(on, self.terms(name) if on in BARGAINING else {}, total((self.moment.now, pause)))
        if on is On.SIGNAL:
            confirmed = {k: shared.flag(f"signal.{name}.{k}") for k in policy.signals}
            act = msgspec.structs.replace(act, confirmed=confirmed)
        if on is On.CLOSE:
            outcome = shared.number(f"outcome.{name}")
            self.asserted.add(both(at_least(outcome, 0), above(len(OUTCOMES), outcome)))
            act = msgspec.structs.replace(act, outcome=Sym(True, outcome))
        requires = both(self.allowed(on, act.confirmed), equal(pause, 0) if on is On.OPEN else True)
        if on in BARGAINING and policy.roles:
            lifted, undisturbed = self._lifted()
            act, requires = msgspec.structs.replace(act, lifted=lifted), both(requires, undisturbed)
        facts = Facts(policy, self.moment.state, act)
        rules = self.program.rules[on]
        ruled, reader = rule(rules, facts, self.reader, act.lifted, self.moment.state.left_closed)
        return Judged(act, facts, ruled, reader, requires)

    def _lifted(self) -> tuple[Lifted, Truth]:
        """Return what one optional approval of exactly these terms lifts; nobody walks at the approval itself."""
        rank = self.shared.number("approval")
        ranks = {role: place for place, role in enumerate(self.policy.roles)}
        self.asserted.add(both(at_least(rank, -1), above(len(ranks), rank)))
        approved = {role: at_least(rank, place) for role, place in ranks.items()}
        waived = {
            r.id: both(approved[r.by], self.shared.flag(f"waived.{r.id}"))
            for r in self.policy.rules
            if r.enforcement is Enforcement.OVERRIDABLE and (self.kin is None or r.id in self.kin.waivable)
        }
        if self.kin is not None and not self.kin.roles:
            self.asserted.add(equal(rank, -1))
        undisturbed: Truth = True
        if self.leaving[On.APPROVAL]:
            facts = Facts(self.policy, self.moment.state, Act(on=On.APPROVAL, now=self.moment.now))
            ruled, _ = rule(self.leaving[On.APPROVAL], facts, self.reader, Lifted())
            undisturbed = either(equal(rank, -1), no(ruled.reaches[Verdict.WALK.rank]))
        return Lifted(approved, waived), undisturbed


class _Mapped:
    def __init__(self, facts: Mapping[str, Sym]) -> None:
        self.facts = facts

    def get(self, name: str) -> Sym:
        return self.facts[name]


def _leaving(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules that decide to walk, and those whose conclusions they may read."""
    walking = [r for r in rules if r.decides and r.effect.verdict is Verdict.WALK]
    return tuple(r for r in rules if r in walking or r.effect.concludes) if walking else ()
